/**
 * The question process: holds one session, and through it the processes of its models, index and store.
 */
import { ask } from '../ask.ts';
import type { AskOperations } from '../ask-process.ts';
import { compare } from '../compare.ts';
import { CoreError } from '../errors.ts';
import { probe } from '../probe.ts';
import { standalone } from '../question/standalone.ts';
import { search } from '../search.ts';
import { openSession, type Session } from '../session.ts';
import { resultOf } from './events.ts';
import { serve } from './serve.ts';

let session: Session | undefined;

function opened(): Session {
  if (session === undefined) throw new CoreError('internal', 'The question process was not opened.');
  return session;
}

serve<AskOperations>({
  async open(settings) {
    await session?.close();
    session = await openSession(settings);
    return session.manifest;
  },
  ask: async (request, { signal, emit }) => resultOf(ask(opened(), request, signal), emit),
  compare: async (request, { signal, emit }) => resultOf(compare(opened(), request, signal), emit),
  probe: (question, { signal }) => probe(opened(), question, signal),
  async around({ id, reach }) {
    const chunks = await opened().chunks();
    return chunks.range(Math.max(0, id - reach), Math.min(await chunks.count(), id + reach + 1));
  },
  search: (request, { signal }) => search(opened(), request, signal),
  titles: async ({ typed, k }, { signal }) => (await opened().chunks()).titles(typed, k, { signal }),
  async standalone(followUp, { signal }) {
    // Without a model, the rule applies.
    const generator = await opened()
      .generator()
      .catch(() => undefined);
    return standalone(followUp, generator, signal);
  },
  generatorName: async () => (await opened().generator())?.name,
  async close() {
    await session?.close();
    session = undefined;
    return undefined;
  },
});
