/**
 * What the live build's index is like: its facts, its lists, recall against latency; and one question at several nprobe.
 */
import { Box } from 'ink';
import type { IndexDescription, Manifest } from '../../core/index.ts';
import { bar } from '../components/graphs.ts';
import { Line, type Span } from '../components/line.tsx';
import { Beside, FRAME, Panel } from '../components/panel.tsx';
import { plot } from '../components/plot.ts';
import { type Column, Table } from '../components/table.tsx';
import { TextLine } from '../components/text-line.tsx';
import type { IndexState } from '../state/probe.ts';
import { useTheme } from '../theme.ts';
import { bytes, number, plain } from '../words.ts';
import { recallTone, type ScreenProps } from './builds.tsx';

export function IndexScreen({ state, width, height }: ScreenProps) {
  const manifest = state.builds.summaries.find((summary) => summary.active)?.manifest;
  if (manifest === undefined)
    return (
      <Panel title="Index" width={width} height={height}>
        <Line spans={[{ text: 'No build answers yet.', tone: 'quiet' }]} width={width - FRAME.columns} />
      </Panel>
    );
  const left = Math.max(38, Math.floor(width * 0.45));
  const facts = Math.min(11, Math.floor(height / 2));
  return (
    <Beside>
      <Box flexDirection="column">
        <Facts manifest={manifest} width={left} height={facts} />
        <Lists index={manifest.index} width={left} height={height - facts} />
      </Box>
      <Box flexDirection="column">
        <Curve index={manifest.index} width={width - left} height={facts} />
        <Tries probe={state.index} width={width - left} height={height - facts} />
      </Box>
    </Beside>
  );
}

interface PartProps {
  width: number;
  height: number;
}

/** The recipe of an earlier project over the same corpus, for comparison: PCA to 64 dimensions, lists from a tenth of the vectors. */
function earlierRecipe(chunks: number): string {
  return `PCA64,IVF${Math.floor(8 * Math.sqrt(chunks / 10))},Flat`;
}

function Facts({ manifest, width, height }: PartProps & { manifest: Manifest }) {
  const { index, recall, model, chunks } = manifest;
  const inner = width - FRAME.columns;
  const rows: [string, Span[]][] = [
    ['recipe', [{ text: index.recipe, tone: 'title' }]],
    [
      'lists',
      [
        {
          text:
            index.nlist > 1
              ? `${number(index.nprobe)} of ${number(index.nlist)} visited`
              : 'one: every vector is compared',
        },
      ],
    ],
    ...(index.candidates === undefined
      ? []
      : [['rescored', [{ text: `${number(index.candidates)} candidates` }]] as [string, Span[]]]),
    [
      'code',
      [
        { text: `${index.bytesPerVector} bytes a vector` },
        { text: ` (${bytes(4 * model.dimensions)} whole)`, tone: 'quiet' },
      ],
    ],
    [
      'recall',
      [{ text: `@1 ${recall.at1.toFixed(3)}  @10 ${recall.at10.toFixed(3)}`, tone: recallTone(recall.at10) }],
    ],
    [
      'centroids',
      [
        {
          text:
            index.nlist > 1
              ? `${number(index.nlist)} × ${model.dimensions}, ${bytes(index.nlist * model.dimensions * 4)}`
              : 'none',
        },
      ],
    ],
    ...(index.imbalance === undefined
      ? []
      : [
          ['imbalance', [{ text: index.imbalance.toFixed(2) }, { text: ' (1 is even)', tone: 'quiet' }]] as [
            string,
            Span[],
          ],
        ]),
    [
      'memory',
      [
        {
          text:
            index.memory === undefined
              ? 'not measured'
              : `${bytes(index.memory.mapped)} mapped, ${bytes(index.memory.kept)} kept`,
        },
      ],
    ],
    ['disk', [{ text: index.disk === undefined ? bytes(indexFiles(manifest)) : bytes(index.disk) }]],
    [
      'elsewhere',
      [
        { text: earlierRecipe(chunks), tone: 'quiet' },
        { text: ', 256 bytes, nothing rescored', tone: 'quiet' },
      ],
    ],
  ];
  return (
    <Panel title={`Index of ${plain(manifest.name)}`} width={width} height={height}>
      {rows.map(([label, spans]) => (
        <Line key={label} spans={[{ text: label.padEnd(10), tone: 'quiet' }, ...spans]} width={inner} />
      ))}
    </Panel>
  );
}

const indexFiles = ({ files }: Manifest): number =>
  Object.entries(files).reduce((sum, [path, file]) => sum + (path.startsWith('index/') ? file.bytes : 0), 0);

/** How many lists are of which length. */
function Lists({ index, width, height }: PartProps & { index: IndexDescription }) {
  const inner = width - FRAME.columns;
  const sizes = index.listSizes ?? [];
  const most = Math.max(1, ...sizes);
  const first = Math.max(
    0,
    sizes.findIndex((count) => count > 0),
  );
  const label = (at: number) =>
    at === 0 ? 'empty' : at === 1 ? '1' : `${number(2 ** (at - 1))}–${number(2 ** at - 1)}`;
  return (
    <Panel title="Lists by their length" width={width} height={height}>
      {sizes.length === 0 && (
        <Line
          spans={[
            {
              text: index.nlist > 1 ? 'not measured in this build' : 'An exact index has none.',
              tone: 'quiet',
            },
          ]}
          width={inner}
        />
      )}
      {sizes.slice(first).map((count, offset) => (
        <Line
          key={label(first + offset)}
          spans={[
            { text: label(first + offset).padStart(13), tone: 'quiet' },
            ' ',
            { text: bar(count / most, Math.max(6, inner - 24)).filled, tone: 'accent', mark: true },
            ` ${number(count)}`,
          ]}
          width={inner}
        />
      ))}
    </Panel>
  );
}

/** Recall@10 against the time of a question, from the presets that were measured when it was built. */
function Curve({ index, width, height }: PartProps & { index: IndexDescription }) {
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
  const marks = presets.map(({ nprobe, at10 }) => `${nprobe}→${at10.toFixed(3)}`).join('  ');
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
function Tries({ probe: state, width, height }: PartProps & { probe: IndexState }) {
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
                text: [one?.chunk.title ?? '', ...(one?.chunk.section ?? [])].map(plain).join(' › '),
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
