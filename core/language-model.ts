/**
 * Opens the language model that the settings ask for: in a process on this machine, or on a server. Knows which of the
 * two, and the key under which its speed is kept; callers see one contract for both.
 */

import { answerMessages } from './answer/prompt.ts';
import { generatorServer, type Settings } from './config.ts';
import { openGenerator } from './generate/client.ts';
import type { Generator } from './generate/generator.ts';
import { openServer } from './generate/server.ts';
import { type SpeedKey, withKeptSpeed } from './generate/speed.ts';
import { installedGenerator } from './models/for-build.ts';

/**
 * Opens it; undefined for `none`.
 * Throws `CoreError`: `model-missing`, `bad-input` (a file that does not load), or the error of a server's refusal.
 */
export async function openLanguageModel(settings: Settings): Promise<Generator | undefined> {
  const { contextTokens, threads, device, answersAtOnce, generatorKey, generatorModel } = settings;
  const url = generatorServer(settings);
  if (url !== undefined) {
    const generator = await openServer({ url, key: generatorKey, model: generatorModel, contextTokens });
    return withKeptSpeed(generator, speedKey(settings, generator.name));
  }
  const model = await installedGenerator(settings);
  if (model === undefined) return undefined;
  const { name } = model.entry;
  const generator = await openGenerator({
    path: model.weights,
    name,
    contextTokens,
    threads,
    device,
    sequences: answersAtOnce,
    preload: answerMessages('', []),
  });
  return withKeptSpeed(generator, speedKey(settings, name));
}

/** The key under which the speed of a language model is kept. */
export function speedKey(settings: Settings, model: string): SpeedKey {
  const { data, device, threads } = settings;
  return {
    data,
    model: `${model}${generatorServer(settings) === undefined ? '' : ` at ${settings.generator}`}`,
    device,
    threads,
  };
}
