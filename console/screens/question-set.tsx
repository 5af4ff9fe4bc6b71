/**
 * A set of questions as a table of methods by measures with intervals and cost, and the questions where two methods disagree.
 */
import { Box } from 'ink';
import { bar } from '../components/graphs.ts';
import { Line, type Span } from '../components/line.tsx';
import { FRAME, Panel } from '../components/panel.tsx';
import { QUESTION_ROWS, QuestionPanel } from '../components/question-panel.tsx';
import { type Column, Table } from '../components/table.tsx';
import { pairsOf, type SetState, SORTS, sortedMethods } from '../state/question-set.ts';
import { duration, number, plain } from '../words.ts';

interface SetProps {
  set: SetState;
  methods: string[];
  width: number;
  height: number;
}

const TITLES: Record<(typeof SORTS)[number], string> = {
  mrrAt10: 'MRR@10',
  recallAt1: 'recall@1',
  recallAt10: 'recall@10',
  ndcgAt10: 'nDCG@10',
  p50Ms: 'p50',
};

export function QuestionSet({ set, methods, width, height }: SetProps) {
  const inner = width - FRAME.columns;
  const shown = sortedMethods(set);
  const tabled = Math.max(3, shown.length + 1) + FRAME.rows;
  const rest = height - QUESTION_ROWS - tabled;
  const note =
    set.result === undefined
      ? methods.map(plain).join(' · ')
      : `${plain(set.result.set)}, ${number(set.result.questions)} questions`;
  return (
    <Box flexDirection="column">
      <QuestionPanel
        title="A set of questions"
        note="e: back to one question"
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

function columnsFor({ sort }: SetState): Column[] {
  const by = SORTS[sort % SORTS.length];
  const title = (measure: (typeof SORTS)[number]) => `${TITLES[measure]}${measure === by ? ' ▾' : ''}`;
  return [
    { title: 'method', grows: true },
    { title: title('recallAt1'), align: 'right' },
    { title: title('recallAt10'), align: 'right' },
    { title: title('mrrAt10'), align: 'right' },
    { title: title('ndcgAt10'), align: 'right', rank: 2 },
    { title: title('p50Ms'), align: 'right' },
    { title: 'p95', align: 'right', rank: 1 },
  ];
}

const share = (value: number) => value.toFixed(3).replace(/^0/, '');

function rowOf(summary: ReturnType<typeof sortedMethods>[number]): Span[] {
  const interval = (measure: 'recallAt1' | 'recallAt10' | 'mrrAt10') => ({
    text: `${share(summary[measure])} ${summary.ci95[measure].map(share).join('–')}`,
  });
  return [
    { text: plain(summary.method), tone: 'title' },
    interval('recallAt1'),
    interval('recallAt10'),
    interval('mrrAt10'),
    { text: share(summary.ndcgAt10) },
    { text: duration(summary.p50Ms) },
    { text: duration(summary.p95Ms), tone: 'quiet' },
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
      <Line spans={[{ text: 'Enter asks every question by every method.', tone: 'quiet' }]} width={width} />
    );
  if (progress === undefined)
    return <Line spans={[{ text: 'Reading the set …', tone: 'quiet' }]} width={width} />;
  const { method, done, total } = progress;
  const { filled, rest } = bar(done / Math.max(1, total), Math.floor(width / 3));
  return (
    <Line
      spans={[
        `${plain(method)} `,
        { text: filled, tone: 'accent', mark: true },
        { text: rest, tone: 'quiet', mark: true },
        ` ${number(done)} of ${number(total)}`,
      ]}
      width={width}
    />
  );
}

function Disagreements({ set, width, height }: Omit<SetProps, 'methods'>) {
  const pairs = pairsOf(set);
  const pair = pairs[set.pair % Math.max(1, pairs.length)];
  const title =
    pair === undefined
      ? 'Where two methods disagree'
      : `Where ${plain(pair.first)} and ${plain(pair.second)} disagree`;
  const columns: Column[] = [
    { title: 'question', grows: true },
    { title: plain(pair?.first ?? ''), align: 'right' },
    { title: plain(pair?.second ?? ''), align: 'right' },
  ];
  const rank = (at: number | undefined): Span =>
    at === undefined ? { text: 'not in 10', tone: 'bad' } : { text: `rank ${at}`, tone: 'good' };
  const rows = set.disagreements.map(({ question, first, second }): Span[] => [
    { text: plain(question) },
    rank(first),
    rank(second),
  ]);
  return (
    <Panel title={title} note={rows.length > 0 ? number(rows.length) : ''} width={width} height={height}>
      {rows.length === 0 ? (
        <Line
          spans={[{ text: set.result === undefined ? '' : 'nowhere', tone: 'quiet' }]}
          width={width - FRAME.columns}
        />
      ) : (
        <Table
          columns={columns}
          rows={rows}
          chosen={set.chosen}
          width={width - FRAME.columns}
          height={height - FRAME.rows}
        />
      )}
    </Panel>
  );
}
