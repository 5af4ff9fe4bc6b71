/** The shards of a build as one stream of vectors in row order. Knows where shards lie; nothing about what is done with them. */
import { CoreError } from '../errors.ts';
import type { VectorSource } from '../index/vectors.ts';
import { shardPath } from './embed-shards.ts';
import { readShard } from './shard.ts';

export interface ShardFolder {
  folder: string;
  rows: number;
  shardRows: number;
  dimensions: number;
}

/** Reads one shard at a time. Throws `bad-input` for a shard that is damaged, missing or of other dimensions. */
export function shardVectors({ folder, rows, shardRows, dimensions }: ShardFolder): VectorSource {
  return {
    rows,
    dimensions,
    async *read(from, to) {
      for (let index = Math.floor(from / shardRows); index * shardRows < to; index++) {
        const path = shardPath(folder, index);
        const { firstRow, vectors } = await readShard(path, dimensions);
        const first = Math.max(from, firstRow);
        const last = Math.min(to, firstRow + vectors.length / dimensions);
        if (firstRow !== index * shardRows)
          throw new CoreError(
            'bad-input',
            `${path} begins at row ${firstRow}, expected ${index * shardRows}.`,
            {
              hint: 'Remove that file and run the same build again: the shard is embedded anew.',
            },
          );
        yield {
          firstRow: first,
          vectors: vectors.subarray((first - firstRow) * dimensions, (last - firstRow) * dimensions),
        };
      }
    },
  };
}
