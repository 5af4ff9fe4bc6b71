/**
 * Which sentence answers: each of the first three passages is read with the question alone, and after the sentence before it, and
 * the mean of both logits is what `judged.ts` goes by. SQuAD's questions over the articles of one build, as many of each article as of another, and
 * our own in other styles. A sentence is right where it is of the gold article and holds a gold answer.
 */
import { resolve } from 'node:path';
import { passageText } from '../../core/corpus/passage.ts';
import { quoteBest, type Statement, statementsOf } from '../../core/generate/extract.ts';
import { SCALE } from '../../core/generate/judged.ts';
import { type Hit, openSession, readSettings, search } from '../../core/index.ts';
import { readJsonLines } from '../fixtures/json-lines.ts';
import { answersIt, BUILD, NO_DATA, type Question, questions, sample } from './questions.ts';
import type { Table } from './table.ts';

const SQUAD = 180;
const OWN = resolve('test/fixtures/questions-other-styles.jsonl');
/** `default` without its time limit, so that every machine reads the same. */
const PLAN = 'dense(100) + keyword(100) > blend(3, 2) > rerank(25, 0.9) > top 3';
const SENTENCES = 3;

/** A sentence of the first passages. */
interface Read extends Statement {
  alone: number;
  after: number;
  right: boolean;
}

const RULES: [string, (read: Read) => number][] = [
  ['alone', ({ alone }) => alone],
  ['after the sentence before it', ({ after }) => after],
  ['the mean of both', ({ alone, after }) => (alone + after) / 2],
];

export async function run(): Promise<Table[]> {
  const known = questions();
  if (known === undefined) return [{ name: 'Sentences', rows: [{ read: NO_DATA }] }];
  const session = await openSession(readSettings({ build: BUILD }).settings);
  const reranker = await session.reranker();
  const read = async (question: Question): Promise<Read[]> => {
    const { hits } = await search(session, { question: question.question, method: PLAN, k: 3 });
    const chunkOf = (passage: number) => (hits[passage] as Hit).chunk;
    const statements = statementsOf(hits);
    const logits = (texts: string[]) =>
      reranker.score(
        question.question,
        texts.map((text, index) => passageText({ ...chunkOf(statements[index]?.passage ?? 0), text })),
      );
    const alone = await logits(statements.map(({ text }) => text));
    const after = await logits(statements.map(({ led }) => led));
    return statements.map((statement, index) => ({
      ...statement,
      alone: alone[index] as number,
      after: after[index] as number,
      right: answersIt({ ...chunkOf(statement.passage), text: statement.text }, question),
    }));
  };
  try {
    const sets: [string, Question[]][] = [
      ["SQuAD's", sample(known, SQUAD)],
      ['our own', readJsonLines<Question>(OWN)],
    ];
    const rows: Table['rows'] = [];
    for (const [name, asked] of sets) {
      const all: Read[][] = [];
      for (const question of asked) all.push(await read(question));
      for (const [rule, logit] of RULES)
        rows.push({ questions: `${asked.length}, ${name}`, read: rule, ...measured(all, logit) });
    }
    return [{ name: 'Sentences of the first three passages', rows }];
  } finally {
    await session.close();
  }
}

/** What the answers are like that are quoted by this logit. */
function measured(all: Read[][], logit: (read: Read) => number): Record<string, string> {
  const answers = all.map((reads) => {
    const best = Math.max(...reads.map(logit));
    const candidates = reads
      .map((read) => ({ ...read, score: Math.exp((logit(read) - best) / SCALE) }))
      .sort((a, b) => b.score - a.score);
    const quotes = quoteBest(candidates, SENTENCES) ?? [];
    return quotes.map(({ text }) => candidates.some((read) => read.text === text && read.right));
  });
  const of = (part: number, whole: number) => (part / whole).toFixed(3);
  const sentences = answers.flat();
  return {
    'first sentence right': of(answers.filter(([first]) => first).length, all.length),
    'sentences an answer': (sentences.length / all.length).toFixed(2),
    'right among them': of(sentences.filter(Boolean).length, sentences.length),
    'answers with a right one': of(answers.filter((right) => right.includes(true)).length, all.length),
  };
}
