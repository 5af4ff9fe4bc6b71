/**
 * Gives unchanged rows of a build their vectors from an earlier build's shards. Knows the file of unchanged rows and
 * shards; nothing about texts.
 */
import { open } from 'node:fs/promises';
import { toCoreError } from '../errors.ts';
import { shardPath } from './embed-shards.ts';
import { readShard } from './shard.ts';
import { NO_ROW } from './unchanged.ts';

export interface EarlierVectors {
  /** Calls `take` for each of the rows from..to-1 that has a vector. Reads each shard that is needed once. */
  read(from: number, to: number, take: (row: number, vector: Float32Array) => void): Promise<void>;
}

export interface EarlierShards {
  /** The file that `findUnchanged` wrote. */
  unchanged: string;
  /** The earlier build's shards. */
  folder: string;
  shardRows: number;
  dimensions: number;
}

/** Throws `bad-input` for an earlier shard that is damaged, missing or of other dimensions. */
export function earlierVectors({ unchanged, folder, shardRows, dimensions }: EarlierShards): EarlierVectors {
  return {
    async read(from, to, take) {
      const byShard = new Map<number, { row: number; earlier: number }[]>();
      (await readRows(unchanged, from, to)).forEach((earlier, offset) => {
        if (earlier === NO_ROW) return;
        const shard = Math.floor(earlier / shardRows);
        const wanted = byShard.get(shard) ?? [];
        wanted.push({ row: from + offset, earlier });
        byShard.set(shard, wanted);
      });
      for (const [index, wanted] of byShard) {
        const { firstRow, vectors } = await readShard(shardPath(folder, index), dimensions);
        for (const { row, earlier } of wanted) {
          const at = (earlier - firstRow) * dimensions;
          take(row, vectors.subarray(at, at + dimensions));
        }
      }
    },
  };
}

async function readRows(path: string, from: number, to: number): Promise<number[]> {
  try {
    const file = await open(path);
    try {
      const bytes = Buffer.alloc((to - from) * 4);
      await file.read(bytes, 0, bytes.length, from * 4);
      return Array.from({ length: to - from }, (_, offset) => bytes.readUInt32LE(offset * 4));
    } finally {
      await file.close();
    }
  } catch (error) {
    throw toCoreError(error);
  }
}
