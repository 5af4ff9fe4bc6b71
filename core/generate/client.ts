/**
 * A language model in its own process, behind the generator's contract. Knows no native module.
 */
import { isCoreError } from '../errors.ts';
import { startWorker, workerEntry } from '../runtime/host.ts';
import { checkMaxTokens, type Generator } from './generator.ts';
import { badModel } from './gguf.ts';
import type { GenerateOperations, LoadOptions } from './operations.ts';

export interface OpenOptions extends LoadOptions {
  /** Shown in the answer's footer. */
  name: string;
}

/**
 * Starts the process and loads the model. Throws `CoreError('bad-input')`, which names the file, if the file is refused
 * or ends the process; `not-found` and `native` as the loader does.
 */
export async function openGenerator({ name, ...load }: OpenOptions): Promise<Generator> {
  const worker = startWorker<GenerateOperations>({
    name: 'language model',
    entry: workerEntry(import.meta.url, '../runtime/generate'),
    async restore(call) {
      try {
        await call('load', load);
      } catch (error) {
        // An assertion inside llama.cpp cannot be caught: it ends the process.
        if (isCoreError(error) && error.code === 'worker-crashed')
          throw badModel(load.path, 'llama.cpp ended while it read the file', error);
        throw error;
      }
    },
  });
  try {
    await worker.call('facts', undefined);
  } catch (error) {
    await worker.stop();
    throw error;
  }
  return {
    name,
    contextTokens: async () => (await worker.call('facts', undefined)).contextTokens,
    speed: async () => (await worker.call('facts', undefined)).speed,
    countTokens: (messages) => worker.call('countTokens', messages),
    async generate(messages, { maxTokens, temperature, signal, onText }) {
      checkMaxTokens(maxTokens);
      return worker.call('generate', { messages, maxTokens, temperature }, { signal, onEvent: onText });
    },
    close: () => worker.stop(),
  };
}
