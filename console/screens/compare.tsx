/**
 * One question through two to four methods in columns; what each found that the others did not, and a key to vote for each.
 */

import { Box } from 'ink';
import wrapAnsi from 'wrap-ansi';
import { Line, type Span } from '../components/line.tsx';
import { Beside, Panel } from '../components/panel.tsx';
import { QuestionPanel } from '../components/question-panel.tsx';
import { FRAME, QUESTION_ROWS } from '../layout.ts';
import type { CompareRun, CompareState, MethodColumn } from '../state/compare.ts';
import { duration, plain } from '../words.ts';
import type { ScreenProps } from './builds.tsx';
import { MethodPicker } from './method-picker.tsx';
import { QuestionSet } from './question-set.tsx';

export function Compare({ state, width, height }: ScreenProps) {
  const { compare } = state;
  if (compare.mode === 'set')
    return <QuestionSet set={compare.set} methods={compare.chosen} width={width} height={height} />;
  const rest = height - QUESTION_ROWS;
  const note = `${compare.chosen.map(plain).join(' · ')}${compare.answers ? '' : ' · passages only'}`;
  return (
    <Box flexDirection="column">
      <QuestionPanel
        title="Compare"
        note={note}
        field={compare.question}
        focused={compare.typing}
        empty="a question for every method"
        width={width}
      />
      {compare.mode === 'picking' ? (
        <MethodPicker compare={compare} methods={state.methods} width={width} height={rest} />
      ) : (
        <Columns compare={compare} width={width} height={rest} />
      )}
    </Box>
  );
}

interface PartProps {
  compare: CompareState;
  width: number;
  height: number;
}

function Columns({ compare, width, height }: PartProps) {
  const { run } = compare;
  if (run === undefined) return <Waiting methods={compare.chosen} width={width} height={height} />;
  const each = Math.floor(width / Math.max(1, run.columns.length));
  const room = height - 1;
  return (
    <Box flexDirection="column">
      <Beside>
        {run.columns.map((column, index) => (
          <MethodPanel
            key={column.method}
            column={column}
            letter={String.fromCharCode(97 + index)}
            run={run}
            width={index === run.columns.length - 1 ? width - each * index : each}
            height={room}
          />
        ))}
      </Beside>
      <Line spans={verdict(run)} width={width} />
    </Box>
  );
}

function Waiting({ methods, width, height }: { methods: string[]; width: number; height: number }) {
  const inner = width - FRAME.columns;
  return (
    <Panel title="Side by side" width={width} height={height}>
      <Line
        spans={['One question, ', { text: methods.map(plain).join(', '), tone: 'accent' }, ', live.']}
        width={inner}
      />
      <Line
        spans={[{ text: 'm chooses the methods, e asks a whole set of questions.', tone: 'quiet' }]}
        width={inner}
      />
    </Panel>
  );
}

function verdict({ running, vote, result, failure }: CompareRun): Span[] {
  if (failure !== undefined) return [{ text: ` ✗ ${plain(failure.message)}`, tone: 'bad' }];
  if (vote !== undefined)
    return [
      {
        text:
          vote.winner === undefined
            ? ' ✓ Kept: none was of use.'
            : ` ✓ Kept: ${plain(vote.winner)} answers better.`,
        tone: 'good',
      },
    ];
  if (running || result === undefined)
    return [{ text: ' asking one method after the other …', tone: 'quiet' }];
  const { shared } = result;
  return [
    { text: ` ${shared.length} passages in common. Which answers better?`, tone: 'title' },
    { text: ' a to d, o for none', tone: 'quiet' },
  ];
}

interface MethodPanelProps {
  column: MethodColumn;
  letter: string;
  run: CompareRun;
  width: number;
  height: number;
}

const STATUS = {
  waiting: { tone: 'quiet', words: 'waits' },
  running: { tone: 'accent', words: '…' },
  done: { tone: 'title', words: '' },
  failed: { tone: 'bad', words: 'failed' },
} as const;

function MethodPanel({ column, letter, run, width, height }: MethodPanelProps) {
  const inner = width - FRAME.columns;
  const { tone, words } = STATUS[column.status];
  const time = column.answer?.timings.totalMs ?? column.ms;
  const note = words !== '' ? words : time === undefined ? '' : duration(time);
  const voted = run.vote?.winner === column.method;
  const rows = Math.min(column.hits.length, Math.max(3, Math.floor((height - FRAME.rows) / 2)));
  const room = height - FRAME.rows - rows - 1;
  const text = wrapAnsi(plain(column.failure ?? column.text), inner, { hard: true })
    .split('\n')
    .slice(0, Math.max(0, room));
  const only = new Set(column.only);
  return (
    <Panel
      title={`${letter} ${plain(column.method)}${voted ? ' ✓' : ''}`}
      note={note}
      tone={voted ? 'good' : tone}
      width={width}
      height={height}
    >
      <Box flexDirection="column" height={Math.max(0, room)}>
        {text.map((line, index) => (
          <Line
            // biome-ignore lint/suspicious/noArrayIndexKey: a line is its place
            key={index}
            spans={[{ text: line, tone: column.failure === undefined ? 'plain' : 'bad' }]}
            width={inner}
          />
        ))}
      </Box>
      <Line
        spans={[
          {
            text:
              only.size > 0
                ? `found ${column.hits.length}, ★ ${only.size} alone`
                : `found ${column.hits.length}`,
            tone: 'quiet',
          },
        ]}
        width={inner}
      />
      {column.hits.slice(0, rows).map(({ id, chunk }) => (
        <Line
          key={id}
          spans={[
            { text: only.has(id) ? '★ ' : '  ', tone: 'warn' },
            { text: plain(chunk.title), tone: only.has(id) ? 'warn' : 'plain' },
            {
              text: chunk.section.length > 0 ? ` › ${plain(chunk.section.at(-1) ?? '')}` : '',
              tone: 'quiet',
            },
          ]}
          width={inner}
        />
      ))}
    </Panel>
  );
}
