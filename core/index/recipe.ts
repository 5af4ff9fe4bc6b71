/**
 * Recipes: what kind of index to build, as a value that prints like FAISS's factory strings; and the rule that
 * derives one from the number of chunks and the memory to serve in. Knows sizes; no vectors and no files.
 */
import { CoreError } from '../errors.ts';
import { codeSizeOf, ID_BYTES, SCALARS, type Scalar } from './format/faiss-format.ts';

/**
 * `exact` compares a question with every vector; `ivf` with those of the inverted lists nearest to it, which hold the
 * vectors themselves or, with `subspaces`, codes of one byte per sub-space, the best of which are rescored by vectors.
 */
export type Recipe = { type: 'exact' } | InvertedRecipe;

export interface InvertedRecipe {
  type: 'ivf';
  /** Principal components that vectors are reduced to before they get lists and codes; all dimensions when absent. */
  pca?: number;
  nlist: number;
  /** Centroids are found by a graph (HNSW, 32 links) instead of comparing with each. */
  graph?: boolean;
  subspaces?: number;
  /** How vectors are kept for rescoring; `SQ8` when absent. */
  scalar?: Scalar;
}

/** Up to here exact search takes at most 17 ms per query (384 dimensions, one core; inverted lists take 2 ms). */
const EXACT_UP_TO = 50_000;
/** Up to here lists hold the vectors themselves: codes take longer to train than they save. */
const FLAT_UP_TO = 200_000;
/** Above this, twice as many lists: scanning more than about 1,500 codes of a list takes longer than finding it. */
const MANY_FROM = 10_000_000;
/** From this many lists on, a graph finds the nearest faster than comparing with each. */
const GRAPH_FROM = 4096;
/** Memory for codes and ids when nothing else is asked for, in bytes. */
const MEMORY = 4 * 2 ** 30;

/** Bytes of a row number in the file beside an index of inverted lists. */
const ROW_BYTES = 4;

/** Training vectors per principal component: with few lists, the vectors for those are not enough. */
const POINTS_PER_COMPONENT = 256;
/** Training vectors per list: below `enough` k-means is unreliable, above `most` more do not help (FAISS's bounds). */
export const POINTS_PER_LIST = { enough: 39, most: 256 };
/** From this many lists on, 256 vectors per list are not worth the disk: 64 for each of 65,536 already take 6.4 GB. */
const MANY_LISTS = 16_384;

const EXPECTED =
  'expected Flat, IVF<lists>,Flat, IVF<lists>_HNSW32,PQ<parts>, or one of these lists behind PCA<dimensions> and a comma';

/**
 * The recipe that a factory string names: `Flat`, `IVF1024,Flat`, `IVF65536_HNSW32,PQ64`, `IVF4096,PQ64,Refine(SQfp16)`,
 * `PCA64,IVF1024,Flat`. Throws `CoreError('usage')` for any other.
 */
export function parseRecipe(text: string): Recipe {
  if (text === 'Flat') return { type: 'exact' };
  const [, pca, lists, graph, kind, parts, , scalar] =
    /^(?:PCA([1-9]\d{0,3}),)?IVF([1-9]\d{0,8})(_HNSW32)?,(Flat|PQ([1-9]\d{0,3})(,Refine\((SQ8|SQfp16)\))?)$/.exec(
      text,
    ) ?? [];
  if (kind === undefined)
    throw new CoreError('usage', `"${text}" is not an index recipe; ${EXPECTED}.`, {
      hint: 'Leave --recipe out to have one chosen by size, or give one such as --recipe IVF1024,PQ64.',
    });
  return {
    type: 'ivf',
    ...(pca !== undefined && { pca: Number(pca) }),
    nlist: Number(lists),
    ...(graph !== undefined && { graph: true }),
    ...(parts !== undefined && { subspaces: Number(parts) }),
    ...(scalar !== undefined && scalar in SCALARS && scalar !== 'SQ8' && { scalar: scalar as Scalar }),
  };
}

/** The factory string, as {@link parseRecipe} reads it. */
export function printRecipe(recipe: Recipe): string {
  if (recipe.type === 'exact') return 'Flat';
  const { pca, nlist, graph, subspaces, scalar } = recipe;
  const codes = subspaces === undefined ? 'Flat' : `PQ${subspaces}`;
  return `${pca === undefined ? '' : `PCA${pca},`}IVF${nlist}${graph ? '_HNSW32' : ''},${codes}${scalar === undefined ? '' : `,Refine(${scalar})`}`;
}

export interface RecipeOptions {
  chunks: number;
  dimensions: number;
  /** Bytes that codes and ids may take in memory; 4 GiB when absent. */
  memory?: number | undefined;
}

/**
 * The recipe for a number of chunks and a memory: exact up to 50,000; inverted lists of vectors up to 200,000; then
 * codes of one byte per 6 dimensions, or per more dimensions if memory is short. Lists: the power of two nearest to 4 *
 * sqrt(chunks), twice that above ten million.
 */
export function chooseRecipe({ chunks, dimensions, memory = MEMORY }: RecipeOptions): Recipe {
  if (chunks <= EXACT_UP_TO) return { type: 'exact' };
  const nlist = 2 ** (Math.round(Math.log2(4 * Math.sqrt(chunks))) + (chunks > MANY_FROM ? 1 : 0));
  const graph = nlist >= GRAPH_FROM && { graph: true };
  const flat: Recipe = { type: 'ivf', nlist, ...graph };
  const fits = (recipe: Recipe) => chunks * bytesPerVector(recipe, dimensions).searched <= memory;
  if (chunks <= FLAT_UP_TO && fits(flat)) return flat;
  const coded = [6, 8, 12, 16, 24, 32]
    .filter((width) => dimensions % width === 0)
    .map((width): Recipe => ({ ...flat, subspaces: dimensions / width }));
  return coded.find(fits) ?? coded.at(-1) ?? flat;
}

/** Bytes per vector in the index that is searched, and in the files beside it: its row, and its form for rescoring. */
export function bytesPerVector(recipe: Recipe, dimensions: number): { searched: number; beside: number } {
  if (recipe.type === 'exact') return { searched: 4 * dimensions, beside: 0 };
  const { pca = dimensions, subspaces, scalar = 'SQ8' } = recipe;
  const rescored = subspaces === undefined ? 0 : SCALARS[scalar].bytes * dimensions;
  return { searched: codeSizeOf({ dimensions: pca, subspaces }) + ID_BYTES, beside: ROW_BYTES + rescored };
}

/**
 * Throws `CoreError('usage')` if there are fewer vectors than lists, components or codebook centroids, or if their
 * dimensions are fewer than the components, or not divisible by the parts of the codes.
 */
export function checkRecipe(recipe: Recipe, chunks: number, dimensions: number): void {
  if (recipe.type === 'exact') return;
  const { pca = dimensions, nlist, subspaces } = recipe;
  const name = printRecipe(recipe);
  if (pca > dimensions)
    throw new CoreError('usage', `${name} keeps more dimensions than the ${dimensions} that vectors have.`, {
      hint: `Give at most PCA${dimensions}, or leave it out of --recipe.`,
    });
  const most = Math.max(1, Math.floor(chunks / POINTS_PER_LIST.enough));
  const least = Math.max(nlist, recipe.pca ?? 0, subspaces === undefined ? 0 : LEAST_FOR_CODES);
  if (least > chunks)
    throw new CoreError(
      'usage',
      `${name} wants at least ${least} chunks to train on, and there are ${chunks}.`,
      { hint: `Give --recipe Flat, or at most --recipe IVF${most},Flat.` },
    );
  if (subspaces !== undefined && pca % subspaces !== 0)
    throw new CoreError(
      'usage',
      `${name} cuts vectors of ${pca} dimensions into ${subspaces} unequal parts.`,
      {
        hint: `Give a divisor of ${pca}, such as PQ${bestDivisor(pca, subspaces)}.`,
      },
    );
}

/** A centroid for each value of a byte. */
const LEAST_FOR_CODES = 256;

function bestDivisor(dimensions: number, near: number): number {
  const divisors = Array.from({ length: dimensions }, (_, i) => i + 1).filter((n) => dimensions % n === 0);
  return divisors.sort((a, b) => Math.abs(a - near) - Math.abs(b - near))[0] ?? 1;
}

/** Vectors to train on: up to 256 per list if lists are few, 64 if they are many. */
export function samplePoints({ pca = 0, nlist }: InvertedRecipe, rows: number): number {
  const each = nlist < MANY_LISTS ? POINTS_PER_LIST.most : POINTS_PER_LIST.most / 4;
  return Math.min(rows, Math.max(nlist * each, pca * POINTS_PER_COMPONENT));
}

/** Lists to visit before anything was measured: one in 32, at least 8. An exact index is one list. */
export function firstNprobe(recipe: Recipe): number {
  return recipe.type === 'exact' ? 1 : Math.min(recipe.nlist, Math.max(8, Math.ceil(recipe.nlist / 32)));
}
