/**
 * Recipes: what kind of index to build, as a value that prints like FAISS's factory strings.
 * Knows sizes; no vectors and no files.
 */
import { CoreError } from '../errors.ts';

/** `exact` compares a question with every vector; `ivf` with those of the inverted lists nearest to it. */
export type Recipe = { type: 'exact' } | { type: 'ivf'; nlist: number };

/** Up to here exact search takes at most 17 ms a question (384 dimensions, one core; inverted lists take 2 ms). */
export const EXACT_UP_TO = 50_000;

/** Training vectors a list: below the first k-means is unreliable, above the second more do not help (FAISS's own bounds). */
export const POINTS_PER_LIST = { enough: 39, most: 256 };

/**
 * The recipe that a factory string names: `Flat`, or `IVF1024,Flat`.
 * Throws `CoreError('usage')` for any other.
 */
export function parseRecipe(text: string): Recipe {
  if (text === 'Flat') return { type: 'exact' };
  const nlist = Number(/^IVF([1-9]\d{0,8}),Flat$/.exec(text)?.[1]);
  if (Number.isInteger(nlist)) return { type: 'ivf', nlist };
  throw new CoreError('usage', `"${text}" is not an index recipe; expected Flat or IVF<lists>,Flat.`, {
    hint: 'Leave --recipe out to have one chosen by size, or give one such as --recipe IVF1024,Flat.',
  });
}

/** The factory string, as {@link parseRecipe} reads it. */
export function printRecipe(recipe: Recipe): string {
  return recipe.type === 'exact' ? 'Flat' : `IVF${recipe.nlist},Flat`;
}

/** The recipe for a number of chunks: exact up to 50,000, then the power of two nearest to 4 * sqrt(chunks) lists. */
export function chooseRecipe(chunks: number): Recipe {
  if (chunks <= EXACT_UP_TO) return { type: 'exact' };
  return { type: 'ivf', nlist: 2 ** Math.round(Math.log2(4 * Math.sqrt(chunks))) };
}

/** Throws `CoreError('usage')` where there are fewer chunks than lists. */
export function checkRecipe(recipe: Recipe, chunks: number): void {
  if (recipe.type === 'exact' || recipe.nlist <= chunks) return;
  const most = Math.max(1, Math.floor(chunks / POINTS_PER_LIST.enough));
  throw new CoreError(
    'usage',
    `${printRecipe(recipe)} wants at least ${recipe.nlist} chunks to train on, and there are ${chunks}.`,
    { hint: `Give --recipe Flat, or at most --recipe IVF${most},Flat.` },
  );
}

/** Lists to visit before anything was measured: one in 32, at least 8. An exact index is one list. */
export function firstNprobe(recipe: Recipe): number {
  return recipe.type === 'exact' ? 1 : Math.min(recipe.nlist, Math.max(8, Math.ceil(recipe.nlist / 32)));
}
