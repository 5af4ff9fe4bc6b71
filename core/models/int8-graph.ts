/**
 * A BERT encoder with products of bytes, as an ONNX graph: int8 weights with one scale per column, uint8 activations
 * with one scale per token, the rest fp32. Rows of a run have equal length: without a mask onnxruntime has a faster
 * attention. Ranges are first equalised between channels, as in SmoothQuant (Xiao and others, 2023, arXiv:2211.10438):
 * a channel is divided by a power of two and its row of weights multiplied by it, which changes no product.
 */
import type { Bert, Dense } from './bert.ts';
import { addEncoder, type EncoderOptions } from './encoder-graph.ts';
import { UNIT_VECTORS } from './model.ts';
import { GraphWriter } from './onnx-file.ts';

/** SmoothQuant's α: how much of a channel's range moves into the weights. .5: mean cosine to fp32 .99913, .65: .99923. */
const MOVED = 0.65;
/** Largest code of a weight, and of an activation on either side of its zero point. */
const LARGEST = 127;
const ZERO = 128;
/** GELU never goes below -0.17, so nearly all codes are for values above 0. */
const GELU = { zero: 24, lowest: 0.17 };

/**
 * @param ranges largest absolute value of each channel, by tensor name (`Dense.activations`); others are not equalised
 * @returns the file: `input_ids` [rows, tokens], no padding among them, to unit vectors [rows, width]
 */
export function int8Graph(
  bert: Bert,
  ranges: Map<string, Float32Array>,
  options: EncoderOptions,
): Uint8Array {
  const graph = new GraphWriter();
  const node: GraphWriter['node'] = (...of) => graph.node(...of);
  const constant = (values: Float32Array, dims: number[]) => graph.constant(values, dims);
  const vector = (values: Float32Array) => constant(values, [values.length]);
  const zero = graph.byte(ZERO);
  const geluZero = graph.byte(GELU.zero);
  const one = graph.float(1);
  const last = graph.integers(-1);
  const smallest = graph.float(1e-9);

  interface Codes {
    codes: string;
    /** [tokens, 1] */
    scales: string;
    zero: string;
  }
  const coded = (x: string, scale: string, zero: string): Codes => {
    const zeros = node('Expand', [zero, node('Shape', [scale])]);
    const codes = node('QuantizeLinear', [x, scale, zeros], { axis: 0 });
    return { codes, scales: node('Unsqueeze', [scale, last]), zero };
  };
  const largestOf = (x: string) => node('ReduceMax', [x], { axes: [1], keepdims: 0 });
  /** Codes of activations [tokens, channels] that lie on both sides of 0. */
  const encode = (x: string): Codes => {
    const share = node('Mul', [largestOf(node('Abs', [x])), graph.float(1 / LARGEST)]);
    return coded(x, node('Max', [share, smallest]), zero);
  };
  const encodeGelu = (x: string): Codes => {
    const share = node('Mul', [largestOf(x), graph.float(1 / (255 - GELU.zero))]);
    return coded(x, node('Max', [share, graph.float(GELU.lowest / GELU.zero)]), geluZero);
  };
  const product = ({ codes, scales, zero }: Codes, weight: Float32Array, outputs: number) => {
    const { codes: columns, scales: columnScales } = encodeColumns(weight, outputs);
    const matrix = graph.constant(columns, [weight.length / outputs, outputs]);
    return node('Mul', [
      node('ms.MatMulIntegerToFloat', [codes, matrix, one, vector(columnScales), zero]),
      scales,
    ]);
  };
  const multiply = (x: string, parts: Dense[], after?: 'gelu') => {
    const range = ranges.get((parts[0] as Dense).activations);
    const factors =
      range &&
      evenFactors(
        range,
        parts.map(({ weight }) => weight),
      );
    const evened = factors ? node('Mul', [x, vector(factors.map((factor) => 1 / factor))]) : x;
    const codes = after === 'gelu' ? encodeGelu(x) : encode(evened);
    return parts.map(({ weight, bias: { length: outputs } }) =>
      product(codes, factors ? multiplied(weight, factors) : weight, outputs),
    );
  };
  addEncoder(graph, bert, { constant, multiply }, options);
  return graph.finish(
    { input_ids: ['int64', 'rows', 'tokens'] },
    { [UNIT_VECTORS]: ['float32', 'rows', 'width'] },
  );
}

/** Each row of the weights, multiplied by its channel's factor. */
function multiplied(weight: Float32Array, factors: Float32Array): Float32Array {
  const outputs = weight.length / factors.length;
  return weight.map((value, i) => value * (factors[Math.floor(i / outputs)] as number));
}

/** One scale per column, the largest absolute value at code 127. */
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
