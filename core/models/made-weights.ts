/**
 * A model's int8 or fp16 weights beside its fp32 ones: found, or converted in a separate process. Knows the files and
 * their notes; nothing about graphs.
 */
import { readFile, stat } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import writeFileAtomic from 'write-file-atomic';
import { z } from 'zod';
import { CoreError, toCoreError } from '../errors.ts';
import type { EmbedOperations } from '../runtime/embed.worker.ts';
import { startWorker, workerEntry } from '../runtime/host.ts';
import { fingerprintOf, type InstalledModel, type MadeDtype, type PullEvent } from './model.ts';

/** File names without extensions; increase the number when a change converts the same fp32 weights differently. */
const STEMS: Record<MadeDtype, string> = { int8: 'footnote-int8-3', fp16: 'footnote-fp16-1' };

/** Written last: what the file was converted from (checksum of the weights, pooling), and what it is. */
const noteSchema = z.object({ of: z.string(), bytes: z.number(), sha256: z.string() });

export interface MadeOptions {
  threads: number;
  signal?: AbortSignal | undefined;
}

/**
 * The model with weights of another type, converted at the first call, with an event; unchanged if it has them.
 * Throws `bad-input` for a model that is no BERT encoder in fp32, `disk` where its folder cannot be written.
 */
export async function* madeWeights(
  model: InstalledModel,
  dtype: MadeDtype,
  { threads, signal }: MadeOptions,
): AsyncGenerator<PullEvent, InstalledModel> {
  const { entry, folder, checksum } = model;
  if (entry.embedding === undefined || entry.embedding.dtype === dtype) return model;
  if (entry.embedding.dtype !== 'fp32')
    throw new CoreError(
      'bad-input',
      `${entry.name} has ${entry.embedding.dtype} weights; ${dtype} ones are made of fp32.`,
      {
        hint: 'Use it as it is, with --dtype auto, or name another model with --model.',
      },
    );
  const stem = join(dirname(model.weights), STEMS[dtype]);
  const weights = `${stem}.onnx`;
  const of = `${checksum} ${entry.embedding.pooling}`;
  const note = await readNote(`${stem}.json`);
  const whole = note?.of === of && (await stat(weights).catch(() => undefined))?.size === note.bytes;
  if (!whole) yield { type: 'weights-start', model: entry.name, dtype };
  const { sha256 } = whole ? note : await make();
  return {
    ...model,
    entry: {
      ...entry,
      weights: relative(folder, weights),
      embedding: { ...entry.embedding, dtype },
    },
    weights,
    checksum: sha256,
    ...(dtype === 'int8' && { wideSums: true }),
  };

  async function make() {
    const worker = startWorker<EmbedOperations>({
      name: 'embedding',
      entry: workerEntry(import.meta.url, '../runtime/embed'),
    });
    try {
      const [from, target] = [relative(folder, model.weights), relative(folder, weights)];
      const request = { folder, weights: from, target, dtype, model: fingerprintOf(model), threads };
      const record = await worker.call('convert', request, { signal });
      await writeFileAtomic(`${stem}.json`, `${JSON.stringify({ of, ...record })}\n`);
      return record;
    } catch (error) {
      throw toCoreError(error);
    } finally {
      await worker.stop();
    }
  }
}

async function readNote(path: string): Promise<z.infer<typeof noteSchema> | undefined> {
  try {
    return noteSchema.parse(JSON.parse(await readFile(path, 'utf8')));
  } catch {
    return undefined; // converted again
  }
}
