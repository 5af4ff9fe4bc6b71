/**
 * How fast a language model reads and writes on this machine: averaged over its answers, and kept from run to run.
 * Knows times and one small file; nothing about what is written.
 */
import { readFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import writeFileAtomic from 'write-file-atomic';
import { z } from 'zod';
import { FIRST_TEXT_SECONDS } from './first-text.ts';
import type { Generated, Generator, Speed } from './generator.ts';

/** Weight of the newest answer. */
const NEWEST = 0.5;
/** Fewer tokens than these tell more of the start than of the speed. */
const TELLING = { prompt: 64, answer: 8 };

/** Tokens a second, by model, device and host. */
const file = z.record(z.string(), z.object({ prompt: z.number().min(0), answer: z.number().min(0) }));

export interface SpeedKey {
  /** The data folder. */
  data: string;
  /** The model's name, or a server's address with it. */
  model: string;
  device: string;
  threads: number;
}

/** The speed that answers showed so far; undefined where none was given yet. A file that cannot be read counts as empty. */
export async function keptSpeed(key: SpeedKey): Promise<Speed | undefined> {
  return (await readSpeeds(key.data))[nameOf(key)];
}

/** `known` brought up to date by one answer. */
export function mixSpeed(known: Speed | undefined, { tokens, pace }: Generated): Speed {
  const mix = (old: number, count: number, ms: number, telling: number) => {
    if (count < telling || ms <= 0) return old;
    const measured = (count * 1000) / ms;
    return old > 0 ? old + NEWEST * (measured - old) : measured;
  };
  return {
    prompt: mix(known?.prompt ?? 0, pace.readTokens, pace.readMs, TELLING.prompt),
    answer: mix(known?.answer ?? 0, tokens - 1, pace.writeMs, TELLING.answer),
  };
}

/** The generator, telling the speed of its answers so far, earlier runs included, rather than that of a first trial. */
export async function withKeptSpeed(generator: Generator, key: SpeedKey): Promise<Generator> {
  let known = await keptSpeed(key);
  return {
    ...generator,
    speed: async () => {
      const first = await generator.speed();
      return { prompt: known?.prompt || first.prompt, answer: known?.answer || first.answer };
    },
    async generate(messages, options) {
      const started = performance.now();
      let heard = false;
      try {
        const generated = await generator.generate(messages, {
          ...options,
          onText(delta) {
            heard = true;
            options.onText?.(delta);
          },
        });
        known = mixSpeed(known, generated);
        await keep(key, known);
        return generated;
      } catch (error) {
        const seconds = (performance.now() - started) / 1000;
        if (!heard && seconds > FIRST_TEXT_SECONDS) {
          // Given up while it was still reading: it reads no faster than this.
          const most = (await generator.countTokens(messages)) / seconds;
          known = { prompt: Math.min(known?.prompt || most, most), answer: known?.answer ?? 0 };
          await keep(key, known);
        }
        throw error;
      }
    },
  };
}

/** Only an aid: a folder that cannot be written costs no answer. */
async function keep(key: SpeedKey, speed: Speed): Promise<void> {
  try {
    const speeds = { ...(await readSpeeds(key.data)), [nameOf(key)]: speed };
    await writeFileAtomic(pathIn(key.data), `${JSON.stringify(speeds, null, 2)}\n`);
  } catch {
    // The speed is measured again in the next run.
  }
}

async function readSpeeds(data: string): Promise<Record<string, Speed>> {
  try {
    return file.parse(JSON.parse(await readFile(pathIn(data), 'utf8')));
  } catch {
    return {};
  }
}

function pathIn(data: string): string {
  return join(data, 'speeds.json');
}

function nameOf({ model, device, threads }: SpeedKey): string {
  return `${model} on ${hostname()}, ${device}, ${threads} threads`;
}
