/**
 * Finds the candidates of a plan's sources. Knows which stage serves which source, and what is searched for;
 * nothing about what happens to the candidates.
 */
import type { Embedder, TextKind } from '../embed/embedder.ts';
import { isCoreError, throwIfAborted } from '../errors.ts';
import type { Searcher } from '../index/searcher.ts';
import type { ChunkReader } from '../store/chunk-store.ts';
import type { Scored } from '../types.ts';
import { fuse } from './fuse.ts';
import type { Rewriting, Source } from './plan.ts';

/** What sources may use; each is asked for only when a source needs it. */
export interface SearchTools {
  embedder(): Promise<Embedder>;
  searcher(): Promise<Searcher>;
  chunks(): Promise<ChunkReader>;
  /**
   * Texts to search for in place of the question, best first. Throws `model-missing` if there is no language model.
   * Unless `signal` aborts, any other `CoreError` counts as a failure of the language model.
   */
  rewrite?(
    kind: Rewriting,
    question: string,
    options: { signal?: AbortSignal | undefined },
  ): Promise<string[]>;
}

export interface SearchContext {
  question: string;
  tools: SearchTools;
  nprobe: number | undefined;
  signal: AbortSignal | undefined;
  /** In ms; each is set to the longest time over the sources, which run at the same time. */
  timings: { rewriteMs: number; embedMs: number; searchMs: number };
  warnings: Set<string>;
}

/** One list for each source, best first and no longer than its depth; sources are searched at the same time. */
export async function findCandidates(sources: Source[], context: SearchContext): Promise<Scored[][]> {
  const kinds = new Set(sources.flatMap(({ text }) => text ?? []));
  const rewritten = new Map<Rewriting, Promise<string[]>>();
  for (const kind of kinds) rewritten.set(kind, rewrite(kind, context));
  return Promise.all(
    sources.map(async (source) => {
      const texts = source.text === undefined ? [] : await (rewritten.get(source.text) as Promise<string[]>);
      const found =
        texts.length > 0
          ? await searchFor(source, texts, source.text === 'hyde' ? 'passage' : 'query', context)
          : await searchFor(source, [context.question], 'query', context);
      return found.length === 1 ? (found[0] as Scored[]) : fuse(found).slice(0, source.depth);
    }),
  );
}

/** The language model's texts; none, with a warning, if there is no model or it fails. */
async function rewrite(
  kind: Rewriting,
  { question, tools, signal, timings, warnings }: SearchContext,
): Promise<string[]> {
  const started = performance.now();
  try {
    if (tools.rewrite === undefined) {
      warnings.add(NO_LANGUAGE_MODEL);
      return [];
    }
    const texts = await tools.rewrite(kind, question, { signal });
    return texts.filter((text) => text.trim() !== '');
  } catch (error) {
    throwIfAborted(signal);
    if (!isCoreError(error)) throw error;
    warnings.add(
      error.code === 'model-missing'
        ? NO_LANGUAGE_MODEL
        : 'The language model failed; the question itself was searched for.',
    );
    return [];
  } finally {
    timings.rewriteMs = Math.max(timings.rewriteMs, performance.now() - started);
  }
}

const NO_LANGUAGE_MODEL = 'The language model is not available; the question itself was searched for.';

/** One list for each text. */
async function searchFor(
  source: Source,
  texts: string[],
  kind: TextKind,
  context: SearchContext,
): Promise<Scored[][]> {
  const { tools, nprobe, signal, timings } = context;
  if (source.kind === 'dense') {
    const [embedder, searcher] = await Promise.all([tools.embedder(), tools.searcher()]);
    const started = performance.now();
    const vectors = await embedder.embed(texts, kind, { signal });
    const embedded = performance.now();
    const found = await searcher.search(vectors, { k: source.depth, nprobe, signal });
    timings.embedMs = Math.max(timings.embedMs, embedded - started);
    timings.searchMs = Math.max(timings.searchMs, performance.now() - embedded);
    return found;
  }
  const chunks = await tools.chunks();
  const started = performance.now();
  const search = source.kind === 'title' ? chunks.titled : chunks.keyword;
  const found: Scored[][] = [];
  for (const text of texts) found.push(await search(text, source.depth, { signal }));
  timings.searchMs = Math.max(timings.searchMs, performance.now() - started);
  return found;
}
