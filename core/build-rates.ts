/**
 * The speeds this machine reached in its builds, kept to estimate the next one. Knows stages and times; no corpus.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import writeFileAtomic from 'write-file-atomic';
import type { BuildEvent, BuildStage, ModelFingerprint } from './types.ts';

/** Chunks per second by stage, from the last build that did enough work in it. */
export type BuildRates = Partial<Record<BuildStage, number>>;

/** Stages shorter than this, or with fewer chunks, do not predict longer ones. */
const LEAST = { ms: 2_000, chunks: 200 };

const file = (data: string) => join(data, 'build-rates.json');

/** Rates are comparable for the same model on the same device with the same threads. */
export const rateKey = (model: Pick<ModelFingerprint, 'name' | 'dtype'>, device: string, threads: number) =>
  `${model.name} ${model.dtype} ${device} ${threads}`;

export async function readRates(data: string, key: string): Promise<BuildRates> {
  return (await readAll(data))[key] ?? {};
}

/** Merges `rates` into the stored ones. They are only an aid: an unwritable folder does not fail a build. */
export async function keepRates(data: string, key: string, rates: BuildRates): Promise<void> {
  if (Object.keys(rates).length === 0) return;
  const all = await readAll(data);
  const next = { ...all, [key]: { ...all[key], ...rates } };
  try {
    await writeFileAtomic(file(data), `${JSON.stringify(next, null, 2)}\n`);
  } catch {
    // The next build is estimated from the rates stored before.
  }
}

async function readAll(data: string): Promise<Record<string, BuildRates>> {
  try {
    return JSON.parse(await readFile(file(data), 'utf8')) as Record<string, BuildRates>;
  } catch {
    return {}; // none yet, or a broken file, which the next build rewrites
  }
}

/** Measures a build's rates from its events; except for `index`, work done by an earlier run is not counted. */
export function rateKeeper(now: () => number = Date.now): {
  see(event: BuildEvent): void;
  rates(): BuildRates;
} {
  const rates: BuildRates = {};
  let first: { at: number; done: number } | undefined;
  /** The share of all articles that this run read, and how long that took. */
  let read = { share: 0, ms: 0 };
  let paused = 0;
  let pausedAt = 0;
  const note = (stage: BuildStage, chunks: number, ms: number) => {
    if (ms >= LEAST.ms && chunks >= LEAST.chunks) rates[stage] = (chunks / ms) * 1_000;
  };
  return {
    rates: () => rates,
    see(event) {
      switch (event.type) {
        case 'build-pause':
          pausedAt = now();
          break;
        case 'build-resume':
          paused += now() - pausedAt;
          break;
        case 'stage-start':
          first = undefined;
          paused = 0;
          // The read stage counts articles; how many chunks those are is known only now.
          if (event.stage === 'embed' && event.total !== undefined)
            note('read', event.total * read.share, read.ms);
          break;
        case 'stage-progress':
          first ??= { at: now(), done: event.done };
          break;
        case 'stage-end': {
          const { stage, done, ms } = event;
          if (stage === 'read' && first !== undefined)
            read = { share: (done - first.done) / Math.max(1, done), ms: now() - first.at - paused };
          if ((stage === 'words' || stage === 'embed') && first !== undefined)
            note(stage, done - first.done, now() - first.at - paused);
          if (stage === 'index') note('index', done, ms - paused);
          break;
        }
      }
    },
  };
}
