/**
 * How fast this machine was in its builds, kept so that the next one can be estimated. Knows stages and times; no corpus.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import writeFileAtomic from 'write-file-atomic';
import type { BuildEvent, BuildStage, ModelFingerprint } from './types.ts';

/** Chunks a second by stage, of the last build that did enough of it. */
export type BuildRates = Partial<Record<BuildStage, number>>;

/** Stages shorter than this, or with fewer chunks, say nothing of a longer one. */
const LEAST = { ms: 2_000, chunks: 200 };

const file = (data: string) => join(data, 'build-rates.json');

/** Which rates are comparable: the model and what it runs on. */
export const rateKey = (model: Pick<ModelFingerprint, 'name' | 'dtype'>, device: string, threads: number) =>
  `${model.name} ${model.dtype} ${device} ${threads}`;

export async function readRates(data: string, key: string): Promise<BuildRates> {
  return (await readAll(data))[key] ?? {};
}

/** Keeps what `rates` knows beside what was known. Only an aid: a folder that cannot be written costs no build. */
export async function keepRates(data: string, key: string, rates: BuildRates): Promise<void> {
  if (Object.keys(rates).length === 0) return;
  const all = await readAll(data);
  const next = { ...all, [key]: { ...all[key], ...rates } };
  try {
    await writeFileAtomic(file(data), `${JSON.stringify(next, null, 2)}\n`);
  } catch {
    // The next build is estimated by what was known before.
  }
}

async function readAll(data: string): Promise<Record<string, BuildRates>> {
  try {
    return JSON.parse(await readFile(file(data), 'utf8')) as Record<string, BuildRates>;
  } catch {
    return {}; // none yet, or one that another build will write anew
  }
}

/** Follows a build's events and tells its rates: what an earlier run had done is not counted. */
export function rateKeeper(now: () => number = Date.now): {
  see(event: BuildEvent): void;
  rates(): BuildRates;
} {
  const rates: BuildRates = {};
  let first: { at: number; done: number } | undefined;
  let readMs = 0;
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
          // Read articles are counted in chunks once their number is known.
          if (event.stage === 'embed' && event.total !== undefined) note('read', event.total, readMs);
          break;
        case 'stage-progress':
          first ??= { at: now(), done: event.done };
          break;
        case 'stage-end': {
          const { stage, done, ms } = event;
          if (stage === 'read') readMs = ms - paused;
          if ((stage === 'words' || stage === 'embed') && first !== undefined)
            note(stage, done - first.done, now() - first.at - paused);
          if (stage === 'index') note('index', done, ms - paused);
          break;
        }
      }
    },
  };
}
