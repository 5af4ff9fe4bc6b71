/**
 * The small graphs of the training kernel, in the ONNX file format. Knows their operators; runs nothing.
 */
import { GraphWriter } from '../../models/onnx-file.ts';

/**
 * `points` [n, d] and `rows` [m, d] to the `k` largest inner products of each point: `scores` [n, k] and their `indices` [n, k].
 * On the processor TopK with k = 1 was measured as fast as ArgMax (66 GFLOP/s at m = 1024, d = 384) and gives the score as well.
 */
export function nearestGraph(): Uint8Array {
  const graph = new GraphWriter();
  graph.node('Gemm', ['points', 'rows'], { transB: 1 }, 'products');
  graph.node('TopK', ['products', 'k'], { axis: 1, largest: 1, sorted: 1 }, 'scores', 'indices');
  return graph.finish(
    { points: ['float32', 'n', 'd'], rows: ['float32', 'm', 'd'], k: ['int64', 'one'] },
    { scores: ['float32', 'n', 'k'], indices: ['int64', 'n', 'k'] },
  );
}

/** {@link nearestGraph} for k = 1: two reductions, which graphics cards run far faster than a sorting TopK. */
export function assignGraph(): Uint8Array {
  const graph = new GraphWriter();
  graph.node('Gemm', ['points', 'rows'], { transB: 1 }, 'products');
  graph.node('ReduceMax', ['products'], { axes: [1], keepdims: 1 }, 'scores');
  graph.node('ArgMax', ['products'], { axis: 1, keepdims: 1 }, 'indices');
  return graph.finish(
    { points: ['float32', 'n', 'd'], rows: ['float32', 'm', 'd'] },
    { scores: ['float32', 'n', 'one'], indices: ['int64', 'n', 'one'] },
  );
}

/**
 * `points` [n, s, w], `codebooks` [s, c, w] and the `halves` [s, 1, c] of their squared lengths to the nearest centroid
 * of each sub-vector: `scores` [s, n, 1], the largest x·c - |c|²/2, and their `indices` [s, n, 1].
 */
export function encodeGraph(): Uint8Array {
  const graph = new GraphWriter();
  graph.node('Transpose', ['points'], { perm: [1, 0, 2] }, 'parts');
  graph.node('Transpose', ['codebooks'], { perm: [0, 2, 1] }, 'columns');
  graph.node('MatMul', ['parts', 'columns'], {}, 'products');
  graph.node('Sub', ['products', 'halves'], {}, 'nearness');
  graph.node('ReduceMax', ['nearness'], { axes: [2], keepdims: 1 }, 'scores');
  graph.node('ArgMax', ['nearness'], { axis: 2, keepdims: 1 }, 'indices');
  return graph.finish(
    {
      points: ['float32', 'n', 's', 'w'],
      codebooks: ['float32', 's', 'c', 'w'],
      halves: ['float32', 's', 'one', 'c'],
    },
    { scores: ['float32', 's', 'n', 'one'], indices: ['int64', 's', 'n', 'one'] },
  );
}
