/**
 * Reads trained parts back from the file of an index, so that one over nearly the same vectors needs no training.
 * Knows the places of centroids and codebooks; nothing about training.
 */
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { bytesOf } from '../format/faiss-format.ts';
import { readFaissFile } from '../format/faiss-read.ts';
import { INDEX_FILE, indexFacts } from '../index-folder.ts';
import type { InvertedRecipe } from '../recipe.ts';
import type { Pca } from './pca.ts';
import type { Quantizer } from './trainer.ts';

export interface Trained extends Quantizer {
  /** The projection to fewer dimensions, if there was one. */
  pca?: Pca | undefined;
  /** How uneven its lists are. */
  imbalance: number;
}

/** The trained parts of the index in `folder`; undefined if there are none with this recipe and these dimensions. */
export async function readTrained(
  folder: string,
  { pca: kept, nlist, subspaces }: InvertedRecipe,
  dimensions: number,
): Promise<Trained | undefined> {
  const facts = await indexFacts(folder);
  if (facts === undefined || facts.nlist !== nlist || facts.dimensions !== dimensions) return undefined;
  const file = await readFaissFile(join(folder, INDEX_FILE));
  const { dimensions: searched, quantizer, pq } = file.searched;
  const centroidsAt = quantizer?.codesAt ?? quantizer?.inner?.codesAt;
  if (centroidsAt === undefined || pq?.subspaces !== subspaces || file.pca?.kept !== kept) return undefined;
  const floats = (at: number, count: number) => readFloats(file.path, at, count);
  return {
    pca: file.pca && {
      mean: await floats(file.pca.meanAt, dimensions),
      eigenvalues: await floats(file.pca.eigenvaluesAt, searched),
      components: await floats(file.pca.componentsAt, searched * dimensions),
    },
    centroids: await floats(centroidsAt, nlist * searched),
    codebooks: pq && (await floats(pq.codebooksAt, searched * 2 ** pq.bits)),
    subspaces,
    imbalance: facts.imbalance,
  };
}

async function readFloats(path: string, at: number, count: number): Promise<Float32Array> {
  const file = await open(path);
  try {
    const floats = new Float32Array(count);
    await file.read(bytesOf(floats), 0, floats.byteLength, at);
    return floats;
  } finally {
    await file.close();
  }
}
