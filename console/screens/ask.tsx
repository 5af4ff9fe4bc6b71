/**
 * A question, the answer as it is written, and its citations to walk through, each with its passage and neighbours.
 */
import { Box } from 'ink';
import wrapAnsi from 'wrap-ansi';
import { Line, type Span } from '../components/line.tsx';
import { FRAME, Panel } from '../components/panel.tsx';
import { QUESTION_ROWS, QuestionPanel } from '../components/question-panel.tsx';
import { type AskRun, type AskState, scrolled, walked } from '../state/ask.ts';
import { windowOf } from '../state/list.ts';
import { duration, placeOf, plain } from '../words.ts';
import { Passage } from './ask-passage.tsx';
import { PromptPanel } from './ask-prompt.tsx';
import { Trace } from './ask-trace.tsx';
import type { ScreenProps } from './builds.tsx';

export function Ask({ state, width, height }: ScreenProps) {
  const { ask } = state;
  const rest = height - QUESTION_ROWS;
  const wide = width >= 110;
  const left = wide ? Math.ceil(width * 0.55) : width;
  const answered = wide ? rest : Math.ceil(rest * 0.6);
  return (
    <Box flexDirection="column">
      <QuestionPanel
        title="Ask"
        note={`by ${plain(ask.method)}`}
        field={ask.question}
        focused={ask.typing}
        empty="a question for the live build"
        width={width}
      />
      {ask.pane === 'trace' ? (
        <Trace ask={ask} width={width} height={rest} />
      ) : ask.pane === 'prompt' ? (
        <PromptPanel ask={ask} width={width} height={rest} />
      ) : (
        <Box flexDirection={wide ? 'row' : 'column'}>
          <AnswerPanel ask={ask} now={state.now} width={left} height={answered} />
          <Passage ask={ask} width={wide ? width - left : width} height={wide ? rest : rest - answered} />
        </Box>
      )}
    </Box>
  );
}

/** What is being done, or what it was done by. */
function statusOf(run: AskRun | undefined, now: number): string {
  if (run === undefined) return '';
  if (run.answer !== undefined)
    return `${plain(run.answer.generator)} · ${duration(run.answer.timings.totalMs)}`;
  if (run.failure !== undefined) return 'failed';
  const since = duration(Math.max(0, now - run.startedAt));
  if (run.retrieveMs === undefined) return `searching … ${since}`;
  if (run.generator === undefined) return `quoting … ${since}`;
  return `${plain(run.generator)} ${run.text === '' ? 'is reading' : 'is writing'} … ${since}`;
}

export interface PartProps {
  ask: AskState;
  width: number;
  height: number;
}

function AnswerPanel({ ask, now, width, height }: PartProps & { now: number }) {
  const { run } = ask;
  const inner = width - FRAME.columns;
  const items = walked(ask);
  const listed = Math.min(items.length, Math.max(3, Math.floor(height / 3)));
  const room = Math.max(1, height - FRAME.rows - listed);
  const lines = run === undefined ? [] : scrolled(answerLines(run, inner), ask.scroll, room);
  const { from, shown } = windowOf(items, ask.chosen, listed);
  return (
    <Panel title="Answer" note={statusOf(run, now)} width={width} height={height}>
      <Box flexDirection="column" height={room}>
        {lines.map((span, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a line is its place
          <Line key={index} spans={[span]} width={inner} />
        ))}
      </Box>
      {shown.map((_, index) => (
        <Line
          // biome-ignore lint/suspicious/noArrayIndexKey: an item is its place
          key={from + index}
          spans={itemSpans(run as AskRun, from + index)}
          width={inner}
          chosen={from + index === ask.chosen}
        />
      ))}
    </Panel>
  );
}

function answerLines(run: AskRun, width: number): Span[] {
  const wrapped = (text: string, tone: Span['tone'] = 'plain'): Span[] =>
    text === ''
      ? []
      : wrapAnsi(plain(text), width, { hard: true })
          .split('\n')
          .map((line) => ({ text: line, tone }));
  const unsupported = run.answer?.abstained
    ? []
    : (run.answer?.sentences ?? []).filter(({ supported }) => !supported).map(({ text }) => text);
  const failure = run.failure;
  return [
    ...wrapped(run.text),
    ...unsupported.flatMap((text) => wrapped(`No passage says so: “${text}”`, 'warn')),
    ...run.warnings.flatMap((warning) => wrapped(`! ${warning}`, 'warn')),
    ...(failure === undefined
      ? []
      : [...wrapped(`✗ ${failure.message}`, 'bad'), ...wrapped(failure.hint ?? '', 'quiet')]),
  ];
}

/** A citation, or a passage while there are none. */
function itemSpans({ citations, hits }: AskRun, index: number): Span[] {
  const citation = citations[index];
  if (citation !== undefined) {
    const { number, supported } = citation;
    return [{ text: `[${number}] `, tone: supported ? 'good' : 'warn' }, { text: placeOf(citation) }];
  }
  const hit = hits[index];
  if (hit === undefined) return [];
  return [
    { text: `${hit.rank}. `, tone: 'quiet' },
    { text: placeOf(hit.chunk) },
    { text: ` ${hit.score.toFixed(3)}`, tone: 'quiet' },
  ];
}
