/**
 * What was asked in chats: status, latency, feedback; the chosen one with its answer and how that came about.
 */

import { Box } from 'ink';
import wrapAnsi from 'wrap-ansi';
import type { TrafficRow } from '../../core/index.ts';
import { Line, type Span } from '../components/line.tsx';
import { Panel } from '../components/panel.tsx';
import { type Column, Table } from '../components/table.tsx';
import { FRAME } from '../layout.ts';
import { msOf, trafficRows } from '../state/traffic.ts';
import type { Tone } from '../theme.ts';
import { duration, placeOf, plain } from '../words.ts';
import type { ScreenProps } from './builds.tsx';

const COLUMNS: Column[] = [
  { title: 'when', rank: 2 },
  { title: 'platform', rank: 3 },
  { title: 'question', grows: true },
  { title: 'outcome' },
  { title: 'took', align: 'right' },
  { title: '' },
];

const TONES: Record<TrafficRow['outcome'], Tone> = {
  answer: 'good',
  compared: 'good',
  'not-found': 'warn',
  error: 'bad',
  stopped: 'warn',
};

export function Traffic({ state, width, height }: ScreenProps) {
  const { traffic } = state;
  const rows = trafficRows(traffic);
  const chosen = rows[traffic.list.selected];
  const inner = width - FRAME.columns;
  const listed = traffic.open ? Math.max(4, Math.floor(height / 3)) : height - FRAME.rows;
  const note = `${rows.length}, ${traffic.order === 'newest' ? 'newest first' : 'failed and slow first'}`;
  return (
    <Box flexDirection="column">
      <Panel title="Traffic" note={note} width={width} height={traffic.open ? listed + FRAME.rows : height}>
        {rows.length === 0 ? (
          <Line spans={[{ text: emptyWords(traffic.list.filter.text), tone: 'quiet' }]} width={inner} />
        ) : (
          <Table
            columns={COLUMNS}
            rows={rows.map((row) => spansOf(row, state.now))}
            chosen={traffic.list.selected}
            width={inner}
            height={listed}
          />
        )}
      </Panel>
      {traffic.open && chosen !== undefined && (
        <Opened row={chosen} width={width} height={height - listed - FRAME.rows} />
      )}
    </Box>
  );
}

function emptyWords(filter: string): string {
  return filter === '' ? 'Nothing was asked in Discord or Slack yet.' : 'No question matches the filter.';
}

function spansOf(row: TrafficRow, now: number): Span[] {
  const ms = msOf(row);
  return [
    { text: `${duration(Math.max(0, now - row.at)).split(' ')[0]} ago`, tone: 'quiet' },
    { text: plain(row.platform), tone: 'quiet' },
    { text: plain(row.question) },
    { text: row.outcome, tone: TONES[row.outcome] },
    { text: ms === undefined ? '–' : duration(ms), tone: (ms ?? 0) > 10_000 ? 'warn' : 'plain' },
    row.verdict === undefined
      ? { text: '' }
      : { text: row.verdict === 'helpful' ? '+' : '−', tone: row.verdict === 'helpful' ? 'good' : 'bad' },
  ];
}

function Opened({ row, width, height }: { row: TrafficRow; width: number; height: number }) {
  const inner = width - FRAME.columns;
  const { answer, failure, passages } = row;
  const said = answer === undefined ? (failure ?? 'no answer') : answer.text;
  const text = wrapAnsi(plain(said), inner, { hard: true }).split('\n');
  const made =
    answer === undefined
      ? ''
      : `${plain(answer.build)} · ${plain(answer.method)} · ${plain(answer.generator)} · searched ${duration(answer.timings.retrieveMs)}, first words after ${duration(answer.timings.firstTokenMs)}, whole ${duration(answer.timings.totalMs)}`;
  const lines: Span[][] = [
    [{ text: plain(row.question), tone: 'title' }],
    ...text.map((line): Span[] => [{ text: line, tone: failure === undefined ? 'plain' : 'bad' }]),
    [{ text: made, tone: 'quiet' }],
    ...(answer?.warnings ?? []).map((warning): Span[] => [{ text: `! ${plain(warning)}`, tone: 'warn' }]),
    ...passages.map((passage): Span[] => [
      { text: `${String(passage.rank).padStart(2)}  ${passage.score.toFixed(4)}  `, tone: 'quiet' },
      { text: placeOf(passage) },
    ]),
  ];
  return (
    <Panel title={row.id} note={row.verdict ?? ''} tone={TONES[row.outcome]} width={width} height={height}>
      {lines.slice(0, height - FRAME.rows).map((spans, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a line is its place
        <Line key={index} spans={spans} width={inner} />
      ))}
    </Panel>
  );
}
