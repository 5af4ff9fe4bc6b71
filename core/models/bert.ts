/**
 * Finds the weights of a BERT encoder in the ONNX file that PyTorch's exporter made of it. Knows that architecture and the names of
 * its parameters; nothing about how it is run.
 */
import { CoreError } from '../errors.ts';
import { ELEMENT, type OnnxGraph } from './onnx-file.ts';

/** Row-major `inputs x outputs`, and its bias. `activations` is the name of the tensor that is multiplied with it. */
export interface Dense {
  weight: Float32Array;
  bias: Float32Array;
  activations: string;
}

export interface Norm {
  gain: Float32Array;
  bias: Float32Array;
}

export interface BertLayer {
  query: Dense;
  key: Dense;
  value: Dense;
  attentionOutput: Dense;
  attentionNorm: Norm;
  intermediate: Dense;
  output: Dense;
  outputNorm: Norm;
}

export interface Bert {
  /** `vocabulary x width` and `positions x width`; positions include the type embedding of the first sentence. */
  words: Float32Array;
  positions: Float32Array;
  width: number;
  norm: Norm;
  layers: BertLayer[];
}

/** Throws `bad-input` for a graph that is no such encoder in fp32. */
export function readBert({ node, initializer }: OnnxGraph): Bert {
  const tensor = (suffix: string, required = true) => {
    const found = initializer.find(({ name }) => name === suffix || name.endsWith(`.${suffix}`));
    if (found === undefined && required) throw notBert(`${suffix} is not in it`);
    return found;
  };
  const floats = (suffix: string) => floatsOf(tensor(suffix));
  const made = new Map(node.flatMap((each) => each.output.map((name) => [name, each] as const)));
  const byName = new Map(initializer.map((each) => [each.name, each]));

  const dense = (name: string): Dense => {
    const bias = tensor(`${name}.bias`);
    const sum = node.find(({ opType, input }) => opType === 'Add' && input.includes(bias?.name ?? ''));
    const product = sum?.input.map((name) => made.get(name)).find((each) => each?.opType === 'MatMul');
    const [activations, weight] = product?.input ?? [];
    if (activations === undefined || weight === undefined) throw notBert(`no product goes with ${name}.bias`);
    return { weight: floatsOf(byName.get(weight)), bias: floatsOf(bias), activations };
  };
  const norm = (name: string): Norm => ({
    gain: floats(`${name}.LayerNorm.weight`),
    bias: floats(`${name}.LayerNorm.bias`),
  });
  const layer = (at: string): BertLayer => ({
    query: dense(`${at}.attention.self.query`),
    key: dense(`${at}.attention.self.key`),
    value: dense(`${at}.attention.self.value`),
    attentionOutput: dense(`${at}.attention.output.dense`),
    attentionNorm: norm(`${at}.attention.output`),
    intermediate: dense(`${at}.intermediate.dense`),
    output: dense(`${at}.output.dense`),
    outputNorm: norm(`${at}.output`),
  });

  const width = floats('embeddings.LayerNorm.weight').length;
  const types = floats('embeddings.token_type_embeddings.weight');
  const layers: BertLayer[] = [];
  while (tensor(`encoder.layer.${layers.length}.attention.self.query.bias`, false))
    layers.push(layer(`encoder.layer.${layers.length}`));
  if (layers.length === 0) throw notBert('it has no layer');
  return {
    words: floats('embeddings.word_embeddings.weight'),
    positions: floats('embeddings.position_embeddings.weight').map(
      (value, i) => value + (types[i % width] as number),
    ),
    width,
    norm: norm('embeddings'),
    layers,
  };
}

function floatsOf(tensor: OnnxGraph['initializer'][number] | undefined): Float32Array {
  if (tensor?.dataType !== ELEMENT.float32) throw notBert(`${tensor?.name ?? 'a matrix'} is not fp32`);
  // A copy, because bytes inside a file may not be aligned for floats.
  return tensor.rawData.length > 0
    ? new Float32Array(Uint8Array.from(tensor.rawData).buffer)
    : Float32Array.from(tensor.floatData);
}

function notBert(why: string): CoreError {
  return new CoreError(
    'bad-input',
    `No other weights can be made of this model: it is no BERT encoder in fp32 as PyTorch exports it (${why}).`,
    { hint: 'Use it as it is, with --dtype auto.' },
  );
}
