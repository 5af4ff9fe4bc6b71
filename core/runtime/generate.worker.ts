/**
 * The generator's process: one language model, loaded once. Knows nothing about passages or citations.
 */
import { CoreError } from '../errors.ts';
import { type LlamaRunner, loadLlama } from '../generate/llama.ts';
import type { GenerateOperations } from '../generate/operations.ts';
import { serve } from './serve.ts';

let loaded: LlamaRunner | undefined;

function runner(): LlamaRunner {
  if (loaded === undefined) throw new CoreError('internal', 'No language model has been loaded.');
  return loaded;
}

serve<GenerateOperations>({
  async load(options) {
    loaded = await loadLlama(options);
    return loaded.facts();
  },
  facts: async () => runner().facts(),
  countTokens: async (messages) => runner().countTokens(messages),
  generate: ({ messages, maxTokens, temperature }, { signal, emit }) =>
    runner().generate(messages, { maxTokens, temperature, signal, onText: emit }),
});
