/**
 * The processes at work with what they take and how often they crashed, and the bots with their queue.
 */

import { Line, type Span } from '../components/line.tsx';
import { Panel } from '../components/panel.tsx';
import { type Column, Table } from '../components/table.tsx';
import { FRAME } from '../layout.ts';
import { perMinute } from '../state/bots.ts';
import { amount, bytes, number, plain } from '../words.ts';
import type { ScreenProps } from './builds.tsx';

export const BOTS_ROWS = 4;

export function Bots({ state, width, height }: ScreenProps) {
  const inner = width - FRAME.columns;
  const { bots, now, ready, tokens } = state;
  const idle = tokens ? 'not run from here: r starts them' : 'no token is set';
  if (bots === undefined)
    return (
      <Panel title="Bots" width={width} height={height}>
        <Line spans={[{ text: ready ? idle : '', tone: 'quiet' }]} width={inner} />
      </Panel>
    );
  const { status, platforms, waiting, answered, failed } = bots;
  const tone = status === 'ready' ? 'good' : status === 'ended' ? 'bad' : 'accent';
  return (
    <Panel title="Bots" note={platforms.join(', ')} tone={tone} width={width} height={height}>
      <Line
        spans={[
          { text: status, tone },
          status === 'ended'
            ? `  ${plain(bots.ending ?? '')}`
            : `  ${amount(perMinute(bots, now), 'questions')} a minute`,
        ]}
        width={inner}
      />
      <Line
        spans={[
          `${number(waiting)} waiting, ${number(answered)} answered`,
          { text: failed > 0 ? `, ${number(failed)} failed` : '', tone: 'bad' },
        ]}
        width={inner}
      />
    </Panel>
  );
}

const COLUMNS: Column[] = [
  { title: 'process', grows: true },
  { title: 'pid', align: 'right', rank: 2 },
  { title: 'cpu', align: 'right' },
  { title: 'memory', align: 'right' },
  { title: 'again', align: 'right', rank: 1 },
];

export function Processes({ state, width, height }: ScreenProps) {
  const inner = width - FRAME.columns;
  const { machine, processes } = state;
  const rows = processes.map(({ name, pid, percent, memory, restarts }): Span[] => [
    { text: name },
    { text: String(pid), tone: 'quiet' },
    { text: `${Math.round(percent)} %`, tone: percent > 50 ? 'accent' : 'plain' },
    { text: bytes(memory) },
    { text: restarts > 0 ? `${restarts}×` : '', tone: 'warn' },
  ]);
  const total = processes.reduce((sum, { memory }) => sum + memory, 0);
  const free =
    machine === undefined ? '' : `free: ${bytes(machine.memoryFree)}, disk ${bytes(machine.diskFree)}`;
  return (
    <Panel title="Processes" note={processes.length > 0 ? bytes(total) : ''} width={width} height={height}>
      <Table columns={COLUMNS} rows={rows} width={inner} height={Math.max(2, height - FRAME.rows - 1)} />
      {free !== '' && <Line spans={[{ text: free, tone: 'quiet' }]} width={inner} />}
    </Panel>
  );
}
