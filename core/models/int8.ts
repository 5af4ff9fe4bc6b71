/**
 * A model's int8 weights beside its fp32 ones: found, or made in a process of its own. Knows the two files and their note; nothing
 * about graphs.
 */
import { readFile, stat } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import writeFileAtomic from 'write-file-atomic';
import { z } from 'zod';
import { toCoreError } from '../errors.ts';
import type { EmbedOperations } from '../runtime/embed.worker.ts';
import { startWorker, workerEntry } from '../runtime/host.ts';
import type { InstalledModel, PullEvent } from './model.ts';

/** Beside the weights; the number grows when the same fp32 weights would become other int8 ones. */
const WEIGHTS = 'footnote-int8-2.onnx';
const NOTE = 'footnote-int8-2.json';

/** Written last: what the int8 file was made of, and what it is. */
const noteSchema = z.object({ of: z.string(), bytes: z.number(), sha256: z.string() });

export interface Int8Options {
  threads: number;
  signal?: AbortSignal | undefined;
}

/**
 * The model with int8 weights, made at the first call, which is told; a model that is int8 already is given back.
 * Throws `bad-input` for a model that is no BERT encoder in fp32, `disk` where its folder cannot be written.
 */
export async function* int8Weights(
  model: InstalledModel,
  { threads, signal }: Int8Options,
): AsyncGenerator<PullEvent, InstalledModel> {
  const { entry, folder, checksum } = model;
  if (entry.embedding === undefined || entry.embedding.dtype === 'int8') return model;
  const place = dirname(model.weights);
  const weights = join(place, WEIGHTS);
  const note = await readNote(place);
  const whole = note?.of === checksum && (await stat(weights).catch(() => undefined))?.size === note.bytes;
  if (!whole) yield { type: 'int8-start', model: entry.name };
  const { sha256 } = whole ? note : await make();
  return {
    ...model,
    entry: {
      ...entry,
      weights: relative(folder, weights),
      embedding: { ...entry.embedding, dtype: 'int8' },
    },
    weights,
    checksum: sha256,
    wideSums: true,
  };

  async function make() {
    const worker = startWorker<EmbedOperations>({
      name: 'embedding',
      entry: workerEntry(import.meta.url, '../runtime/embed'),
    });
    try {
      const record = await worker.call(
        'quantize',
        { folder, weights: relative(folder, model.weights), target: relative(folder, weights), threads },
        { signal },
      );
      await writeFileAtomic(join(place, NOTE), `${JSON.stringify({ of: checksum, ...record })}\n`);
      return record;
    } catch (error) {
      throw toCoreError(error);
    } finally {
      await worker.stop();
    }
  }
}

async function readNote(folder: string): Promise<z.infer<typeof noteSchema> | undefined> {
  try {
    return noteSchema.parse(JSON.parse(await readFile(join(folder, NOTE), 'utf8')));
  } catch {
    return undefined; // made anew
  }
}
