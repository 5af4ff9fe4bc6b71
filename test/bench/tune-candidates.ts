/**
 * What tuning needs, computed once: for some questions (SQuAD's, 45 a title, and as many open ones) the candidates of each source with their
 * scores, which of them are right, and the cross-encoder's logits of the likely ones. Kept as JSONL in cache/ of the data folder; what is there is not made again.
 *
 * `tsx test/bench/tune-candidates.ts [SECONDS]` stops scoring after that time (default 1,200). tune.ts reads what it made.
 */
import { appendFileSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { passageText } from '../../core/corpus/passage.ts';
import { openSession, readSettings, type Session } from '../../core/index.ts';
import { blend, comparable, fuse, mixScores } from '../../core/retrieve/fuse.ts';
import { readParts } from '../../core/retrieve/rerank.ts';
import type { Scored } from '../../core/types.ts';
import { readJsonLines } from '../fixtures/json-lines.ts';
import { openQuestions } from './open-questions.ts';
import { answersIt, BUILD, type Question, questions, sample } from './questions.ts';

const A_TITLE = 45;
const DEPTH = 100;
const SCORED = 25;
/** Of the blend that `best` reads: passages, and the best parts of the best of them. */
const BEST = { scored: 60, parts: 20, share: 0.9 };
/** Stands for the title of all open questions. */
export const OPEN = 'open questions';

/** One question as tune.ts reads it: lists of [id, score], and the ids of right chunks among them. */
export interface Candidates {
  qid: string;
  question: string;
  title: string;
  dense: [number, number][];
  keyword: [number, number][];
  titled: [number, number][];
  right: number[];
  /** Share of the question's longer words that its best right passage has: low where it asks in other words. */
  shared: number;
  article: Record<number, string>;
}

export interface Logit {
  qid: string;
  id: number;
  logit: number;
  /** Of the passage's best part, where that was read too. */
  part?: number | undefined;
}

export function cacheFiles(data: string): { candidates: string; logits: string } {
  const folder = join(data, 'cache');
  mkdirSync(folder, { recursive: true });
  return { candidates: join(folder, 'tune-candidates.jsonl'), logits: join(folder, 'tune-logits.jsonl') };
}

/** The question, and the title that it counts for. */
type Counted = Question & { of: string };

/** Both kinds of question in turns, so that every beginning of the list holds as many of each. */
async function someQuestions(cache: string): Promise<Counted[]> {
  const squad = ofEachTitle();
  const open = sample(readJsonLines<Question>(await openQuestions(cache)), squad.length);
  return squad.flatMap((one, index) => [
    { ...one, of: one.gold_title },
    ...open.slice(index, index + 1).map((other) => ({ ...other, of: OPEN })),
  ]);
}

/** Evenly spread over each title; every beginning of the list is spread over all titles. */
function ofEachTitle(): Question[] {
  const byTitle = new Map<string, Question[]>();
  for (const one of questions() ?? [])
    byTitle.set(one.gold_title, [...(byTitle.get(one.gold_title) ?? []), one]);
  // 19 steps at a time: no divisor of 45, so each place is met once, and the first ones lie far apart.
  return Array.from({ length: A_TITLE }, (_, turn) => ((turn * 19) % A_TITLE) / A_TITLE).flatMap((place) =>
    [...byTitle.values()].map((rows) => rows[Math.floor(place * rows.length)] as Question),
  );
}

async function findAll(session: Session, file: string): Promise<void> {
  const [embedder, searcher, chunks] = await Promise.all([
    session.embedder(),
    session.searcher(),
    session.chunks(),
  ]);
  const lines: string[] = [];
  const pairs = (list: Scored[]) => list.map(({ id, score }) => [id, Number(score.toFixed(4))]);
  for (const one of await someQuestions(dirname(file))) {
    const { qid, question, of: title } = one;
    const [dense = []] = await searcher.search(await embedder.embed([question], 'query'), { k: DEPTH });
    const keyword = await chunks.keyword(question, DEPTH);
    const titled = await chunks.titled(question, DEPTH);
    const found = await chunks.get([...new Set([...dense, ...keyword, ...titled].map(({ id }) => id))]);
    const right = found.filter((chunk) => answersIt(chunk, one));
    const shared = Math.max(0, ...right.map((chunk) => sharedWords(question, passageText(chunk))));
    const article = Object.fromEntries(found.map(({ id, articleId }) => [id, articleId]));
    const lists = { dense: pairs(dense), keyword: pairs(keyword), titled: pairs(titled) };
    lines.push(
      JSON.stringify({ qid, question, title, ...lists, right: right.map(({ id }) => id), shared, article }),
    );
  }
  writeFileSync(file, `${lines.join('\n')}\n`);
}

function sharedWords(question: string, passage: string): number {
  const stems = (text: string) =>
    new Set((text.toLowerCase().match(/[\p{L}\p{N}]{4,}/gu) ?? []).map((word) => word.slice(0, 5)));
  const asked = [...stems(question)];
  const there = stems(passage);
  return asked.filter((word) => there.has(word)).length / Math.max(1, asked.length);
}

/** Scores the best of the fused and of the blended candidates, and parts of the best ones, without a time budget. */
async function scoreAll(session: Session, candidates: Candidates[], file: string, ms: number): Promise<void> {
  const [reranker, chunks] = await Promise.all([session.reranker(), session.chunks()]);
  const known = new Set(readJsonLines<Logit>(file).map(({ qid }) => qid));
  const until = performance.now() + ms;
  for (const { qid, question, dense, keyword } of candidates) {
    if (known.has(qid)) continue;
    if (performance.now() > until) break;
    const lists = [dense, keyword].map((list) => list.map(([id, score]) => ({ id, score })));
    const [near, words] = lists as [Scored[], Scored[]];
    const comparables = [comparable('cosine', near), comparable('bm25', words)];
    const fast = blend(comparables, [3, 2]);
    // What weights between these put first, one of them has too, but for a passage here and there.
    const likely = [fuse(lists), blend(comparables), blend(comparables, [2, 1])].map((list) =>
      list.slice(0, SCORED),
    );
    const ids = new Set([fast.slice(0, BEST.scored), ...likely].flat().map(({ id }) => id));
    const wanted = new Map((await chunks.get([...ids])).map((chunk) => [chunk.id, chunk]));
    const logits = await reranker.score(question, [...wanted.values()].map(passageText));
    const of = new Map([...wanted.keys()].map((id, index) => [id, logits[index] as number]));
    const read = fast.slice(0, BEST.scored).map(({ id }) => of.get(id) as number);
    const best = mixScores(fast, Float32Array.from(read), BEST.share).slice(0, BEST.parts);
    const parts = await readParts(best, { question, reranker, chunks: wanted });
    const lines = [...of].map(([id, logit]) => JSON.stringify({ qid, id, logit, part: parts.get(id) }));
    appendFileSync(file, `${lines.join('\n')}\n`);
  }
}

if (process.argv[1]?.includes('tune-candidates')) {
  const { settings } = readSettings({ build: BUILD });
  const { candidates, logits } = cacheFiles(settings.data);
  const session = await openSession(settings);
  if (!existsSync(candidates)) await findAll(session, candidates);
  const ms = Number(process.argv[2] ?? 1_200) * 1_000;
  await scoreAll(session, readJsonLines<Candidates>(candidates), logits, ms);
  await session.close();
  process.exit(0);
}
