import { describe, expect, it } from 'vitest';
import { readBert } from '../../core/models/bert.ts';
import { encodeColumns, evenFactors } from '../../core/models/int8-graph.ts';
import { GraphWriter, readGraph } from '../../core/models/onnx-file.ts';

describe('int8 weights', () => {
  it('keep every weight within half a step of its column, and use all codes of a column', () => {
    const weight = Float32Array.from({ length: 60 }, (_, i) => Math.sin(i * 7.3) * (1 + (i % 3) * 100));
    const { codes, scales } = encodeColumns(weight, 3);
    for (const [i, value] of weight.entries()) {
      const scale = scales[i % 3] as number;
      expect(Math.abs((codes[i] as number) * scale - value)).toBeLessThanOrEqual(scale / 2 + 1e-6);
    }
    for (const column of [0, 1, 2])
      expect(Math.max(...codes.filter((_, i) => i % 3 === column).map(Math.abs))).toBe(127);
  });

  it('divide a channel of wide range by more than one of narrow range, by powers of two around 1', () => {
    const factors = evenFactors(Float32Array.of(1, 1, 64, 1), [new Float32Array(8).fill(0.5)]);
    expect(factors[2]).toBeGreaterThanOrEqual(8 * (factors[0] as number));
    for (const factor of factors) expect(Number.isInteger(Math.log2(factor))).toBe(true);
    expect(Math.abs([...factors].reduce((sum, factor) => sum + Math.log2(factor), 0))).toBeLessThan(2);
  });

  it('come only of an encoder in the form that is known: another model is refused by what it lacks', () => {
    const graph = new GraphWriter();
    graph.node('Relu', ['x'], {}, 'y');
    const bytes = graph.finish({ x: ['float32', 'n'] }, { y: ['float32', 'n'] });
    expect(() => readBert(readGraph(bytes))).toThrow(/embeddings\.LayerNorm\.weight is not in it/);
  });
});

describe('an ONNX file', () => {
  it('is read as it was written', () => {
    const graph = new GraphWriter();
    const constant = graph.constant(Float32Array.of(1.5, -2), [2]);
    graph.node('Add', ['x', constant], {}, 'y');
    const read = readGraph(graph.finish({ x: ['float32', 'n'] }, { y: ['float32', 'n'] }));
    expect(read.node.map(({ opType, input }) => [opType, input])).toEqual([['Add', ['x', constant]]]);
    expect([...new Float32Array(Uint8Array.from(read.initializer[0]?.rawData ?? []).buffer)]).toEqual([
      1.5, -2,
    ]);
  });
});
