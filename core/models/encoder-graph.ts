/**
 * A BERT encoder as an ONNX graph from token ids to unit vectors, including pooling and normalisation, so that no
 * tensor of all tokens leaves the device. Knows the order of its operators; callers supply number types and products.
 */
import type { ModelFingerprint } from '../types.ts';
import type { Bert, Dense, Norm } from './bert.ts';
import { UNIT_VECTORS } from './model.ts';
import { ELEMENT, type GraphWriter } from './onnx-file.ts';

export interface EncoderOptions {
  heads: number;
  /** The layer normalisation's ε. */
  epsilon: number;
  pooling: ModelFingerprint['pooling'];
}

/** The number types of an encoder, and how they are multiplied. */
export interface Arithmetic {
  /** A constant of the type of activations. */
  constant(values: Float32Array, dims: number[]): string;
  /** Products of `x` [n, inputs] (GELU's output if `after`) and the weights of each part: [n, outputs], no biases. */
  multiply(x: string, parts: Dense[], after?: 'gelu'): string[];
  /** Present if the rows of a run may differ in length, padded at their end. */
  padding?: {
    /** [rows, 1, 1, tokens], in the type of activations: what attention adds to its scores. */
    bias: string;
    /** [rows, tokens, 1], float32: 1 for a token, 0 for padding. */
    mask: string;
  };
}

/** Minimum sum of a vector's squares, so that none is divided by 0. */
const LEAST = 1e-12;

/** Adds everything from `input_ids` [rows, tokens] to {@link UNIT_VECTORS}. */
export function addEncoder(
  graph: GraphWriter,
  bert: Bert,
  { constant, multiply, padding }: Arithmetic,
  { heads, epsilon, pooling }: EncoderOptions,
): void {
  const node: GraphWriter['node'] = (...of) => graph.node(...of);
  const { width } = bert;
  const vector = (values: Float32Array) => constant(values, [values.length]);
  const ids = 'input_ids';
  const shape = node('Shape', [ids]);
  const rows = node('Gather', [shape, graph.integers(0)], { axis: 0 });
  const tokens = node('Gather', [shape, graph.integers(1)], { axis: 0 });
  const everyBias =
    padding &&
    node('Expand', [padding.bias, node('Concat', [rows, graph.integers(1), tokens, tokens], { axis: 0 })]);
  const hidden = node('Concat', [shape, graph.integers(width)], { axis: 0 });
  const single = graph.integers(-1, 1, width);
  const flat = (x: string) => node('Reshape', [x, graph.integers(-1, width)]);
  const folded = (x: string) => node('Reshape', [x, hidden]);
  const firsts = (x: string) => flat(node('Gather', [folded(x), graph.integers(0)], { axis: 1 }));
  const normalise = (x: string, { gain, bias }: Norm) =>
    node('LayerNormalization', [x, vector(gain), vector(bias)], { axis: -1, epsilon });
  const addNormalised = (x: string, product: string, { bias }: Dense, norm: Norm) =>
    normalise(node('Add', [node('Add', [product, vector(bias)]), x]), norm);

  const positions = node('Slice', [
    constant(bert.positions, [bert.positions.length / width, width]),
    graph.integers(0),
    tokens,
    graph.integers(0),
  ]);
  const words = node('Gather', [constant(bert.words, [bert.words.length / width, width]), ids]);
  let x = flat(normalise(node('Add', [words, positions]), bert.norm));
  for (const [number, layer] of bert.layers.entries()) {
    const { query, key, value, attentionOutput, intermediate, output } = layer;
    // With `cls` pooling, only the first tokens of the last layer are needed.
    const firstOnly = pooling === 'cls' && number === bert.layers.length - 1;
    const asking = firstOnly ? firsts(x) : x;
    const [asked, ...given] = firstOnly
      ? [...multiply(asking, [query]), ...multiply(x, [key, value])]
      : multiply(x, [query, key, value]);
    const parts = [
      node('Reshape', [asked as string, firstOnly ? single : hidden]),
      ...given.map(folded),
      vector(Float32Array.from([query, key, value].flatMap(({ bias }) => [...bias]))),
    ];
    const bias = firstOnly ? padding?.bias : everyBias;
    const attended = node('ms.MultiHeadAttention', bias ? [...parts, '', bias] : parts, { num_heads: heads });
    const [mixed = ''] = multiply(flat(attended), [attentionOutput]);
    x = addNormalised(asking, mixed, attentionOutput, layer.attentionNorm);
    const [wide = ''] = multiply(x, [intermediate]);
    const active = node('ms.BiasGelu', [wide, vector(intermediate.bias)]);
    const [narrow = ''] = multiply(active, [output], 'gelu');
    x = addNormalised(x, narrow, output, layer.outputNorm);
  }

  const floats = node('Cast', [x], { to: ELEMENT.float32 });
  const vectors = pooling === 'cls' ? floats : sumOfTokens(folded(floats));
  const squares = node('ReduceSum', [node('Mul', [vectors, vectors]), graph.integers(-1)], { keepdims: 1 });
  const length = node('Sqrt', [node('Max', [squares, graph.float(LEAST)])]);
  node('Div', [vectors, length], {}, UNIT_VECTORS);

  /** As good as the mean, since only its direction is kept. */
  function sumOfTokens(all: string): string {
    const counted = padding ? node('Mul', [all, padding.mask]) : all;
    return node('ReduceSum', [counted, graph.integers(1)], { keepdims: 0 });
  }
}
