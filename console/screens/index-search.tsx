/**
 * How the index searches: recall against latency as measured when it was built, and one question at several nprobe.
 */

import type { IndexDescription } from '../../core/index.ts';
import { Line, type Span } from '../components/line.tsx';
import { Panel } from '../components/panel.tsx';
import { plot } from '../components/plot.ts';
import { type Column, Table } from '../components/table.tsx';
import { TextLine } from '../components/text-line.tsx';
import { FRAME } from '../layout.ts';
import type { IndexState } from '../state/probe.ts';
import { useTheme } from '../theme.ts';
import { number, placeOf, plain, share } from '../words.ts';

interface PartProps {
  width: number;
  height: number;
}

/** Recall@10 against the time per question, from the presets that were measured when the index was built. */
export function Curve({ index, width, height }: PartProps & { index: IndexDescription }) {
  const { spoken } = useTheme();
  const inner = width - FRAME.columns;
  const presets = index.presets ?? [];
  const times = presets.map(({ p50Ms }) => p50Ms);
  const recalls = presets.map(({ at10 }) => at10);
  if (presets.length < 2)
    return (
      <Panel title="Recall against latency" width={width} height={height}>
        {presets.length === 0 && (
          <Line spans={[{ text: 'not measured in this build', tone: 'quiet' }]} width={inner} />
        )}
        {presets.map(({ nprobe, at10, p50Ms }) => (
          <Line
            key={nprobe}
            spans={[`recall@10 ${at10.toFixed(3)} at ${p50Ms.toFixed(1)} ms, nprobe ${nprobe}`]}
            width={inner}
          />
        ))}
      </Panel>
    );
  const rows = Math.max(2, height - FRAME.rows - 2);
  const y = { from: Math.min(...recalls), to: Math.max(...recalls) };
  const x = { from: Math.min(...times), to: Math.max(...times), log: true };
  const drawn = spoken
    ? []
    : plot(
        presets.map(({ p50Ms, at10 }) => ({ x: p50Ms, y: at10 })),
        { width: inner - 6, height: rows, x, y },
      );
  const edge = (row: number) =>
    (row === 0 ? y.to.toFixed(3) : row === rows - 1 ? y.from.toFixed(3) : '').padStart(5);
  const marks = presets.map(({ nprobe, at10 }) => `${nprobe}→${share(at10)}`).join(' ');
  return (
    <Panel title="Recall@10 against ms a question" width={width} height={height}>
      {drawn.map((line, row) => (
        <Line
          // biome-ignore lint/suspicious/noArrayIndexKey: a row is its place
          key={row}
          spans={[
            { text: `${edge(row)} `, tone: 'quiet' },
            { text: line, tone: 'accent' },
          ]}
          width={inner}
        />
      ))}
      <Line
        spans={[
          {
            text: `      ${x.from.toFixed(2)} ms`.padEnd(inner - 12) + `${x.to.toFixed(2)} ms`.padStart(10),
            tone: 'quiet',
          },
        ]}
        width={inner}
      />
      <Line spans={[{ text: `nprobe ${marks}`, tone: 'quiet' }]} width={inner} />
    </Panel>
  );
}

const COLUMNS: Column[] = [
  { title: 'nprobe', align: 'right' },
  { title: 'ms', align: 'right' },
  { title: 'found', align: 'right' },
  { title: 'lost', grows: true },
];

/** A question at several nprobe: which true neighbours are lost. */
export function Tries({ probe: state, width, height }: PartProps & { probe: IndexState }) {
  const inner = width - FRAME.columns;
  const { probe, running, failure } = state;
  const rows = (probe?.tries ?? []).map(({ nprobe, ms, lost }): Span[] => [
    { text: number(nprobe) },
    { text: ms.toFixed(1) },
    {
      text: `${(probe?.nearest.length ?? 0) - lost.length}/${probe?.nearest.length ?? 0}`,
      tone: lost.length === 0 ? 'good' : 'warn',
    },
    { text: lost.map((at) => plain(probe?.nearest[at]?.chunk.title ?? '')).join(', '), tone: 'quiet' },
  ]);
  const tabled = Math.min(rows.length + 1, Math.max(3, height - FRAME.rows - 1));
  const lost = probe?.tries[state.chosen]?.lost ?? [];
  return (
    <Panel title="Try a question" note={running ? 'searching …' : ''} width={width} height={height}>
      <TextLine
        label={{ text: '› ', tone: 'key' }}
        field={state.question}
        focused={state.typing}
        empty="i: what is lost at fewer lists?"
        width={inner}
      />
      {failure !== undefined && (
        <Line spans={[{ text: `✗ ${plain(failure.message)}`, tone: 'bad' }]} width={inner} />
      )}
      {rows.length > 0 && (
        <Table columns={COLUMNS} rows={rows} chosen={state.chosen} width={inner} height={tabled} />
      )}
      {lost.map((at) => {
        const one = probe?.nearest[at];
        return (
          <Line
            key={at}
            spans={[
              { text: `${at + 1}. `, tone: 'quiet' },
              {
                text: one === undefined ? '' : placeOf(one.chunk),
                tone: 'warn',
              },
              { text: ` ${one?.score.toFixed(3)}`, tone: 'quiet' },
            ]}
            width={inner}
          />
        );
      })}
    </Panel>
  );
}
