/**
 * Knows how models are stored: `DATA/models/NAME/` with `model.json`, written last, or the user's own folder or file.
 * Knows nothing about where models come from.
 */
import { open, readFile, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { z } from 'zod';
import { CoreError, isCoreError, toCoreError } from '../errors.ts';
import { digestFile } from '../runtime/digest.ts';
import type { InstalledModel, ModelEntry } from './model.ts';

/** The note beside a model's files; its existence means that all of them are whole. */
const noteSchema = z.object({
  format: z.literal(1),
  name: z.string(),
  /** Where it was taken from and why, one sentence. */
  origin: z.string(),
  files: z.record(z.string(), z.object({ bytes: z.number(), sha256: z.string() })),
});
export type ModelNote = z.infer<typeof noteSchema>;

export const NOTE = 'model.json';

/** The folder of an installed model; a hub name's slashes become `--`. */
export function modelFolder(data: string, name: string): string {
  return join(data, 'models', name.replaceAll('/', '--'));
}

/**
 * The model as installed in the data folder, or undefined if it is not.
 * Throws `bad-input` for a note that cannot be read, and if a file is gone or has changed its size since.
 */
export async function findInstalled(data: string, entry: ModelEntry): Promise<InstalledModel | undefined> {
  const folder = modelFolder(data, entry.name);
  const note = await readNote(folder);
  if (note === undefined) return undefined;
  for (const [path, { bytes }] of Object.entries(note.files)) {
    const size = (await stat(join(folder, path)).catch(() => undefined))?.size;
    if (size !== bytes)
      throw broken(folder, `its ${path} ${size === undefined ? 'is gone' : `has ${size} of ${bytes} bytes`}`);
  }
  const checksum = note.files[entry.weights]?.sha256;
  if (checksum === undefined) throw broken(folder, `its note does not list ${entry.weights}`);
  return { entry, folder, weights: join(folder, entry.weights), checksum, origin: note.origin };
}

/** As {@link findInstalled}, but a damaged model counts as absent, so that it is pulled again. */
export async function findWhole(data: string, entry: ModelEntry): Promise<InstalledModel | undefined> {
  try {
    return await findInstalled(data, entry);
  } catch (error) {
    if (isCoreError(error) && error.code === 'bad-input') return undefined;
    throw error;
  }
}

async function readNote(folder: string): Promise<ModelNote | undefined> {
  let text: string;
  try {
    text = await readFile(join(folder, NOTE), 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw toCoreError(error);
  }
  try {
    return noteSchema.parse(JSON.parse(text));
  } catch (error) {
    throw broken(folder, `its ${NOTE} cannot be read`, error);
  }
}

function broken(folder: string, what: string, cause?: unknown): CoreError {
  return new CoreError('bad-input', `The model in ${folder} is damaged: ${what}.`, {
    hint: `Run \`footnote models pull ${basename(folder).replaceAll('--', '/')}\` to get it anew.`,
    cause,
  });
}

/** What a user's own folder may say about its model in `footnote.json`. */
const factsSchema = z
  .object({
    name: z.string(),
    weights: z.string(),
    dtype: z.enum(['fp32', 'fp16', 'int8']),
    pooling: z.enum(['mean', 'cls']),
    queryPrefix: z.string(),
    passagePrefix: z.string(),
    maxTokens: z.int().min(8),
    languages: z.array(z.string()),
  })
  .partial()
  .strict();
const configSchema = z.looseObject({
  hidden_size: z.int().min(1),
  max_position_embeddings: z.int().min(8).optional(),
});
const poolingSchema = z.looseObject({ pooling_mode_cls_token: z.boolean().optional() });

const WEIGHTS_PLACES = ['onnx/model.onnx', 'model.onnx', 'onnx/model_quantized.onnx', 'model_quantized.onnx'];

/**
 * An embedding model in a folder of the user's own: an ONNX file, `tokenizer.json`, `tokenizer_config.json` and `config.json`.
 * Pooling follows `1_Pooling/config.json` (sentence-transformers' layout); `footnote.json` may set any fact of the fingerprint.
 * Throws `not-found` or `bad-input` that names the folder and the file.
 */
export async function openEmbeddingFolder(path: string): Promise<InstalledModel> {
  const folder = resolve(path);
  if (!(await exists(folder)))
    throw new CoreError('not-found', `There is no folder ${folder} with an embedding model.`, {
      hint: 'Name a folder, or a model from `footnote models list`, with --model.',
    });
  for (const file of ['tokenizer.json', 'tokenizer_config.json', 'config.json'])
    if (!(await exists(join(folder, file))))
      throw new CoreError('bad-input', `The model folder ${folder} has no ${file}.`, {
        hint: 'Copy it from the repository that the weights come from.',
      });
  const facts = await readJson(folder, 'footnote.json', factsSchema, {});
  const config = await readJson(folder, 'config.json', configSchema);
  const pooling = await readJson(folder, '1_Pooling/config.json', poolingSchema, {});
  const places = facts.weights === undefined ? WEIGHTS_PLACES : [facts.weights];
  const found = await Promise.all(places.map((place) => exists(join(folder, place))));
  const weights = places[found.indexOf(true)];
  if (weights === undefined)
    throw new CoreError('bad-input', `The model folder ${folder} has no ${places[0]}.`, {
      hint: 'Put the ONNX weights there, or name their place as "weights" in footnote.json.',
    });
  const entry: ModelEntry = {
    role: 'embedding',
    name: facts.name ?? basename(folder),
    about: `From the folder ${folder}.`,
    licence: '',
    sources: [],
    weights,
    embedding: {
      dtype: facts.dtype ?? (weights.includes('quantized') ? 'int8' : 'fp32'),
      dimensions: config.hidden_size,
      pooling: facts.pooling ?? (pooling.pooling_mode_cls_token ? 'cls' : 'mean'),
      queryPrefix: facts.queryPrefix ?? '',
      passagePrefix: facts.passagePrefix ?? '',
      maxTokens: facts.maxTokens ?? Math.min(config.max_position_embeddings ?? 512, 512),
      languages: facts.languages ?? [],
    },
  };
  const file = join(folder, weights);
  const { sha256 } = await digestFile(file);
  return { entry, folder, weights: file, checksum: sha256, origin: `The folder ${folder}, as asked for.` };
}

/** A language model in a GGUF file of the user's own. Throws `not-found`, or `bad-input` for a file that is no GGUF. */
export async function openGgufFile(path: string): Promise<InstalledModel> {
  const weights = resolve(path);
  if (!(await exists(weights))) throw new CoreError('not-found', `There is no file ${weights}.`);
  const file = await open(weights, 'r');
  const magic = Buffer.alloc(4);
  try {
    await file.read(magic, 0, 4, 0);
  } finally {
    await file.close();
  }
  if (magic.toString('latin1') !== 'GGUF')
    throw new CoreError('bad-input', `${weights} is not a GGUF file: it does not begin with "GGUF".`, {
      hint: 'Name a language model in GGUF form with --generator, or run with --generator auto.',
    });
  const folder = dirname(weights);
  const entry: ModelEntry = {
    role: 'generator',
    name: basename(weights, '.gguf'),
    about: `From the file ${weights}.`,
    licence: '',
    sources: [],
    weights: basename(weights),
  };
  return { entry, folder, weights, checksum: '', origin: `The file ${weights}, as asked for.` };
}

async function readJson<T>(folder: string, file: string, schema: z.ZodType<T>, absent?: T): Promise<T> {
  let text: string;
  try {
    text = await readFile(join(folder, file), 'utf8');
  } catch (error) {
    if (absent !== undefined && (error as NodeJS.ErrnoException).code === 'ENOENT') return absent;
    throw toCoreError(error);
  }
  try {
    return schema.parse(JSON.parse(text));
  } catch (error) {
    const why =
      error instanceof z.ZodError
        ? `${error.issues[0]?.path.join('.')}: ${error.issues[0]?.message}`
        : String(error);
    throw new CoreError('bad-input', `${file} in the model folder ${folder} cannot be used: ${why}.`, {
      cause: error,
    });
  }
}

async function exists(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined)) !== undefined;
}
