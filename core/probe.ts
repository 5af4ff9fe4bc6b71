/**
 * Searches the index for one question with several values of nprobe, to show which of the nearest passages each misses.
 * Knows the order of the searches; the index does the searching.
 */
import { throwIfAborted } from './errors.ts';
import { readQuestion } from './search.ts';
import type { Session } from './session.ts';
import type { Chunk } from './types.ts';

export interface ProbeTry {
  nprobe: number;
  ms: number;
  /** Positions in `nearest` of the passages that were not found. */
  lost: number[];
}

export interface Probe {
  question: string;
  build: string;
  nlist: number;
  /** The nearest passages when every list is visited, best first. */
  nearest: { score: number; chunk: Chunk }[];
  /** From the fewest lists to all. */
  tries: ProbeTry[];
}

const NEAREST = 10;

/** Visits 1, 4, 16 … lists, the build's own number, and all; over codes, `nearest` too is only the best candidates. */
export async function probe(session: Session, asked: string, signal?: AbortSignal): Promise<Probe> {
  const { question } = readQuestion(asked);
  const { name, index } = session.manifest;
  const [embedder, searcher, chunks] = await Promise.all([
    session.embedder(),
    session.searcher(),
    session.chunks(),
  ]);
  const vector = await embedder.embed([question], 'query', { signal });
  const lists = [index.nprobe, index.nlist];
  for (let nprobe = 1; nprobe < index.nlist; nprobe *= 4) lists.push(nprobe);
  const ordered = [...new Set(lists)].sort((a, b) => a - b);

  const [truth = []] = await searcher.search(vector, { k: NEAREST, nprobe: index.nlist, signal });
  const tries: ProbeTry[] = [];
  for (const nprobe of ordered) {
    throwIfAborted(signal);
    await searcher.search(vector, { k: NEAREST, nprobe, signal }); // untimed: opens the index with this nprobe
    const started = performance.now();
    const [found = []] = await searcher.search(vector, { k: NEAREST, nprobe, signal });
    const ms = performance.now() - started;
    const ids = new Set(found.map(({ id }) => id));
    tries.push({ nprobe, ms, lost: truth.flatMap(({ id }, at) => (ids.has(id) ? [] : at)) });
  }
  const texts = new Map((await chunks.get(truth.map(({ id }) => id))).map((chunk) => [chunk.id, chunk]));
  const nearest = truth.flatMap(({ id, score }) => {
    const chunk = texts.get(id);
    return chunk === undefined ? [] : [{ score, chunk }];
  });
  return { question, build: name, nlist: index.nlist, nearest, tries };
}
