/**
 * A set of questions as a table of methods by measures with intervals and cost, and the questions where two methods disagree.
 */

import { Box } from 'ink';
import type { Evaluation, MethodSummary } from '../../core/index.ts';
import { bar } from '../components/graphs.ts';
import { Line, type Span } from '../components/line.tsx';
import { Panel } from '../components/panel.tsx';
import { QuestionPanel } from '../components/question-panel.tsx';
import { type Column, Table } from '../components/table.tsx';
import { FRAME, QUESTION_ROWS } from '../layout.ts';
import { type SetState, type Sort, sortedMethods, sortOf, tokensOf } from '../state/question-set.ts';
import { bytes, duration, number, plain, share } from '../words.ts';
import { Disagreements } from './disagreements.tsx';

interface SetProps {
  set: SetState;
  methods: string[];
  width: number;
  height: number;
}

const TITLES: Record<Sort, string> = {
  mrrAt10: 'MRR@10',
  recallAt1: 'recall@1',
  recallAt10: 'recall@10',
  ndcgAt10: 'nDCG@10',
  p50Ms: 'p50',
  p95Ms: 'p95',
  contained: 'answered',
  answerMs: 'answer p50',
  tokens: 'tokens',
};

export function QuestionSet({ set, methods, width, height }: SetProps) {
  const inner = width - FRAME.columns;
  const shown = sortedMethods(set);
  const tabled = Math.max(3, shown.length + 1) + FRAME.rows;
  const rest = height - QUESTION_ROWS - tabled;
  const note =
    set.result === undefined
      ? methods.map(plain).join(' · ')
      : `${plain(set.result.set)}, ${number(set.result.questions)} questions${memoryOf(set.result)} · by ${TITLES[sortOf(set)]}`;
  return (
    <Box flexDirection="column">
      <QuestionPanel
        title="A set of questions"
        note={`${set.answers ? 'with answers · ' : ''}e: back to one question`}
        field={set.file}
        focused={set.typing}
        empty="a question set: JSONL, SQuAD, BEIR, or probes"
        width={width}
      />
      <Panel title="Methods" note={note} width={width} height={tabled}>
        {shown.length > 0 ? (
          <Table columns={columnsFor(set)} rows={shown.map(rowOf)} width={inner} height={shown.length + 1} />
        ) : (
          <Progress set={set} width={inner} />
        )}
      </Panel>
      <Disagreements set={set} width={width} height={rest} />
    </Box>
  );
}

const memoryOf = ({ peakMemoryBytes: peak }: Evaluation) =>
  peak === undefined ? '' : `, at most ${bytes(peak)} of memory`;

/** Quality with its intervals, then cost: time, its parts, and what a language model reads and writes. */
function columnsFor(set: SetState): Column[] {
  const by = sortOf(set);
  const column = (sort: Sort, rank?: number): Column => ({
    title: `${TITLES[sort]}${sort === by ? ' ▾' : ''}`,
    align: 'right',
    ...(rank !== undefined && { rank }),
  });
  const answered = set.result?.methods.some(({ answers }) => answers !== undefined);
  return [
    { title: 'method', grows: true },
    column('recallAt1'),
    column('recallAt10'),
    column('mrrAt10'),
    column('ndcgAt10', 5),
    column('p50Ms'),
    column('p95Ms', 1),
    ...PARTS.map((title): Column => ({ title, align: 'right', rank: 6 })),
    ...(answered ? [column('contained', 4), column('answerMs', 3), column('tokens', 2)] : []),
  ];
}

const PARTS = ['rewrite', 'embed', 'search', 'rerank'] as const;

const inShort = (interval: readonly [number, number]) => interval.map(share).join('–');

function rowOf(summary: MethodSummary): Span[] {
  const { ci95, meanMs, answers } = summary;
  const interval = (measure: 'recallAt1' | 'recallAt10' | 'mrrAt10' | 'ndcgAt10'): Span => ({
    text: `${share(summary[measure])} ${inShort(ci95[measure])}`,
  });
  const part = (name: (typeof PARTS)[number]): Span => ({
    text: meanMs[name] > 0 ? duration(meanMs[name]) : '–',
    tone: 'quiet',
  });
  const written = answers && [
    { text: `${share(answers.contained)} ${inShort(answers.ci95.contained)}` },
    { text: duration(answers.p50Ms) },
    { text: tokensOf(summary) === 0 ? 'quotes' : number(tokensOf(summary)) },
  ];
  return [
    { text: plain(summary.method), tone: 'title' },
    interval('recallAt1'),
    interval('recallAt10'),
    interval('mrrAt10'),
    interval('ndcgAt10'),
    { text: duration(summary.p50Ms) },
    { text: duration(summary.p95Ms), tone: 'quiet' },
    ...PARTS.map(part),
    ...(written ?? []),
  ];
}

function Progress({ set, width }: { set: SetState; width: number }) {
  const { progress, running, failure } = set;
  if (failure !== undefined)
    return (
      <>
        <Line spans={[{ text: `✗ ${plain(failure.message)}`, tone: 'bad' }]} width={width} />
        <Line spans={[{ text: plain(failure.hint ?? ''), tone: 'quiet' }]} width={width} />
      </>
    );
  if (!running)
    return (
      <Line
        spans={[{ text: 'Enter asks every question by every method; w answers them too.', tone: 'quiet' }]}
        width={width}
      />
    );
  if (progress === undefined)
    return <Line spans={[{ text: 'Reading the set …', tone: 'quiet' }]} width={width} />;
  const { method, part, done, total } = progress;
  const { filled, rest } = bar(done / Math.max(1, total), Math.floor(width / 3));
  return (
    <Line
      spans={[
        `${plain(method)}, ${part} `,
        { text: filled, tone: 'accent', mark: true },
        { text: rest, tone: 'quiet', mark: true },
        ` ${number(done)} of ${number(total)}`,
      ]}
      width={width}
    />
  );
}
