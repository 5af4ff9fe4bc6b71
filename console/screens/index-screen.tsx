/**
 * What the live build's index is like: its facts, its lists, recall against latency; and one question at several nprobe.
 */

import { Box } from 'ink';
import type { IndexDescription, Manifest } from '../../core/index.ts';
import { bar } from '../components/graphs.ts';
import { Line, type Span } from '../components/line.tsx';
import { Beside, Panel } from '../components/panel.tsx';
import { FRAME } from '../layout.ts';
import { bytes, number, plain } from '../words.ts';
import { recallTone, type ScreenProps } from './builds.tsx';
import { Curve, Tries } from './index-search.tsx';

export function IndexScreen({ state, width, height }: ScreenProps) {
  const manifest = state.builds.summaries.find((summary) => summary.active)?.manifest;
  if (manifest === undefined)
    return (
      <Panel title="Index" width={width} height={height}>
        <Line spans={[{ text: 'No build answers yet.', tone: 'quiet' }]} width={width - FRAME.columns} />
      </Panel>
    );
  const left = Math.max(38, Math.floor(width * 0.45));
  const facts = Math.min(FACTS + FRAME.rows, height - FRAME.rows - 3);
  const curve = Math.min(11, Math.floor(height / 2));
  return (
    <Beside>
      <Box flexDirection="column">
        <Facts manifest={manifest} width={left} height={facts} />
        <Lists index={manifest.index} width={left} height={height - facts} />
      </Box>
      <Box flexDirection="column">
        <Curve index={manifest.index} width={width - left} height={curve} />
        <Tries probe={state.index} width={width - left} height={height - curve} />
      </Box>
    </Beside>
  );
}

/** Most rows of facts. */
const FACTS = 10;

interface PartProps {
  width: number;
  height: number;
}

/** An earlier project's recipe for this corpus, to compare: 64 PCA dimensions, 8√n lists, n a tenth of the vectors. */
function earlierRecipe(chunks: number): string {
  return `PCA64,IVF${Math.floor(8 * Math.sqrt(chunks / 10))},Flat`;
}

function Facts({ manifest, width, height }: PartProps & { manifest: Manifest }) {
  const { index, recall, model, chunks } = manifest;
  const inner = width - FRAME.columns;
  /** Dimensions of the vectors in the lists: the principal components, if the recipe has any. */
  const listed = Number(/^PCA(\d+),/.exec(index.recipe)?.[1] ?? model.dimensions);
  const rows: [string, Span[]][] = [
    ['recipe', [{ text: index.recipe, tone: 'title' }]],
    [
      'lists',
      [
        {
          text:
            index.nlist > 1
              ? `${number(index.nprobe)} of ${number(index.nlist)} visited`
              : 'one, compared whole',
        },
      ],
    ],
    ...(index.candidates === undefined
      ? []
      : [['rescored', [{ text: `${number(index.candidates)} candidates` }]] as [string, Span[]]]),
    ['code', [{ text: `${number(index.bytesPerVector)} of ${number(4 * model.dimensions)} bytes` }]],
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
              ? `${number(index.nlist)} × ${listed}, ${bytes(index.nlist * listed * 4)}`
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
              : `${bytes(index.memory.kept)} + ${bytes(index.memory.mapped)} mapped`,
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

/** How many lists there are of each length. */
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
