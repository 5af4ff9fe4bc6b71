/**
 * A BERT encoder in half precision as an ONNX graph, for graphics cards: half the memory, and twice the products in a second or more.
 * Rows of a run may be of several lengths. A processor computes it in fp32.
 */
import { halvesOf } from '../half.ts';
import type { Bert, Dense } from './bert.ts';
import { addEncoder, type EncoderOptions } from './encoder-graph.ts';
import { UNIT_VECTORS } from './model.ts';
import { ELEMENT, GraphWriter } from './onnx-file.ts';

/** Added to the attention scores of padding: softmax turns it into 0, and half precision can represent it. */
const NOTHING = -30_000;

/** The file: `input_ids` and `attention_mask` [rows, tokens] to unit vectors [rows, width] in fp32. */
export function fp16Graph(bert: Bert, options: EncoderOptions): Uint8Array {
  const graph = new GraphWriter();
  const constant = (values: Float32Array, dims: number[]) => graph.constant(halvesOf(values), dims);
  const multiply = (x: string, parts: Dense[]) =>
    parts.map(({ weight, bias }) =>
      graph.node('MatMul', [x, constant(weight, [weight.length / bias.length, bias.length])]),
    );
  const mask = graph.node('Cast', ['attention_mask'], { to: ELEMENT.float32 });
  const absent = graph.node('Mul', [graph.node('Sub', [graph.float(1), mask]), graph.float(NOTHING)]);
  const bias = graph.node('Unsqueeze', [
    graph.node('Cast', [absent], { to: ELEMENT.float16 }),
    graph.integers(1, 2),
  ]);
  const padding = { bias, mask: graph.node('Unsqueeze', [mask, graph.integers(-1)]) };
  addEncoder(graph, bert, { constant, multiply, padding }, options);
  return graph.finish(
    { input_ids: ['int64', 'rows', 'tokens'], attention_mask: ['int64', 'rows', 'tokens'] },
    { [UNIT_VECTORS]: ['float32', 'rows', 'width'] },
  );
}
