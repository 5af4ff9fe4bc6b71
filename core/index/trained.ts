/**
 * What an index was trained to, read back out of its file, so that an index over much the same vectors need not be trained again.
 * Knows the places of centroids and codebooks; nothing about training.
 */
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { bytesOf } from './faiss-format.ts';
import { readFaissFile } from './faiss-read.ts';
import { INDEX_FILE, indexFacts } from './index-folder.ts';
import type { Pca } from './pca.ts';
import type { InvertedRecipe } from './recipe.ts';
import type { Quantizer } from './trainer.ts';

export interface Trained extends Quantizer {
  /** What the vectors were brought to fewer dimensions by. */
  pca?: Pca | undefined;
  /** How uneven its lists are. */
  imbalance: number;
}

/** Principal components, centroids and codebooks of the index in `folder`; undefined where it has none of this recipe and these dimensions. */
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
