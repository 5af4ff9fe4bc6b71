/**
 * Answers questions in a separate process, for programs whose event loop must stay free: checking sentences against
 * passages blocks a processor for up to 150 ms at a time. Knows the calls; ask.ts does the answering.
 */
import type { CompareEvent, CompareRequest, SideBySide } from './compare.ts';
import type { Settings } from './config.ts';
import type { Probe } from './probe.ts';
import type { FollowUp } from './question/standalone.ts';
import { streamed } from './runtime/events.ts';
import { startWorker, workerEntry } from './runtime/host.ts';
import type { SearchRequest, SearchResult } from './search.ts';
import type { Answer, AskEvent, Chunk, ChunkId, Manifest } from './types.ts';

export interface AskOperations {
  open: { in: Settings; out: Manifest };
  ask: { in: SearchRequest; out: Answer; event: AskEvent };
  search: { in: SearchRequest; out: SearchResult };
  titles: { in: { typed: string; k: number }; out: string[] };
  standalone: { in: FollowUp; out: string };
  compare: { in: CompareRequest; out: SideBySide; event: CompareEvent };
  probe: { in: string; out: Probe };
  around: { in: { id: ChunkId; reach: number }; out: Chunk[] };
  generatorName: { in: undefined; out: string | undefined };
  close: { in: undefined; out: undefined };
}

/** A build opened for questions in another process; its calls throw what the core's own functions throw. */
export interface AskProcess {
  manifest: Manifest;
  ask(request: SearchRequest, signal?: AbortSignal): AsyncGenerator<AskEvent, Answer>;
  search(request: SearchRequest, signal?: AbortSignal): Promise<SearchResult>;
  /** Up to `k` article titles that begin with what has been typed so far. */
  titles(typed: string, k: number, signal?: AbortSignal): Promise<string[]>;
  /** The follow-up rewritten as a stand-alone question: by the language model if there is one, else by rule. */
  standalone(followUp: FollowUp, signal?: AbortSignal): Promise<string>;
  /** One question through several methods, see compare.ts. */
  compare(request: CompareRequest, signal?: AbortSignal): AsyncGenerator<CompareEvent, SideBySide>;
  /** One question searched with several values of nprobe, see probe.ts. */
  probe(question: string, signal?: AbortSignal): Promise<Probe>;
  /** A chunk and those up to `reach` rows before and after it, in order. */
  around(id: ChunkId, reach: number): Promise<Chunk[]>;
  /** Name of the language model, undefined where answers are quotes. */
  generatorName(): Promise<string | undefined>;
  close(): Promise<void>;
}

/** Longer than the language model's process gets to end a cancelled call. */
const GRACE_MS = 10_000;
/** The calling program must still acknowledge people, or draw a screen, while models use every processor. */
const NICENESS = 5;

/** Opens the build that the settings name, or the active one; throws as `openSession` does. */
export async function openAskProcess(settings: Settings): Promise<AskProcess> {
  let build = settings.build;
  const worker = startWorker<AskOperations>({
    name: 'question',
    entry: workerEntry(import.meta.url, 'runtime/ask'),
    graceMs: GRACE_MS,
    niceness: NICENESS,
    async restore(call) {
      // After a crash, reopen the same build, even if another has become active.
      if (build !== undefined) await call('open', { ...settings, build });
    },
  });
  try {
    const manifest = await worker.call('open', settings);
    build = manifest.name;
    return {
      manifest,
      ask: (request, signal) =>
        streamed((onEvent, either) => worker.call('ask', request, { signal: either, onEvent }), signal),
      search: (request, signal) => worker.call('search', request, { signal }),
      titles: (typed, k, signal) => worker.call('titles', { typed, k }, { signal }),
      standalone: (followUp, signal) => worker.call('standalone', followUp, { signal }),
      compare: (request, signal) =>
        streamed((onEvent, either) => worker.call('compare', request, { signal: either, onEvent }), signal),
      probe: (question, signal) => worker.call('probe', question, { signal }),
      around: (id, reach) => worker.call('around', { id, reach }),
      generatorName: () => worker.call('generatorName', undefined),
      async close() {
        try {
          if (worker.stats().pid !== undefined) await worker.call('close', undefined);
        } finally {
          await worker.stop();
        }
      },
    };
  } catch (error) {
    await worker.stop();
    throw error;
  }
}
