/**
 * How an answer came about: the plan, the time of each part, every candidate with its score at each step, and who wrote it.
 */

import type { Answer } from '../../core/index.ts';
import { Line, type Span } from '../components/line.tsx';
import { Panel } from '../components/panel.tsx';
import { type Column, Table } from '../components/table.tsx';
import { FRAME } from '../layout.ts';
import type { AskState } from '../state/ask.ts';
import type { PartProps } from '../state/ask-lines.ts';
import { amount, duration, number, placeOf, plain } from '../words.ts';

/** The generator of an answer made of quotes; importing a value of the core would bundle all of it into the console. */
const EXTRACTIVE: Answer['generator'] = 'extractive';

export function Trace({ ask, width, height }: PartProps) {
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
    { text: placeOf(chunk) },
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
  const tabled = Math.min(rows.length + 1, Math.max(4, height - FRAME.rows - 5));
  return (
    <Panel
      title="Trace"
      note={run.prompt === undefined ? 't closes' : 't: the prompt'}
      width={width}
      height={height}
    >
      <Line
        spans={[
          { text: 'plan   ', tone: 'quiet' },
          { text: run.plan, tone: 'accent' },
        ]}
        width={inner}
      />
      <Line spans={[{ text: 'times  ', tone: 'quiet' }, timesOf(run)]} width={inner} />
      <Line spans={[{ text: 'search ', tone: 'quiet' }, partsOf(run)]} width={inner} />
      <Line
        spans={[
          { text: 'answer ', tone: 'quiet' },
          { text: run.answer === undefined ? '' : originOf(run.answer) },
        ]}
        width={inner}
      />
      <Line spans={[{ text: 'prompt ', tone: 'quiet' }, promptOf(run)]} width={inner} />
      <Table columns={columns} rows={rows} width={inner} height={tabled} />
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

/** The times of the search's parts; sources are searched at the same time. */
function partsOf({ timings }: NonNullable<AskState['run']>): string {
  if (timings === undefined) return '';
  const { rewriteMs, embedMs, searchMs, rerankMs, lookupMs } = timings;
  const parts: [string, number][] = [
    ['rewrite', rewriteMs],
    ['embed', embedMs],
    ['search', searchMs],
    ['rerank', rerankMs],
    ['look up', lookupMs],
  ];
  return parts.flatMap(([name, ms]) => (ms > 0 ? `${name} ${duration(ms)}` : [])).join(', ');
}

function promptOf({ prompt, answer }: NonNullable<AskState['run']>): string {
  if (prompt === undefined) return answer === undefined ? '' : 'none: no language model was asked';
  return `${number(prompt.tokens)} tokens in ${amount(prompt.messages.length, 'messages')}`;
}

function originOf({ abstained, generator }: Answer): string {
  if (abstained) return 'none was found';
  return generator === EXTRACTIVE ? 'made of quotes' : `written by ${plain(generator)}`;
}
