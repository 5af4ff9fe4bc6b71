/** hnswlib-node beside our index: what a graph over all vectors takes to make and to hold. Prints one line of JSON. */
import { open } from 'node:fs/promises';
import hnswlib from 'hnswlib-node';

const [path, dimensionsSaid] = process.argv.slice(2);
const dimensions = Number(dimensionsSaid);
const file = await open(path);
const rows = (await file.stat()).size / 4 / dimensions;
const before = process.memoryUsage().rss;
const index = new hnswlib.HierarchicalNSW('ip', dimensions);
index.initIndex(rows);
const began = performance.now();
const vector = new Float32Array(dimensions);
for (let row = 0; row < rows; row++) {
  await file.read(new Uint8Array(vector.buffer), 0, vector.byteLength, row * vector.byteLength);
  index.addPoint(Array.from(vector), row);
}
const seconds = (performance.now() - began) / 1000;
process.stdout.write(`${JSON.stringify({ rows, seconds, bytes: process.memoryUsage().rss - before })}\n`);
