/**
 * Assigns points to very many centroids without comparing all pairs: n centroids are put into √n groups, and a point is
 * compared only with those of the √√n groups nearest to it. For 65,536 centroids that is a sixteenth of the work; three
 * to six points in a thousand get a centroid that is not their nearest. Holds the centroids twice. Knows a kernel and
 * numbers; no files. On graphics cards products cost less than the sorting, so nothing changes there.
 */
import { resultOf } from '../../runtime/events.ts';
import { arrayVectors } from '../vector-sources.ts';
import type { Kernel, Matches } from './kernel.ts';
import { kmeans } from './kmeans.ts';

/** Centroids are grouped from this many on. */
export const GROUPS_FROM = 4096;
const ITERATIONS = 8;
const SEED = 1234;

/** How many rows a point is compared with to find its centroid among `centroids`. */
export function comparedWith(centroids: number): number {
  if (centroids < GROUPS_FROM) return centroids;
  const groups = Math.round(Math.sqrt(centroids));
  return groups + (Math.ceil(Math.sqrt(groups)) * centroids) / groups;
}

interface Groups {
  /** The centroids that are grouped. */
  of: Float32Array;
  /** Row-major, one for each group. */
  middles: Float32Array;
  members: Int32Array[];
  /** The members' own numbers, row-major. */
  vectors: Float32Array[];
}

/** The kernel with a grouped `nearest` for k = 1 over very many rows; deterministic for the same rows and points. */
export function grouped(kernel: Kernel): Kernel {
  if (kernel.device !== 'cpu') return kernel;
  let groups: Groups | undefined;
  return {
    ...kernel,
    async nearest(points, rows, options) {
      const { dimensions, k, signal } = options;
      if (k !== 1 || rows.length / dimensions < GROUPS_FROM) return kernel.nearest(points, rows, options);
      if (groups?.of !== rows) groups = await group(kernel, rows, dimensions, signal);
      return nearestInGroups(kernel, points, groups, dimensions, signal);
    },
  };
}

async function group(
  kernel: Kernel,
  rows: Float32Array,
  dimensions: number,
  signal?: AbortSignal,
): Promise<Groups> {
  const count = rows.length / dimensions;
  const source = arrayVectors(rows, dimensions, count);
  const k = Math.round(Math.sqrt(count));
  const options = { k, iterations: ITERATIONS, seed: SEED };
  const middles = await resultOf(kmeans(source, options, kernel, { signal }));
  const { rows: groupOf } = await kernel.nearest(rows, middles, { dimensions, k: 1, signal });
  const members = membersOf(groupOf, 1, k);
  const vectors = members.map((list) => gather(rows, list, dimensions));
  return { of: rows, middles, members, vectors };
}

async function nearestInGroups(
  kernel: Kernel,
  points: Float32Array,
  { middles, members, vectors }: Groups,
  dimensions: number,
  signal?: AbortSignal,
): Promise<Matches> {
  const count = points.length / dimensions;
  const groups = members.length;
  const k = Math.ceil(Math.sqrt(groups));
  const near = await kernel.nearest(points, middles, { dimensions, k, signal });
  const found = {
    rows: new Int32Array(count),
    scores: new Float32Array(count).fill(Number.NEGATIVE_INFINITY),
  };
  for (const [number, asked] of membersOf(near.rows, k, groups).entries()) {
    const own = members[number] as Int32Array;
    if (asked.length === 0 || own.length === 0) continue;
    const part = gather(points, asked, dimensions);
    const best = await kernel.nearest(part, vectors[number] as Float32Array, { dimensions, k: 1, signal });
    asked.forEach((point, i) => {
      const score = best.scores[i] as number;
      const row = own[best.rows[i] as number] as number;
      const before = found.scores[point] as number;
      if (score < before || (score === before && row > (found.rows[point] as number))) return;
      found.scores[point] = score;
      found.rows[point] = row;
    });
  }
  return found;
}

/** Turns the groups of each point (`each` per point, in sequence) into the points of each group, in order. */
function membersOf(groupOf: Int32Array, each: number, groups: number): Int32Array[] {
  const sizes = new Uint32Array(groups);
  for (const group of groupOf) sizes[group] = (sizes[group] as number) + 1;
  const members = Array.from(sizes, (size) => new Int32Array(size));
  sizes.fill(0);
  groupOf.forEach((group, i) => {
    (members[group] as Int32Array)[sizes[group] as number] = Math.floor(i / each);
    sizes[group] = (sizes[group] as number) + 1;
  });
  return members;
}

function gather(rows: Float32Array, places: Int32Array, dimensions: number): Float32Array {
  const gathered = new Float32Array(places.length * dimensions);
  places.forEach((place, i) => {
    gathered.set(rows.subarray(place * dimensions, (place + 1) * dimensions), i * dimensions);
  });
  return gathered;
}
