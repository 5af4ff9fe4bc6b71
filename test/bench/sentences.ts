/**
 * Which sentence answers: those of the first three passages, read with the question alone, after the sentence before, and by the mean of
 * both logits, which is what answers are quoted by. SQuAD's questions over the articles of one build, as many about each article as about
 * another, and our own in other styles. A sentence is right where it is of the gold article and holds a gold answer.
 */
import { resolve } from 'node:path';
import { quoteBest } from '../../core/answer/extract.ts';
import { type JudgedSentence, judgeSentences, rankJudged } from '../../core/answer/judged.ts';
import { quantile } from '../../core/evaluate/bootstrap.ts';
import { openSession, readSettings, type Session, search } from '../../core/index.ts';
import { readJsonLines } from '../fixtures/json-lines.ts';
import { BUILD, NO_DATA, type Question, questions, sample, sentenceAnswersIt } from './questions.ts';
import type { Table } from './table.ts';

const SQUAD = 180;
const OWN = resolve('test/fixtures/questions-other-styles.jsonl');
/** `default` without its time limit, so that every machine reads the same. */
const PLAN = 'dense(100) + keyword(100) > blend(3, 2) > rerank(25, 0.9) > top 8';
/** Sentences of an answer at most. */
const MOST = 3;

const READINGS: [string, ((judged: JudgedSentence) => number) | undefined][] = [
  ['alone', ({ alone }) => alone],
  ['after the sentence before', ({ withPrevious }) => withPrevious],
  ['the mean of both', undefined],
];

interface Judged {
  judged: JudgedSentence[];
  ms: number;
  isRight(sentence: { passage: number; text: string }): boolean;
}

export async function run(): Promise<Table[]> {
  const known = questions();
  if (known === undefined) return [{ name: 'Sentences', rows: [{ read: NO_DATA }] }];
  const session = await openSession(readSettings({ build: BUILD }).settings);
  try {
    return [
      await table("SQuAD's", sample(known, SQUAD), session),
      await table('of our own', readJsonLines<Question>(OWN), session),
    ];
  } finally {
    await session.close();
  }
}

async function table(name: string, asked: Question[], session: Session): Promise<Table> {
  const all: Judged[] = [];
  for (const question of asked) all.push(await judge(question, session));
  const ms = all.map((one) => one.ms).sort((a, b) => a - b);
  const readable = all.filter(({ judged, isRight }) => judged.some(({ sentence }) => isRight(sentence)));
  const answers = READINGS.map(([, logitOf]) => all.map((one) => quoted(one, logitOf)));
  const rows = READINGS.map(([read], index) => ({ read, ...row(answers[index] ?? [], answers[0] ?? []) }));
  return {
    name:
      `Sentences for ${all.length} questions ${name}, of which ${(readable.length / all.length).toFixed(3)} ` +
      `have a right one; both readings in ${quantile(ms, 0.5).toFixed()} ms p50, ${quantile(ms, 0.95).toFixed()} p95`,
    rows,
  };
}

async function judge(question: Question, session: Session): Promise<Judged> {
  const { hits } = await search(session, { question: question.question, method: PLAN });
  const reranker = await session.reranker();
  const began = performance.now();
  const judged = await judgeSentences(question.question, hits, (asked, texts) =>
    reranker.score(asked, texts),
  );
  const ms = performance.now() - began;
  return { judged, ms, isRight: (sentence) => sentenceAnswersIt(sentence, hits, question) };
}

/** Which sentences of the answer are right, in its order. */
function quoted({ judged, isRight }: Judged, logitOf?: (judged: JudgedSentence) => number): boolean[] {
  const quotes = quoteBest(rankJudged(judged, logitOf), MOST) ?? [];
  return quotes.map(({ text, evidence }) => isRight({ text, passage: evidence[0]?.passage ?? -1 }));
}

function row(answers: boolean[][], alone: boolean[][]): Record<string, string> {
  const share = (part: number, whole: number) => (part / whole).toFixed(3);
  const sentences = answers.flat();
  const firsts = answers.map(([first = false]) => first);
  const before = alone.map(([first = false]) => first);
  return {
    'first sentence right': share(firsts.filter(Boolean).length, answers.length),
    'gained, lost': `${firsts.filter((right, index) => right && !before[index]).length}, ${firsts.filter((right, index) => !right && before[index]).length}`,
    'sentences an answer': (sentences.length / answers.length).toFixed(2),
    'right among them': share(sentences.filter(Boolean).length, sentences.length),
    'answers with a right one': share(answers.filter((right) => right.includes(true)).length, answers.length),
  };
}
