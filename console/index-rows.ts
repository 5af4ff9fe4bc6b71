/**
 * What `footnote builds show` says about an index: its kind, how evenly its lists are filled, memory and disk, and what
 * each search breadth finds and takes. Knows words; nothing about how it was measured.
 */
import type { Manifest } from '../core/index.ts';
import { askedOf, bytes, number } from './words.ts';

/** Rows of a sheet: a label and its text. */
export function indexRows(index: Manifest['index'], recall: Manifest['recall']): [string, string][] {
  const rows: [string, string][] = [
    ['index', `${index.recipe}, ${index.bytesPerVector} bytes a vector${breadth(index)}`],
  ];
  if (index.nlist > 1 && index.imbalance !== undefined)
    rows.push(['lists', `imbalance ${index.imbalance.toFixed(2)}${spread(index.listSizes ?? [])}`]);
  if (index.memory !== undefined)
    rows.push([
      'serving',
      `${bytes(index.memory.mapped)} mapped, ${bytes(index.memory.kept)} kept, ${bytes(index.disk ?? 0)} on disk`,
    ]);
  const missed = recall.target !== undefined && recall.at10 < recall.target;
  rows.push([
    'recall',
    [
      `@1 ${share(recall.at1)}, @10 ${share(recall.at10)}`,
      ...(recall.at100 === undefined ? [] : [`, @100 ${share(recall.at100)}`]),
      ` against exact search, ${askedOf(recall)}`,
      ...(missed ? [`; ${recall.target} was wanted and is missed${finer(index.recipe)}`] : []),
    ].join(''),
  ]);
  for (const preset of index.presets ?? [])
    rows.push([
      index.nlist > 1 ? `nprobe ${preset.nprobe}` : 'search',
      [
        ...(preset.candidates === undefined ? [] : [`${preset.candidates} rescored: `]),
        `@1 ${share(preset.at1)}, @10 ${share(preset.at10)}, @100 ${share(preset.at100)}, `,
        `p50 ${preset.p50Ms.toFixed(1)} ms, p99 ${preset.p99Ms.toFixed(1)} ms`,
      ].join(''),
    ]);
  return rows;
}

const share = (value: number) => value.toFixed(3);

/** Vectors of one byte a dimension can be what recall is missed by; of two bytes they are not. */
const finer = (recipe: string) =>
  /PQ\d+$/.test(recipe)
    ? `: a build with --update and --recipe '${recipe},Refine(SQfp16)' rescores more finely`
    : '';

function breadth({ nlist, nprobe, candidates }: Manifest['index']): string {
  if (nlist === 1) return '';
  return `, ${nprobe} of ${nlist} lists visited${candidates === undefined ? '' : `, ${candidates} rescored`}`;
}

/** The sizes that most lists have, in powers of two. */
function spread(counts: number[]): string {
  const told = counts.flatMap((lists, bucket) => {
    if (lists === 0) return [];
    return [`${number(lists)} of ${bucket === 0 ? '0' : `${number(2 ** (bucket - 1))} or more`}`];
  });
  return told.length === 0 ? '' : `; lists by vectors: ${told.join(', ')}`;
}
