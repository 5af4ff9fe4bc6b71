/**
 * A BERT encoder whose products are of bytes, as an ONNX graph: weights int8 with one scale a column, activations uint8 with one scale
 * a token. Everything else stays fp32. Rows of a run are of one length: without a mask onnxruntime takes a faster way through attention.
 * Ranges of activations are evened out between channels first, as SmoothQuant does (Xiao and others, 2023, arXiv:2211.10438): a channel
 * is divided by a power of two and its row of weights multiplied by it, which changes no product.
 */
import type { Bert, Dense, Norm } from './bert.ts';
import { GraphWriter } from './onnx-file.ts';

/** SmoothQuant's α: how much of a channel's range moves into the weights. .5: mean cosine to fp32 .99913, .65: .99923. */
const MOVED = 0.65;
/** Largest code of a weight, and of an activation on either side of its zero point. */
const LARGEST = 127;
const ZERO = 128;
/** GELU never goes below -0.17, so that nearly all codes are for what is above. */
const GELU = { zero: 24, lowest: 0.17 };

export interface Int8Options {
  heads: number;
  /** The layer normalisation's ε. */
  epsilon: number;
}

/**
 * @param ranges largest absolute value of each channel, by the name of the tensor (`Dense.activations`); a tensor without is not evened
 * @returns the file: `input_ids` [rows, tokens], no padding among them, to `last_hidden_state` [rows, tokens, width]
 */
export function int8Graph(
  bert: Bert,
  ranges: Map<string, Float32Array>,
  { heads, epsilon }: Int8Options,
): Uint8Array {
  const graph = new GraphWriter();
  const node: GraphWriter['node'] = (...of) => graph.node(...of);
  const { width } = bert;
  const vector = (values: Float32Array) => graph.constant(values, [values.length]);
  const ids = 'input_ids';
  const shape = node('Shape', [ids]);
  const tokens = node('Shape', [node('Reshape', [ids, graph.integers(-1)])]);
  const hidden = node('Concat', [shape, graph.integers(width)], { axis: 0 });
  const zero = graph.byte(ZERO);
  const geluZero = graph.byte(GELU.zero);
  const one = graph.float(1);
  const zeros = node('Expand', [zero, tokens]);
  const geluZeros = node('Expand', [geluZero, tokens]);
  const last = graph.integers(-1);
  const smallest = graph.float(1e-9);

  interface Codes {
    codes: string;
    /** [tokens, 1] */
    scales: string;
    zero: string;
  }
  /** Codes of activations [tokens, channels] that lie on both sides of 0. */
  const encode = (x: string): Codes => {
    const largest = node('ReduceMax', [node('Abs', [x])], { axes: [1], keepdims: 0 });
    const scale = node('Max', [node('Mul', [largest, graph.float(1 / LARGEST)]), smallest]);
    const codes = node('QuantizeLinear', [x, scale, zeros], { axis: 0 });
    return { codes, scales: node('Unsqueeze', [scale, last]), zero };
  };
  const encodeGelu = (x: string): Codes => {
    const largest = node('ReduceMax', [x], { axes: [1], keepdims: 0 });
    const scale = node('Max', [
      node('Mul', [largest, graph.float(1 / (255 - GELU.zero))]),
      graph.float(GELU.lowest / GELU.zero),
    ]);
    const codes = node('QuantizeLinear', [x, scale, geluZeros], { axis: 0 });
    return { codes, scales: node('Unsqueeze', [scale, last]), zero: geluZero };
  };
  /** [tokens, outputs], without the bias, which the next operator adds. */
  const multiply = ({ codes, scales, zero }: Codes, weight: Float32Array, outputs: number) => {
    const { codes: columns, scales: columnScales } = encodeColumns(weight, outputs);
    const matrix = graph.constant(columns, [weight.length / outputs, outputs]);
    const product = node('ms.MatMulIntegerToFloat', [codes, matrix, one, vector(columnScales), zero]);
    return node('Mul', [product, scales]);
  };
  const flat = (x: string) => node('Reshape', [x, graph.integers(-1, width)]);
  const folded = (x: string) => node('Reshape', [x, hidden]);
  const normalise = (x: string, { gain, bias }: Norm) =>
    node('LayerNormalization', [x, vector(gain), vector(bias)], { axis: -1, epsilon });
  const addNormalised = (x: string, product: string, { bias }: Dense, norm: Norm) =>
    normalise(node('Add', [node('Add', [product, vector(bias)]), x]), norm);
  /** Codes of evened activations, and the matrices to multiply them with. */
  const even = (x: string, parts: Dense[]) => {
    const range = ranges.get((parts[0] as Dense).activations);
    const weights = parts.map(({ weight }) => weight);
    if (range === undefined) return { codes: encode(x), weights };
    const factors = evenFactors(range, weights);
    const codes = encode(node('Mul', [x, vector(factors.map((factor) => 1 / factor))]));
    return {
      codes,
      weights: weights.map((weight) => {
        const outputs = weight.length / factors.length;
        return weight.map((value, i) => value * (factors[Math.floor(i / outputs)] as number));
      }),
    };
  };

  const positions = node('Slice', [
    graph.constant(bert.positions, [bert.positions.length / width, width]),
    graph.integers(0),
    node('Gather', [shape, graph.integers(1)], { axis: 0 }),
    graph.integers(0),
  ]);
  const words = node('Gather', [graph.constant(bert.words, [bert.words.length / width, width]), ids]);
  let x = flat(normalise(node('Add', [words, positions]), bert.norm));
  for (const layer of bert.layers) {
    const inputs = even(x, [layer.query, layer.key, layer.value]);
    const parts = inputs.weights.map((weight) => folded(multiply(inputs.codes, weight, width)));
    const biases = [layer.query, layer.key, layer.value].flatMap(({ bias }) => [...bias]);
    const attended = flat(
      node('ms.MultiHeadAttention', [...parts, vector(Float32Array.from(biases))], {
        num_heads: heads,
      }),
    );
    const { attentionOutput, intermediate, output } = layer;
    const mixed = multiply(encode(attended), attentionOutput.weight, width);
    x = addNormalised(x, mixed, attentionOutput, layer.attentionNorm);
    const inner = even(x, [intermediate]);
    const wide = multiply(inner.codes, inner.weights[0] as Float32Array, intermediate.bias.length);
    const active = node('ms.BiasGelu', [wide, vector(intermediate.bias)]);
    x = addNormalised(x, multiply(encodeGelu(active), output.weight, width), output, layer.outputNorm);
  }
  node('Reshape', [x, hidden], {}, 'last_hidden_state');
  return graph.finish(
    { input_ids: ['int64', 'rows', 'tokens'] },
    { last_hidden_state: ['float32', 'rows', 'tokens', 'width'] },
  );
}

/** One scale a column, the largest absolute value at code 127. */
export function encodeColumns(
  weight: Float32Array,
  columns: number,
): { codes: Int8Array; scales: Float32Array } {
  const scales = new Float32Array(columns);
  for (const [i, value] of weight.entries())
    scales[i % columns] = Math.max(scales[i % columns] as number, Math.abs(value));
  for (const [column, largest] of scales.entries()) scales[column] = (largest || 1) / LARGEST;
  const codes = Int8Array.from(weight, (value, i) => Math.round(value / (scales[i % columns] as number)));
  return { codes, scales };
}

/** What each channel is divided by: range^α / weight^(1 - α), around a geometric mean of 1, rounded to a power of two. */
export function evenFactors(range: Float32Array, weights: Float32Array[]): Float32Array {
  const logs = Array.from(range, (largest, channel) => {
    let most = 0;
    for (const weight of weights) {
      const outputs = weight.length / range.length;
      for (let i = channel * outputs; i < (channel + 1) * outputs; i += 1)
        most = Math.max(most, Math.abs(weight[i] as number));
    }
    return MOVED * Math.log2(largest + 1e-6) - (1 - MOVED) * Math.log2(most + 1e-6);
  });
  const mean = logs.reduce((sum, log) => sum + log, 0) / logs.length;
  return Float32Array.from(logs, (log) => 2 ** Math.round(log - mean));
}
