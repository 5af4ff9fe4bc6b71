/**
 * A question, the answer as it is written, and its citations to walk through, each with its passage and neighbours.
 */

import { Box } from 'ink';
import { Line, type Span } from '../components/line.tsx';
import { Panel } from '../components/panel.tsx';
import { QuestionPanel } from '../components/question-panel.tsx';
import { FRAME } from '../layout.ts';
import { type AskRun, scrolled, walked } from '../state/ask.ts';
import { answerText, layoutOf, type PartProps } from '../state/ask-lines.ts';
import { windowOf } from '../state/list.ts';
import { duration, placeOf, plain } from '../words.ts';
import { Passage } from './ask-passage.tsx';
import { PromptPanel } from './ask-prompt.tsx';
import { Trace } from './ask-trace.tsx';
import type { ScreenProps } from './builds.tsx';

export function Ask({ state, width, height }: ScreenProps) {
  const { ask } = state;
  const { wide, whole, answer, passage } = layoutOf(width, height);
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
        <Trace ask={ask} {...whole} />
      ) : ask.pane === 'prompt' ? (
        <PromptPanel ask={ask} {...whole} />
      ) : (
        <Box flexDirection={wide ? 'row' : 'column'}>
          <AnswerPanel ask={ask} now={state.now} {...answer} />
          <Passage ask={ask} {...passage} />
        </Box>
      )}
    </Box>
  );
}

/** What is being done, or what wrote the answer. */
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

function AnswerPanel({ ask, now, width, height }: PartProps & { now: number }) {
  const { run } = ask;
  const inner = width - FRAME.columns;
  const items = walked(ask);
  const { lines, room, listed } = answerText({ ask, width, height });
  const { from, shown } = windowOf(items, ask.chosen, listed);
  return (
    <Panel title="Answer" note={statusOf(run, now)} width={width} height={height}>
      <Box flexDirection="column" height={room}>
        {scrolled(lines, ask.scroll, room).map((span, index) => (
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
