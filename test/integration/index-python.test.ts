import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildIndex } from '../../core/index/build-index.ts';
import { parseRecipe } from '../../core/index/recipe.ts';
import { openSearcher } from '../../core/index/search/client.ts';
import { arrayVectors } from '../../core/index/vector-sources.ts';
import { pythonFaiss, runPython } from '../fixtures/python.ts';
import { clusteredVectors } from '../fixtures/vectors.ts';

const DIMENSIONS = 24;
const ROWS = 3000;
const QUERIES = 1000;

const SEARCH = `
import sys, json, numpy, faiss
index = faiss.read_index(sys.argv[1])
queries = numpy.fromfile(sys.argv[2], dtype='float32').reshape(-1, index.d)
if int(sys.argv[3]): faiss.extract_index_ivf(index).nprobe = int(sys.argv[3])
scores, ids = index.search(queries, 10)
print(json.dumps({'total': index.ntotal, 'ids': ids.tolist(), 'scores': scores.tolist()}))`;

/** How nearly each component of a file is one that FAISS trains itself, and how far its bias is from what the mean makes it. */
const COMPONENTS = `
import sys, json, numpy, faiss
index = faiss.read_index(sys.argv[1])
read = faiss.downcast_VectorTransform(index.chain.at(0))
assert type(read) is faiss.PCAMatrix
vectors = numpy.fromfile(sys.argv[2], dtype='float32').reshape(-1, read.d_in)
trained = faiss.PCAMatrix(read.d_in, read.d_out)
trained.train(vectors)
matrix = lambda pca: faiss.vector_to_array(pca.A).reshape(pca.d_out, pca.d_in)
alike = numpy.abs((matrix(read) * matrix(trained)).sum(axis=1))
bias = faiss.vector_to_array(read.b) + matrix(read) @ faiss.vector_to_array(trained.mean)
print(json.dumps({'alike': alike.tolist(), 'apart': float(numpy.abs(bias).max())}))`;

interface Found {
  total: number;
  ids: number[][];
  scores: number[][];
}

describe.skipIf(pythonFaiss === undefined)(
  'Python FAISS (skipped where no Python with faiss is installed)',
  () => {
    const vectors = clusteredVectors(ROWS, DIMENSIONS, { clusters: 60 });
    const queries = clusteredVectors(QUERIES, DIMENSIONS, { clusters: 60, seed: 21 });
    let root: string;
    let queryFile: string;

    beforeAll(async () => {
      root = await mkdtemp(join(tmpdir(), 'footnote-python-'));
      queryFile = join(root, 'queries.f32');
      await writeFile(queryFile, queries);
    });
    afterAll(() => rm(root, { recursive: true, force: true }));

    async function make(recipe: string): Promise<string> {
      const folder = join(root, recipe);
      const source = arrayVectors(vectors, DIMENSIONS, 256);
      for await (const _ of buildIndex({ vectors: source, folder, recipe: parseRecipe(recipe), threads: 2 }));
      return folder;
    }

    /** Ids as the file stores them, scores as FAISS gives them. */
    async function ours(folder: string, nprobe: number | undefined): Promise<Pick<Found, 'ids' | 'scores'>> {
      const searcher = await openSearcher({ folder, foreign: true });
      try {
        const found = await searcher.search(queries, { k: 10, nprobe });
        return {
          ids: found.map((hits) => hits.map(({ id }) => id)),
          scores: found.map((hits) => hits.map(({ score }) => score)),
        };
      } finally {
        await searcher.close();
      }
    }

    test.each([
      ['Flat', 0],
      ['IVF32,Flat', 3],
      ['IVF32,PQ6', 3],
      ['IVF32_HNSW32,PQ8', 5],
      ['PCA10,IVF32,Flat', 3],
      ['PCA12,IVF32_HNSW32,PQ6', 5],
    ])('opens a file of %s and agrees on ids and scores for 1,000 queries', async (recipe, nprobe) => {
      const folder = await make(recipe);
      const theirs = await runPython<Found>(SEARCH, join(folder, 'index.faiss'), queryFile, String(nprobe));
      const found = await ours(folder, nprobe || undefined);
      expect(theirs.total).toBe(ROWS);
      let different = 0;
      for (let query = 0; query < QUERIES; query++)
        for (let place = 0; place < 10; place++) {
          expect(found.scores[query]?.[place]).toBeCloseTo(theirs.scores[query]?.[place] ?? 0, 5);
          if (found.ids[query]?.[place] !== theirs.ids[query]?.[place]) different += 1;
        }
      expect(different).toBeLessThanOrEqual(20); // of 10,000: vectors whose scores are equal to the last digit but one
    });

    test('finds the components in the same vectors that we find', async () => {
      const vectorFile = join(root, 'vectors.f32');
      await writeFile(vectorFile, vectors);
      const folder = await make('PCA10,IVF32,Flat');
      const { alike, apart } = await runPython<{ alike: number[]; apart: number }>(
        COMPONENTS,
        join(folder, 'index.faiss'),
        vectorFile,
      );
      expect(alike).toHaveLength(10);
      for (const along of alike) expect(along).toBeCloseTo(1, 4);
      expect(apart).toBeLessThan(1e-5);
    });

    test.each(['IVF32,PQ6', 'IVF32,PQ6,Refine(SQfp16)', 'PCA12,IVF32,PQ6'])(
      'gives the vectors beside the codes of %s the scores that rescoring gives them',
      async (recipe) => {
        const folder = await make(recipe);
        const theirs = await runPython<Found>(SEARCH, join(folder, 'vectors.faiss'), queryFile, '0');
        const rows = new Uint32Array(Uint8Array.from(await readFile(join(folder, 'rows.u32'))).buffer);
        const searcher = await openSearcher({ folder });
        try {
          const found = await searcher.search(queries, { k: 10, nprobe: 32, candidates: ROWS });
          for (let query = 0; query < QUERIES; query++) {
            const scores = found[query]?.map(({ score }) => score) ?? [];
            for (const [place, score] of scores.entries())
              expect(score).toBeCloseTo(theirs.scores[query]?.[place] ?? 0, 4);
            const known = new Set(theirs.ids[query]?.map((position) => rows[position]));
            expect(found[query]?.filter(({ id }) => known.has(id)).length).toBeGreaterThanOrEqual(9);
          }
        } finally {
          await searcher.close();
        }
      },
    );
  },
);
