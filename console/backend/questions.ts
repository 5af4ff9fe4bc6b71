/**
 * Questions of the console, asked in a process of their own over the live build. Knows when that process is opened anew.
 */
import { type AskProcess, activeBuild, openAskProcess, type Settings } from '../../core/index.ts';
import type { Effect } from '../state/types.ts';
import type { Send } from './backend.ts';

/** Passages before and after a chosen one. */
const REACH = 1;

export function openQuestions(settings: Settings, send: Send) {
  let opened: { build: string | undefined; process: Promise<AskProcess> } | undefined;
  let stopping = new AbortController();

  /** The process over the build that is live now; that of another build is closed. */
  const open = async (): Promise<AskProcess> => {
    const build = settings.build ?? (await activeBuild(settings.data));
    if (opened !== undefined && opened.build !== build) {
      const old = opened.process;
      opened = undefined;
      void old.then((process) => process.close()).catch(() => undefined);
    }
    opened ??= { build, process: openAskProcess(settings) };
    const { process } = opened;
    return process.catch((error) => {
      opened = undefined;
      throw error;
    });
  };

  return {
    async ask({ id, question, method }: Extract<Effect, { type: 'ask' }>) {
      stopping.abort();
      stopping = new AbortController();
      const { signal } = stopping;
      const asking = await open();
      for await (const event of asking.ask({ question, method }, signal))
        send({ type: 'ask-event', id, event });
    },
    async stop() {
      stopping.abort();
    },
    async passage(chunkId: number) {
      send({ type: 'passage', chunkId, chunks: await (await open()).around(chunkId, REACH) });
    },
    async probe(question: string) {
      send({ type: 'probe', probe: await (await open()).probe(question) });
    },
    async close() {
      stopping.abort();
      await opened?.process.then((process) => process.close()).catch(() => undefined);
    },
  };
}
