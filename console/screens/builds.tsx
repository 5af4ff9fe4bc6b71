/**
 * Builds and their runs: the list, and below it everything that is known about the chosen one.
 */

import { Box } from 'ink';
import type { Manifest } from '../../core/index.ts';
import { bar } from '../components/graphs.ts';
import { Line, type Span } from '../components/line.tsx';
import { Panel } from '../components/panel.tsx';
import { RunLines, STATUS } from '../components/run.tsx';
import { type Column, Table } from '../components/table.tsx';
import { FRAME } from '../layout.ts';
import { type BuildItem, type BuildsState, buildItems } from '../state/builds.ts';
import { isOpen, type RunView } from '../state/run.ts';
import type { ViewState } from '../state/types.ts';
import { askedOf, bytes, day, duration, number, plain } from '../words.ts';
import { BuildFormScreen } from './build-form.tsx';

const COLUMNS: Column[] = [
  { title: '' },
  { title: 'build', grows: true },
  { title: 'articles', align: 'right', rank: 2 },
  { title: 'chunks', align: 'right' },
  { title: 'recipe', rank: 1 },
  { title: 'recall@10', align: 'right' },
  { title: 'on disk', align: 'right', rank: 3 },
  { title: 'model', rank: 4 },
  { title: 'made', rank: 5 },
];

export interface ScreenProps {
  state: ViewState;
  width: number;
  height: number;
}

export function Builds({ state, width, height }: ScreenProps) {
  const { builds, form } = state;
  if (form !== undefined) return <BuildFormScreen form={form} width={width} height={height} />;
  const items = buildItems(builds);
  const chosen = items[builds.list.selected];
  const listed = Math.max(3, Math.min(items.length + 1, Math.floor((height - 2 * FRAME.rows) / 2)));
  const inner = width - FRAME.columns;
  const note =
    builds.list.filter.text === '' ? `${items.length}` : `${items.length} of “${builds.list.filter.text}”`;
  return (
    <Box flexDirection="column">
      <Panel title="Builds" note={note} width={width} height={listed + FRAME.rows}>
        {items.length === 0 ? (
          <Line spans={[{ text: emptyWords(builds), tone: 'quiet' }]} width={inner} />
        ) : (
          <Table
            columns={COLUMNS}
            rows={items.map(rowOf)}
            chosen={builds.list.selected}
            width={inner}
            height={listed}
          />
        )}
      </Panel>
      {chosen !== undefined && (
        <Detail item={chosen} state={state} width={width} height={height - listed - FRAME.rows} />
      )}
    </Box>
  );
}

function emptyWords({ list }: BuildsState): string {
  return list.filter.text === '' ? 'There is no build yet: n makes one.' : 'No build matches the filter.';
}

function rowOf({ name, summary, run }: BuildItem): Span[] {
  const manifest = summary?.manifest;
  const open = run !== undefined && isOpen(run);
  const mark: Span = open
    ? { text: run.status === 'paused' ? '‖' : '▶', tone: STATUS[run.status].tone }
    : { text: summary?.active ? '●' : '', tone: 'good' };
  if (manifest === undefined) {
    const status = run === undefined ? { tone: 'warn' as const, words: 'not finished' } : STATUS[run.status];
    const words = summary?.problem === undefined ? status.words : plain(summary.problem);
    return [mark, { text: name }, { text: '' }, { text: words, tone: status.tone }];
  }
  const { articles, chunks, index, recall, model, createdAt } = manifest;
  return [
    mark,
    { text: name, ...(summary?.active && { tone: 'title' as const }) },
    { text: number(articles) },
    { text: number(chunks) },
    { text: index.recipe },
    { text: recall.at10.toFixed(3), tone: recallTone(recall.at10) },
    { text: bytes(sizeOf(manifest)) },
    { text: `${plain(model.name)} ${model.dtype}`, tone: 'quiet' },
    { text: day(createdAt), tone: 'quiet' },
  ];
}

export const recallTone = (recall: number) => (recall >= 0.95 ? 'good' : recall >= 0.85 ? 'warn' : 'bad');

export function sizeOf({ files }: Manifest): number {
  return Object.values(files).reduce((sum, file) => sum + file.bytes, 0);
}

function Detail({ item, state, width, height }: ScreenProps & { item: BuildItem }) {
  const { run, summary, name } = item;
  const inner = width - FRAME.columns;
  const { verifying } = state.builds;
  if (run !== undefined) {
    const { tone, words } = STATUS[run.status];
    const end = isOpen(run) ? state.now : run.at;
    const note = run.startedAt === 0 ? words : `${words} · ${duration(Math.max(0, end - run.startedAt))}`;
    return (
      <Panel title={name} note={note} tone={tone} width={width} height={height}>
        <RunLines run={run} width={inner} now={state.now} />
        {isOpen(run) && (
          <Workers run={run} state={state} width={inner} height={Math.max(0, height - FRAME.rows - 10)} />
        )}
      </Panel>
    );
  }
  const lines = summary?.manifest === undefined ? [] : sheet(summary.manifest);
  return (
    <Panel title={name} note={summary?.active ? 'active' : ''} width={width} height={height}>
      {verifying?.name === name && <Verifying {...verifying} width={inner} />}
      {lines.map(([label, text]) => (
        <Line key={label} spans={[{ text: label.padEnd(10), tone: 'quiet' }, text]} width={inner} />
      ))}
    </Panel>
  );
}

const WORKERS: Column[] = [
  { title: 'worker', grows: true },
  { title: 'pid', align: 'right' },
  { title: 'cpu', align: 'right' },
  { title: 'memory', align: 'right' },
];

/** The run's process and those below it. */
function Workers({ run, state, width, height }: ScreenProps & { run: RunView }) {
  const own = new Set([run.pid]);
  for (const { pid, parent } of state.processes) if (own.has(parent)) own.add(pid); // parents come first
  const workers = state.processes.filter(({ pid }) => own.has(pid));
  if (workers.length === 0 || height < 2) return null;
  const rows = workers.map(({ name, pid, percent, memory }): Span[] => [
    { text: name },
    { text: String(pid), tone: 'quiet' },
    { text: `${Math.round(percent)} %`, tone: percent > 50 ? 'accent' : 'plain' },
    { text: bytes(memory) },
  ]);
  return <Table columns={WORKERS} rows={rows} width={Math.min(width, 60)} height={height} />;
}

function Verifying({ done, total, width }: { done: number; total?: number | undefined; width: number }) {
  const { filled, rest } = bar(total ? done / total : 0, Math.max(10, Math.floor(width / 3)));
  const counts = total === undefined ? '' : ` ${bytes(done)} of ${bytes(total)}`;
  return (
    <Line
      spans={[
        'verifying ',
        { text: filled, tone: 'accent', mark: true },
        { text: rest, tone: 'quiet', mark: true },
        counts,
      ]}
      width={width}
    />
  );
}

function sheet(manifest: Manifest): [string, string][] {
  const { model, index, recall, timings } = manifest;
  const wiki = [manifest.site, manifest.dumpDate && day(manifest.dumpDate)].filter(Boolean).join(', ');
  const lists = index.nlist > 1 ? `, ${index.nprobe} of ${number(index.nlist)} lists visited` : '';
  const took = Object.entries(timings).map(([stage, ms]) => `${stage} ${duration(ms)}`);
  return [
    [
      'holds',
      `${number(manifest.articles)} articles, ${number(manifest.chunks)} chunks, ${bytes(sizeOf(manifest))} on disk`,
    ],
    [
      'recall',
      `@1 ${recall.at1.toFixed(3)}, @10 ${recall.at10.toFixed(3)} against exact search, ${askedOf(recall)}`,
    ],
    ['index', `${index.recipe}, ${index.bytesPerVector} bytes a vector${lists}`],
    [
      'model',
      `${plain(model.name)} ${model.dtype}, ${model.dimensions} dimensions, ${model.languages.join(', ')}`,
    ],
    ['wiki', plain(wiki) || 'unknown'],
    ['sources', manifest.sources.map(plain).join(', ')],
    ['licence', plain(manifest.licence) || 'unknown'],
    ['made', `${manifest.createdAt.slice(0, 16).replace('T', ' ')} in ${took.join(', ')}`],
  ];
}
