/**
 * Runs text models with transformers.js, its tokenizer and ONNX runtime: texts to unit vectors, pairs of texts to
 * logits.
 * The only file that imports it. Knows one model in one process; nothing about batching, files of vectors, or where
 * models come from.
 */
import { readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import {
  AutoModel,
  AutoModelForSequenceClassification,
  AutoTokenizer,
  env,
  type PreTrainedModel,
  type PreTrainedTokenizer,
  Tensor,
} from '@huggingface/transformers';
import { CoreError } from '../errors.ts';
import { UNIT_VECTORS } from '../models/model.ts';
import type { ModelFingerprint } from '../types.ts';
import type { TokenBatch } from './batch.ts';

/** onnxruntime's message for a half-precision shader on a device without half precision. */
const NO_HALVES = /requires f16 but the device does not support it/;

env.allowRemoteModels = false;
env.useFSCache = false;

/** Where a model lies and what it runs on. */
export interface ModelPlace {
  /** Folder with tokenizer.json, tokenizer_config.json, config.json and the weights. */
  folder: string;
  /** Path of the ONNX file inside the folder. */
  weights: string;
  threads: number;
  device: 'cpu' | 'webgpu' | 'cuda';
  /** As in `InstalledModel`. */
  wideSums?: boolean;
}

export interface LoadRequest extends ModelPlace {
  model: ModelFingerprint;
}

export interface LoadedModel {
  /** Token ids including special ones, cut at the model's maximum length. */
  tokenize(texts: string[]): TokenBatch;
  /** Unit vectors, row-major `rows x dimensions`; one run of the model over all rows, padded to the longest. */
  run(batch: TokenBatch): Promise<Float32Array>;
}

/** A cross-encoder: a model that reads two texts together. */
export interface LoadedCrossEncoder {
  /** Token ids of a text, without special ones. */
  tokenize(text: string): number[];
  /** One logit per pair of token ids; one run of the model over all pairs, padded to the longest. */
  run(first: number[], seconds: number[][]): Promise<Float32Array>;
}

/** Loads an embedding model. Throws `bad-input` for files that cannot be used, `native` for a device that is not there. */
export async function loadModel(request: LoadRequest): Promise<LoadedModel> {
  const { model } = request;
  const tokenizer = await loadTokenizer(request);
  const network = await loadNetwork(AutoModel, request);
  return {
    tokenize: (texts) => tokenize(tokenizer, texts, model.maxTokens),
    run: (batch) => run(network, batch, model),
  };
}

/** Loads a cross-encoder of BERT's form, `[CLS] first [SEP] second [SEP]`. Throws as {@link loadModel} does. */
export async function loadCrossEncoder(place: ModelPlace): Promise<LoadedCrossEncoder> {
  const tokenizer = await loadTokenizer(place);
  const network = await loadNetwork(AutoModelForSequenceClassification, place);
  const [open, close] = tokenizer.encode('') as [number, number];
  return {
    tokenize: (text) => tokenizer.encode(text, { add_special_tokens: false }),
    async run(first, seconds) {
      const longest = first.length + 3 + Math.max(...seconds.map(({ length }) => length));
      const shape = [seconds.length, longest];
      const [ids, mask, types] = [0, 1, 2].map(() => new BigInt64Array(seconds.length * longest)) as [
        BigInt64Array,
        BigInt64Array,
        BigInt64Array,
      ];
      for (const [row, second] of seconds.entries()) {
        const pair = [open, ...first, close, ...second, close];
        for (const [at, id] of pair.entries()) ids[row * longest + at] = BigInt(id);
        mask.fill(1n, row * longest, row * longest + pair.length);
        types.fill(1n, row * longest + first.length + 2, row * longest + pair.length);
      }
      const inputs = [ids, mask, types].map((data) => new Tensor('int64', data, shape));
      const [input_ids, attention_mask, token_type_ids] = inputs;
      const { logits } = (await network({ input_ids, attention_mask, token_type_ids })) as { logits: Tensor };
      try {
        return Float32Array.from(logits.data as Float32Array);
      } finally {
        for (const tensor of [...inputs, logits]) tensor.dispose();
      }
    },
  };
}

/** Every output of a model by its name, for rows of token ids of equal length. */
export async function outputsOf(place: ModelPlace, rows: number[][]): Promise<Map<string, Float32Array>> {
  const network = await loadNetwork(AutoModel, place);
  const shape = [rows.length, (rows[0] as number[]).length];
  const ids = new Tensor('int64', BigInt64Array.from(rows.flat(), BigInt), shape);
  const mask = new Tensor('int64', new BigInt64Array(ids.size).fill(1n), shape);
  const outputs = (await network({ input_ids: ids, attention_mask: mask })) as Record<string, Tensor>;
  try {
    return new Map(
      Object.entries(outputs).map(([name, { data }]) => [name, Float32Array.from(data as Float32Array)]),
    );
  } finally {
    for (const tensor of [ids, mask, ...Object.values(outputs)]) tensor.dispose();
    await network.dispose();
  }
}

/** The token ids that stand before and after a text. */
export async function specialTokens(place: Pick<ModelPlace, 'folder'>): Promise<number[]> {
  return (await loadTokenizer(place)).encode('');
}

function loadTokenizer({ folder }: Pick<ModelPlace, 'folder'>): Promise<PreTrainedTokenizer> {
  return AutoTokenizer.from_pretrained(folder).catch((error: unknown) => {
    throw new CoreError('bad-input', `The tokenizer in ${folder} cannot be loaded: ${said(error)}.`, {
      hint: 'Pull the model again, or put its tokenizer.json and tokenizer_config.json there.',
      cause: error,
    });
  });
}

function loadNetwork(
  kind: Pick<typeof AutoModel, 'from_pretrained'>,
  { folder, weights, threads, device, wideSums = false }: ModelPlace,
): Promise<PreTrainedModel> {
  const options: Parameters<typeof AutoModel.from_pretrained>[1] = {
    // fp32 has an empty suffix, so the library takes the file by its exact name, whatever the type of its weights.
    dtype: 'fp32',
    device,
    subfolder: dirname(weights) === '.' ? '' : dirname(weights),
    model_file_name: basename(weights, '.onnx'),
    session_options: {
      intraOpNumThreads: threads,
      interOpNumThreads: 1,
      ...(wideSums && !hasVnni() && { extra: { session: { x64quantprecision: '1' } } }),
    },
  };
  return kind.from_pretrained(folder, options).catch((error: unknown) => {
    if (device !== 'cpu')
      throw new CoreError('native', `The model does not run on ${device} here: ${said(error)}.`, {
        hint: 'Use --device cpu, or install what `footnote doctor` says is missing.',
        cause: error,
      });
    throw new CoreError(
      'bad-input',
      `The weights ${join(folder, weights)} cannot be loaded: ${said(error)}.`,
      {
        hint: 'Pull the model again with `footnote models pull NAME`.',
        cause: error,
      },
    );
  });
}

/**
 * Whether byte products are known to be summed in 32 bits here. Elsewhere onnxruntime sums pairs in 16 bits and
 * saturates, unless told to be exact, which is slower; with VNNI instructions the option would cost speed for nothing.
 */
function hasVnni(): boolean {
  if (process.arch !== 'x64') return true;
  try {
    return /\bavx(?:512)?_vnni\b/.test(readFileSync('/proc/cpuinfo', 'utf8'));
  } catch {
    return false;
  }
}

function tokenize(tokenizer: PreTrainedTokenizer, texts: string[], maxTokens: number): TokenBatch {
  const rows = texts.map((text) => {
    const ids: number[] = tokenizer.encode(text);
    // Cut before the closing special token, as the tokenizer's own truncation does.
    return ids.length <= maxTokens ? ids : [...ids.slice(0, maxTokens - 1), ids.at(-1) as number];
  });
  return { ids: Int32Array.from(rows.flat()), lengths: Int32Array.from(rows, (row) => row.length) };
}

async function run(
  network: PreTrainedModel,
  batch: TokenBatch,
  model: ModelFingerprint,
): Promise<Float32Array> {
  const rows = batch.lengths.length;
  const longest = batch.lengths.reduce((most, length) => Math.max(most, length), 0);
  const ids = new BigInt64Array(rows * longest); // 0 elsewhere: the mask keeps padding out, so its id does not matter
  const mask = new BigInt64Array(rows * longest);
  let from = 0;
  for (const [row, length] of batch.lengths.entries()) {
    for (let at = 0; at < length; at += 1) {
      ids[row * longest + at] = BigInt(batch.ids[from + at] as number);
      mask[row * longest + at] = 1n;
    }
    from += length;
  }
  const inputs = [ids, mask].map((data) => new Tensor('int64', data, [rows, longest]));
  const outputs = (await network({ input_ids: inputs[0], attention_mask: inputs[1] }).catch(
    (error: unknown) => {
      if (!NO_HALVES.test(said(error))) throw error;
      throw new CoreError('native', `${model.name} needs half precision, which the graphics card has not.`, {
        hint: 'Use --dtype auto, or --device cpu.',
        cause: error,
      });
    },
  )) as Record<string, Tensor>;
  try {
    const vectors = outputs[UNIT_VECTORS];
    if (vectors !== undefined) return Float32Array.from(vectors.data as Float32Array);
    const hidden = Object.values(outputs).find(({ dims }) => dims.length === 3);
    if (hidden === undefined || hidden.dims[2] !== model.dimensions)
      throw new CoreError(
        'bad-input',
        `${model.name} gives ${hidden === undefined ? 'no vector a token' : `${hidden.dims[2]} numbers a token`}; ${model.dimensions} were expected.`,
        { hint: 'Check hidden_size in the model’s config.json and that the ONNX file is a plain encoder.' },
      );
    return pool(hidden.data as Float32Array, batch.lengths, longest, model);
  } finally {
    for (const tensor of [...inputs, ...Object.values(outputs)]) tensor.dispose();
  }
}

/** The first token's vector (`cls`) or the mean over a row's own tokens (`mean`), scaled to length 1. */
function pool(
  hidden: Float32Array,
  lengths: Int32Array,
  longest: number,
  { dimensions, pooling }: ModelFingerprint,
): Float32Array {
  const vectors = new Float32Array(lengths.length * dimensions);
  const sum = new Float64Array(dimensions);
  for (const [row, length] of lengths.entries()) {
    sum.fill(0);
    const tokens = pooling === 'cls' ? 1 : length;
    for (let token = 0; token < tokens; token += 1) {
      const from = (row * longest + token) * dimensions;
      for (let i = 0; i < dimensions; i += 1) sum[i] = (sum[i] as number) + (hidden[from + i] as number);
    }
    let square = 0;
    for (const value of sum) square += value * value;
    const norm = Math.sqrt(square) || 1;
    for (let i = 0; i < dimensions; i += 1) vectors[row * dimensions + i] = (sum[i] as number) / norm;
  }
  return vectors;
}

function said(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return (text.split('\n')[0] as string).slice(0, 300).replace(/[.\s]+$/, '');
}
