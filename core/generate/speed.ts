/**
 * How fast a language model reads and writes on this machine: averaged over its answers and saved between runs.
 * Knows times and one small file; nothing about the texts.
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
/** Fewer tokens than these say more about starting up than about speed. */
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

/** The speed measured over the answers so far; undefined before the first. An unreadable file counts as empty. */
export async function keptSpeed(key: SpeedKey): Promise<Speed | undefined> {
  return (await readSpeeds(key.data))[nameOf(key)];
}

/** `known` updated with one answer. */
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

/** The generator with the speed of its answers so far, earlier runs included, instead of that of its start-up trial. */
export async function withKeptSpeed(generator: Generator, key: SpeedKey): Promise<Generator> {
  let known = await keptSpeed(key);
  let running = 0;
  return {
    ...generator,
    speed: async () => {
      const first = await generator.speed();
      return { prompt: known?.prompt || first.prompt, answer: known?.answer || first.answer };
    },
    async generate(messages, options) {
      const started = performance.now();
      const alone = running++ === 0; // beside another call it may only have waited for its turn
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
        if (!heard && alone && seconds > FIRST_TEXT_SECONDS) {
          // It failed or was cancelled while still reading, so it reads no faster than this.
          const most = (await generator.countTokens(messages)) / seconds;
          known = { prompt: Math.min(known?.prompt || most, most), answer: known?.answer ?? 0 };
          await keep(key, known);
        }
        throw error;
      } finally {
        running -= 1;
      }
    },
  };
}

/** Best effort: an answer does not fail because the folder cannot be written. */
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
