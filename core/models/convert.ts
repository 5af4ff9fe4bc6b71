/**
 * Converts an fp32 model file to int8 or fp16 weights: writes the graph (for int8, activation ranges are measured
 * first) and compares it with the original before renaming it. Knows files and one model; callers supply what runs it.
 */
import { createHash } from 'node:crypto';
import { open, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { z } from 'zod';
import { CoreError, toCoreError } from '../errors.ts';
import { processLives } from '../runtime/processes.ts';
import type { FileRecord, ModelFingerprint } from '../types.ts';
import { type Bert, readBert } from './bert.ts';
import { fp16Graph } from './fp16-graph.ts';
import { int8Graph } from './int8-graph.ts';
import type { MadeDtype } from './model.ts';
import { readGraph, withOutputs } from './onnx-file.ts';

export interface ConvertRequest {
  /** As in `ModelPlace`. */
  folder: string;
  /** Path of the fp32 file inside the folder, and of the file to be made. */
  weights: string;
  target: string;
  dtype: MadeDtype;
  /** Of the fp32 weights. */
  model: ModelFingerprint;
  threads: number;
}

export interface Measuring {
  /** The token ids before and after a text. */
  special(): Promise<number[]>;
  /** Every output of the model in a file of the folder, by name. */
  outputs(weights: string, rows: number[][]): Promise<Map<string, Float32Array>>;
  /** The unit vectors of rows of one length by the model in a file of the folder, row-major. */
  vectors(weights: string, rows: number[][]): Promise<Float32Array>;
}

/** Rows of random token ids to measure ranges on: as good as real paragraphs for English (core/embed/README.md). */
const ROWS = 16;
const TOKENS = 64;
/** Below this mean cosine over those rows, something was misread. */
const LOWEST_COSINE = 0.97;

const configSchema = z.looseObject({
  model_type: z.literal('bert'),
  num_attention_heads: z.int().min(1),
  hidden_act: z.literal('gelu').default('gelu'),
  position_embedding_type: z.literal('absolute').default('absolute'),
  layer_norm_eps: z.number().positive().default(1e-12),
});

/** Throws `bad-input` for a model of another architecture, `disk` where the file cannot be written. */
export async function convert(request: ConvertRequest, model: Measuring): Promise<FileRecord> {
  const { folder, weights, target, dtype } = request;
  const stem = basename(target, '.onnx');
  const scratch = (what: string) => join(dirname(target), `${stem}.${process.pid}.${what}.onnx`);
  const [measured, partial] = [scratch('measured'), scratch('partial')];
  try {
    const config = configSchema.safeParse(JSON.parse(await readFile(join(folder, 'config.json'), 'utf8')));
    if (!config.success)
      throw refused(`its config.json says otherwise: ${config.error.issues[0]?.path.join('.')}`);
    await sweep(join(folder, dirname(target)), stem);
    const bytes = await readFile(join(folder, weights));
    const bert = readBert(readGraph(bytes));
    const rows = randomRows(await model.special(), bert.words.length / bert.width);
    const options = {
      heads: config.data.num_attention_heads,
      epsilon: config.data.layer_norm_eps,
      pooling: request.model.pooling,
    };
    let made: Uint8Array;
    if (dtype === 'fp16') made = fp16Graph(bert, options);
    else {
      await writeFile(join(folder, measured), withOutputs(bytes, evened(bert)));
      made = int8Graph(bert, rangesOf(bert, await model.outputs(measured, rows)), options);
      await rm(join(folder, measured));
    }
    await writeSynced(join(folder, partial), made);
    const cosine = meanCosine(await model.vectors(weights, rows), await model.vectors(partial, rows));
    if (!(cosine >= LOWEST_COSINE))
      throw refused(`the converted weights give other vectors, mean cosine ${cosine.toFixed(3)}`);
    await rename(join(folder, partial), join(folder, target));
    return { bytes: made.length, sha256: createHash('sha256').update(made).digest('hex') };
  } catch (error) {
    throw toCoreError(error);
  } finally {
    await rm(join(folder, measured), { force: true });
    await rm(join(folder, partial), { force: true });
  }
}

/** Removes scratch files of processes that were killed while making the same weights. */
async function sweep(folder: string, stem: string): Promise<void> {
  for (const name of await readdir(folder)) {
    const [, pid] = /\.(\d+)\.(?:measured|partial)\.onnx$/.exec(name) ?? [];
    if (pid !== undefined && name.startsWith(`${stem}.`) && !processLives(Number(pid)))
      await rm(join(folder, name), { force: true });
  }
}

async function writeSynced(path: string, bytes: Uint8Array): Promise<void> {
  const file = await open(path, 'w');
  try {
    await file.writeFile(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** The same rows at every call. Lehmer's generator with Park and Miller's constants. */
function randomRows([before = 0, after = 0]: number[], vocabulary: number): number[][] {
  let state = 1;
  const next = () => {
    state = (state * 48_271) % 2_147_483_647;
    return state % vocabulary;
  };
  return Array.from({ length: ROWS }, () => [before, ...Array.from({ length: TOKENS - 2 }, next), after]);
}

/** Names of the activation tensors whose channels are equalised for int8 weights. */
const evened = ({ layers }: Bert): string[] =>
  layers.flatMap(({ query, intermediate }) => [query.activations, intermediate.activations]);

/** The largest absolute value of each channel. */
function rangesOf(bert: Bert, outputs: Map<string, Float32Array>): Map<string, Float32Array> {
  const { width } = bert;
  return new Map(
    evened(bert).map((name) => {
      const activations = outputs.get(name);
      if (activations === undefined) throw refused('it does not give the activations between its layers');
      const ranges = new Float32Array(width);
      for (const [i, value] of activations.entries())
        ranges[i % width] = Math.max(ranges[i % width] as number, Math.abs(value));
      return [name, ranges];
    }),
  );
}

/** Mean cosine of rows of unit vectors. */
function meanCosine(a: Float32Array, b: Float32Array): number {
  return a.reduce((sum, value, i) => sum + value * (b[i] as number), 0) / ROWS;
}

function refused(why: string): CoreError {
  return new CoreError('bad-input', `No other weights can be made of this model: ${why}.`, {
    hint: 'Use it as it is, with --dtype auto.',
  });
}
