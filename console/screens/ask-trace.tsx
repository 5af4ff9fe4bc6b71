/**
 * How an answer came about: the plan, the time of each part, every candidate with its score at each step, the prompt.
 */
import wrapAnsi from 'wrap-ansi';
import { Line, type Span } from '../components/line.tsx';
import { FRAME, Panel } from '../components/panel.tsx';
import { type Column, Table } from '../components/table.tsx';
import type { AskState } from '../state/ask.ts';
import { duration, plain } from '../words.ts';

export interface TraceProps {
  ask: AskState;
  width: number;
  height: number;
}

export function Trace({ ask, width, height }: TraceProps) {
  const { run } = ask;
  const inner = width - FRAME.columns;
  if (run === undefined)
    return (
      <Panel title="Trace" width={width} height={height}>
        <Line spans={[{ text: 'Nothing was asked yet.', tone: 'quiet' }]} width={inner} />
      </Panel>
    );
  const steps = [...new Set(run.hits.flatMap(({ scores }) => Object.keys(scores)))];
  const columns: Column[] = [
    { title: '', align: 'right' },
    { title: 'passage', grows: true },
    ...steps.map((title): Column => ({ title, align: 'right' })),
    { title: 'cited', rank: 1 },
  ];
  const rows = run.hits.map(({ id, rank, chunk, scores }): Span[] => [
    { text: String(rank), tone: 'quiet' },
    { text: [chunk.title, ...chunk.section].map(plain).join(' › ') },
    ...steps.map(
      (step): Span => ({
        text: scores[step]?.toFixed(3) ?? '–',
        tone: scores[step] === undefined ? 'quiet' : 'plain',
      }),
    ),
    {
      text: run.citations
        .filter(({ chunkId }) => chunkId === id)
        .map(({ number }) => `[${number}]`)
        .join(' '),
      tone: 'good',
    },
  ]);
  const tabled = Math.min(rows.length + 1, Math.max(4, Math.floor(height / 2)));
  const room = height - FRAME.rows - 3 - tabled;
  const prompt =
    run.prompt === undefined
      ? []
      : promptLines(run.prompt, inner).slice(ask.scroll, ask.scroll + Math.max(0, room));
  return (
    <Panel title="Trace" note="t closes" width={width} height={height}>
      <Line
        spans={[
          { text: 'plan   ', tone: 'quiet' },
          { text: run.plan, tone: 'accent' },
        ]}
        width={inner}
      />
      <Line spans={[{ text: 'times  ', tone: 'quiet' }, timesOf(run)]} width={inner} />
      <Table columns={columns} rows={rows} width={inner} height={tabled} />
      <Line
        spans={[
          { text: prompt.length > 0 ? 'prompt' : 'no prompt: the answer is made of quotes', tone: 'quiet' },
        ]}
        width={inner}
      />
      {prompt.map((line, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a line is its place
        <Line key={index} spans={[line]} width={inner} />
      ))}
    </Panel>
  );
}

function timesOf({ retrieveMs, answer }: NonNullable<AskState['run']>): string {
  const parts = [retrieveMs === undefined ? 'searching' : `searched ${duration(retrieveMs)}`];
  if (answer !== undefined) {
    if (answer.timings.firstTokenMs > 0)
      parts.push(`first words after ${duration(answer.timings.firstTokenMs)}`);
    parts.push(`whole ${duration(answer.timings.totalMs)}`);
  }
  return parts.join(', ');
}

function promptLines(prompt: string, width: number): string[] {
  return prompt
    .split('\n')
    .flatMap((line) => (line.trim() === '' ? [] : wrapAnsi(plain(line), width, { hard: true }).split('\n')));
}
