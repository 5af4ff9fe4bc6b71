/**
 * sources -> articles -> chunks -> store, from wherever the last run stopped.
 * Knows the order and the checkpoint; nothing about formats, word pieces or SQL.
 */
import { CoreError, throwIfAborted } from '../errors.ts';
import type { ChunkWriter, ReadCheckpoint } from '../store/chunk-store.ts';
import type { NewChunk } from '../types.ts';
import { chunkArticle } from './chunk.ts';
import type { ReadArticle, Reader } from './reader.ts';
import type { WordPieces } from './word-pieces.ts';

export interface ReadCorpusOptions {
  readers: Reader[];
  writer: ChunkWriter;
  wordPieces: WordPieces;
  /** Window of a chunk in word pieces, prefix and special tokens included. */
  chunkTokens: number;
  /** Articles to read in all; every one when absent. */
  limit?: number | undefined;
  /** Chunks to keep of each article, from its beginning; all when absent. */
  chunksPerArticle?: number | undefined;
  skipBad: boolean;
  signal?: AbortSignal | undefined;
}

/** Chunks in one transaction of the store: the work that a kill costs, and what is held in memory. */
const BATCH = 1_000;

/**
 * Reads from the writer's checkpoint to the end of the sources (or the limit); yields the checkpoint after each batch.
 * Throws what a reader throws, after storing everything read before, and `CoreError('bad-input')` if there is no chunk.
 */
export async function* readCorpus(
  options: ReadCorpusOptions,
): AsyncGenerator<ReadCheckpoint, ReadCheckpoint> {
  const { readers, writer, wordPieces, chunkTokens: maxTokens, chunksPerArticle, limit, signal } = options;
  let at: ReadCheckpoint = (await writer.checkpoint()) ?? {
    articles: 0,
    source: 0,
    records: 0,
    skipped: 0,
    chunks: 0,
    complete: false,
    site: '',
    languages: [],
  };
  let batch: NewChunk[] = [];
  const store = async (reached: ReadCheckpoint) => {
    await writer.append(batch, reached);
    batch = [];
    return reached;
  };

  while (!at.complete && at.source < readers.length) {
    const reader = readers[at.source] as Reader;
    const skippedBefore = at.skipped;
    const reached = (articles: number, chunks: number): ReadCheckpoint => ({
      ...withFacts(at, reader),
      articles: at.articles + articles,
      skipped: skippedBefore + reader.facts.skipped,
      chunks: at.chunks + chunks,
    });
    try {
      for await (const { article, records } of withinLimit(reader, at, options)) {
        throwIfAborted(signal);
        const chunks = chunkArticle(article, { wordPieces, maxTokens }).slice(0, chunksPerArticle);
        batch.push(...chunks);
        at = { ...reached(1, chunks.length), records };
        if (batch.length >= BATCH) yield await store(at);
      }
    } catch (error) {
      // What was read before the bad place is complete and is stored: a repaired source is read on from here.
      if (batch.length > 0 && !signal?.aborted) await store(at);
      throw error;
    }
    const done = limit !== undefined && at.articles >= limit;
    const source = at.source + 1;
    at = { ...reached(0, 0), source, records: 0, complete: done || source === readers.length };
    yield await store(at);
  }
  if (at.chunks === 0)
    throw new CoreError(
      'bad-input',
      `There is no article with text in ${readers.map(({ source }) => source).join(', ')}.`,
      {
        hint: 'Name a dump, a folder of dumps, or hf:OWNER/NAME/CONFIG; `footnote build --help` lists the formats.',
      },
    );
  await writer.finish();
  return at;
}

async function* withinLimit(
  reader: Reader,
  { articles, records }: ReadCheckpoint,
  { limit, skipBad, signal }: ReadCorpusOptions,
): AsyncGenerator<ReadArticle> {
  let left = limit === undefined ? Number.POSITIVE_INFINITY : limit - articles;
  if (left <= 0) return;
  for await (const read of reader.articles({ skip: records, skipBad, signal })) {
    yield read;
    left -= 1;
    if (left <= 0) return;
  }
}

function withFacts(at: ReadCheckpoint, { facts }: Reader): ReadCheckpoint {
  const languages = facts.language === '' ? at.languages : [...new Set([...at.languages, facts.language])];
  const dates = [at.dumpDate, facts.dumpDate].filter((date) => date !== undefined).sort();
  const dumpDate = dates.at(-1);
  return { ...at, site: at.site || facts.site, languages, ...(dumpDate !== undefined && { dumpDate }) };
}
