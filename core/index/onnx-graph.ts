/**
 * Knows how to write a graph in the ONNX file format (onnx.proto, IR version 8, operator set 17).
 * Knows only the message fields that small graphs without weights need; runs nothing.
 */
import protobuf from 'protobufjs/light.js';

const field = (id: number, type: string) => ({ id, type });
const list = (id: number, type: string) => ({ id, type, rule: 'repeated' });

const schema = protobuf.Root.fromJSON({
  nested: {
    Model: {
      fields: { irVersion: field(1, 'int64'), graph: field(7, 'Graph'), opsetImport: list(8, 'Opset') },
    },
    Opset: { fields: { domain: field(1, 'string'), version: field(2, 'int64') } },
    Graph: {
      fields: {
        node: list(1, 'Node'),
        name: field(2, 'string'),
        input: list(11, 'Value'),
        output: list(12, 'Value'),
      },
    },
    Node: {
      fields: {
        input: list(1, 'string'),
        output: list(2, 'string'),
        opType: field(4, 'string'),
        attribute: list(5, 'Attribute'),
      },
    },
    Attribute: {
      fields: {
        name: field(1, 'string'),
        i: field(3, 'int64'),
        ints: { ...list(8, 'int64'), options: { packed: false } },
        type: field(20, 'int32'),
      },
    },
    Value: { fields: { name: field(1, 'string'), type: field(2, 'ValueType') } },
    ValueType: { fields: { tensorType: field(1, 'TensorType') } },
    TensorType: { fields: { elemType: field(1, 'int32'), shape: field(2, 'Shape') } },
    Shape: { fields: { dim: list(1, 'Dimension') } },
    Dimension: { fields: { dimParam: field(2, 'string') } },
  },
});

const ELEMENT = { float32: 1, int64: 7 };
const INTEGER_ATTRIBUTE = 2;
const INTEGERS_ATTRIBUTE = 7;

type Element = keyof typeof ELEMENT;

const value = (name: string, element: Element, ...dimensions: string[]) => ({
  name,
  type: {
    tensorType: {
      elemType: ELEMENT[element],
      shape: { dim: dimensions.map((dimParam) => ({ dimParam })) },
    },
  },
});

const node = (
  opType: string,
  input: string[],
  output: string[],
  attributes: Record<string, number | number[]> = {},
) => ({
  opType,
  input,
  output,
  attribute: Object.entries(attributes).map(([name, value]) =>
    typeof value === 'number'
      ? { name, i: value, type: INTEGER_ATTRIBUTE }
      : { name, ints: value, type: INTEGERS_ATTRIBUTE },
  ),
});

/**
 * `points` [n, d] and `rows` [m, d] to the `k` largest inner products of each point: `scores` [n, k] and their `indices` [n, k].
 * On the processor TopK with k = 1 was measured as fast as ArgMax (66 GFLOP/s at m = 1024, d = 384) and gives the score as well.
 */
export function nearestGraph(): Uint8Array {
  return encode({
    name: 'nearest',
    node: [
      node('Gemm', ['points', 'rows'], ['products'], { transB: 1 }),
      node('TopK', ['products', 'k'], ['scores', 'indices'], { axis: 1, largest: 1, sorted: 1 }),
    ],
    input: [
      value('points', 'float32', 'n', 'd'),
      value('rows', 'float32', 'm', 'd'),
      value('k', 'int64', 'one'),
    ],
    output: [value('scores', 'float32', 'n', 'k'), value('indices', 'int64', 'n', 'k')],
  });
}

/** {@link nearestGraph} for k = 1: two reductions, which graphics cards take far less time for than for a sorting TopK. */
export function assignGraph(): Uint8Array {
  return encode({
    name: 'assign',
    node: [
      node('Gemm', ['points', 'rows'], ['products'], { transB: 1 }),
      node('ReduceMax', ['products'], ['scores'], { axes: [1], keepdims: 1 }),
      node('ArgMax', ['products'], ['indices'], { axis: 1, keepdims: 1 }),
    ],
    input: [value('points', 'float32', 'n', 'd'), value('rows', 'float32', 'm', 'd')],
    output: [value('scores', 'float32', 'n', 'one'), value('indices', 'int64', 'n', 'one')],
  });
}

/**
 * `points` [n, s, w], `codebooks` [s, c, w] and the `halves` [s, 1, c] of their squared lengths to the nearest centroid
 * of each sub-vector: `scores` [s, n, 1], the largest x·c - |c|²/2, and their `indices` [s, n, 1].
 */
export function encodeGraph(): Uint8Array {
  return encode({
    name: 'encode',
    node: [
      node('Transpose', ['points'], ['parts'], { perm: [1, 0, 2] }),
      node('Transpose', ['codebooks'], ['columns'], { perm: [0, 2, 1] }),
      node('MatMul', ['parts', 'columns'], ['products']),
      node('Sub', ['products', 'halves'], ['nearness']),
      node('ReduceMax', ['nearness'], ['scores'], { axes: [2], keepdims: 1 }),
      node('ArgMax', ['nearness'], ['indices'], { axis: 2, keepdims: 1 }),
    ],
    input: [
      value('points', 'float32', 'n', 's', 'w'),
      value('codebooks', 'float32', 's', 'c', 'w'),
      value('halves', 'float32', 's', 'one', 'c'),
    ],
    output: [value('scores', 'float32', 's', 'n', 'one'), value('indices', 'int64', 's', 'n', 'one')],
  });
}

function encode(graph: object): Uint8Array {
  const Model = schema.lookupType('Model');
  const model = { irVersion: 8, opsetImport: [{ domain: '', version: 17 }], graph };
  return Model.encode(Model.fromObject(model)).finish();
}
