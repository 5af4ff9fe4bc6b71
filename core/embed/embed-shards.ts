/**
 * Embeds chunks into shards of vectors; resuming means embedding the missing shards. Knows the folder's layout and row
 * ranges; nothing about models or where chunks are kept.
 */
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { passageText } from '../corpus/passage.ts';
import { CoreError, isCoreError, throwIfAborted } from '../errors.ts';
import { streamed } from '../runtime/events.ts';
import type { ChunkReader } from '../store/chunk-store.ts';
import type { Chunk } from '../types.ts';
import type { EarlierVectors } from './earlier-vectors.ts';
import type { Embedder } from './embedder.ts';
import { readShardHeader, type ShardHeader, writeShard } from './shard.ts';

export interface EmbedShardsRequest {
  chunks: Pick<ChunkReader, 'count' | 'range'>;
  embedder: Embedder;
  /** Folder of the shards; created if absent. */
  folder: string;
  /** Rows of a shard; the last one may hold fewer. */
  shardRows: number;
  /** Vectors of an earlier build, reused instead of embedding their rows again. */
  earlier?: EarlierVectors | undefined;
  signal?: AbortSignal | undefined;
}

/** Rows that have a vector, and all rows. */
export interface EmbedProgress {
  done: number;
  total: number;
}

/** Path of the shard that begins with row `index * shardRows`. */
export function shardPath(folder: string, index: number): string {
  return join(folder, `${String(index).padStart(6, '0')}.shard`);
}

/**
 * Embeds every missing or incomplete shard and yields progress after each batch; the first event counts what was there.
 * Throws what the embedder and the store throw; `incompatible` for shards of another size. No finished shard is lost.
 */
export async function* embedShards(request: EmbedShardsRequest): AsyncGenerator<EmbedProgress, void> {
  const { chunks, embedder, folder, shardRows, signal } = request;
  await mkdir(folder, { recursive: true });
  const total = await chunks.count();
  const ranges = Array.from({ length: Math.ceil(total / shardRows) }, (_, index) => ({
    index,
    from: index * shardRows,
    to: Math.min(total, (index + 1) * shardRows),
  }));
  const missing: typeof ranges = [];
  for (const range of ranges) if (!(await isThere(request, range))) missing.push(range);
  let done = total - missing.reduce((sum, { from, to }) => sum + to - from, 0);
  yield { done, total };

  const fetch = (range: { from: number; to: number } | undefined): Promise<Chunk[]> => {
    const fetched = range ? chunks.range(range.from, range.to) : Promise.resolve([]);
    fetched.catch(() => undefined); // awaited later; until then its failure must not count as unhandled
    return fetched;
  };
  let next = fetch(missing[0]);
  for (const [i, { index, from, to }] of missing.entries()) {
    throwIfAborted(signal);
    const texts = (await next).map(passageText);
    const vectors = new Float32Array((to - from) * embedder.model.dimensions);
    const missingRows = await takeEarlier(request.earlier, from, to, vectors);
    if (texts.length !== to - from)
      throw new CoreError('internal', `The chunk store gave ${texts.length} of rows ${from} to ${to}.`);
    next = fetch(missing[i + 1]);
    const taken = to - from - missingRows.length;
    const wanted = missingRows.map((offset) => texts[offset] as string);
    const before = done + taken;
    const embedded = yield* streamed<EmbedProgress, Float32Array>(
      (emit, either) =>
        embedder.embed(wanted, 'passage', {
          signal: either,
          onDone: (rows) => emit({ done: before + rows, total }),
        }),
      signal,
    );
    const { dimensions } = embedder.model;
    missingRows.forEach((offset, place) => {
      vectors.set(embedded.subarray(place * dimensions, (place + 1) * dimensions), offset * dimensions);
    });
    const shard = { dimensions, firstRow: from, rows: to - from, vectors };
    await writeShard(shardPath(folder, index), shard);
    done += to - from;
    yield { done, total };
  }
}

/** Fills in the vectors that an earlier build has; returns the offsets of the rows that it lacks. */
async function takeEarlier(
  earlier: EarlierVectors | undefined,
  from: number,
  to: number,
  vectors: Float32Array,
): Promise<number[]> {
  const missing = new Set(Array.from({ length: to - from }, (_, offset) => offset));
  await earlier?.read(from, to, (row, vector) => {
    vectors.set(vector, (row - from) * vector.length);
    missing.delete(row - from);
  });
  return [...missing];
}

async function isThere(
  { embedder, folder, shardRows }: EmbedShardsRequest,
  { index, from, to }: { index: number; from: number; to: number },
): Promise<boolean> {
  const path = shardPath(folder, index);
  let header: ShardHeader;
  try {
    header = await readShardHeader(path);
  } catch (error) {
    if (isCoreError(error) && error.code === 'not-found') return false;
    if (!isCoreError(error) || error.code !== 'bad-input') throw error;
    await rm(path);
    return false;
  }
  const { dimensions, firstRow, rows } = header;
  if (dimensions === embedder.model.dimensions && firstRow === from && rows === to - from) return true;
  throw new CoreError(
    'incompatible',
    `${path} holds ${rows} rows from ${firstRow} with ${dimensions} numbers each; ${to - from} rows from ${from} with ${embedder.model.dimensions} were expected.`,
    {
      hint: `Go on with the --shard-rows (now ${shardRows}) and --model that the build was begun with, or give the build another name.`,
    },
  );
}
