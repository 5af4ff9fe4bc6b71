/**
 * LangChain.js's FaissStore beside our index: what vectors and their texts take to add and to hold, and one search. Prints one line of
 * JSON. faiss-node is the project's own.
 */
import { open } from 'node:fs/promises';
import { FaissStore } from '@langchain/community/vectorstores/faiss';

const [path, dimensionsSaid, characters] = process.argv.slice(2);
const dimensions = Number(dimensionsSaid);
const BLOCK_ROWS = 1_000;
const SEARCHES = 50;
const DEPTH = 10;
const file = await open(path);
const rows = (await file.stat()).size / 4 / dimensions;
const before = process.memoryUsage().rss;
const store = new FaissStore({ embedQuery: () => [], embedDocuments: () => [] }, {});
const began = performance.now();
const firsts = [];
for (let first = 0; first < rows; first += BLOCK_ROWS) {
  const numbers = new Float32Array(Math.min(BLOCK_ROWS, rows - first) * dimensions);
  await file.read(new Uint8Array(numbers.buffer), 0, numbers.byteLength, first * dimensions * 4);
  const vectors = Array.from({ length: numbers.length / dimensions }, (_, i) =>
    Array.from(numbers.subarray(i * dimensions, (i + 1) * dimensions)),
  );
  const documents = vectors.map((_, i) => ({
    pageContent: `${first + i} `.padEnd(Number(characters), 'text '),
    metadata: { row: first + i },
  }));
  await store.addVectors(vectors, documents);
  if (firsts.length < SEARCHES) firsts.push(vectors[0]);
}
const seconds = (performance.now() - began) / 1000;
globalThis.gc?.();
const bytes = process.memoryUsage().rss - before;
const ms = [];
for (const vector of firsts) {
  const asked = performance.now();
  await store.similaritySearchVectorWithScore(vector, DEPTH);
  ms.push(performance.now() - asked);
}
ms.sort((a, b) => a - b);
process.stdout.write(`${JSON.stringify({ rows, seconds, bytes, p50Ms: ms[ms.length >> 1] })}\n`);
