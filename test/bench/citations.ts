/**
 * Whether cited sentences are true to what they cite: answers to a fixed sample of questions over the articles of one build, written by
 * the language model of the settings, each cited sentence held against a label that a person gave it after reading its passage.
 *
 * Labels lie in test/fixtures/cited-labels.json by a digest of question, sentence and passage; no text of Wikipedia is kept in the
 * repository. What is to be read lies in cited-sentences.jsonl of the data folder after a run, where a later run goes on.
 */
import { createHash } from 'node:crypto';
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type Answer, ask, openSession, readSettings } from '../../core/index.ts';
import { readJsonLines } from '../fixtures/json-lines.ts';
import { BUILD, NO_DATA, type Question, questions, sample } from './questions.ts';
import type { Table } from './table.ts';

const LABELS = resolve('test/fixtures/cited-labels.json');

interface Cited {
  /** Of question, sentence and quotes. */
  digest: string;
  question: string;
  sentence: string;
  quotes: string[];
}

interface Row {
  qid: string;
  generator: string;
  firstTokenMs: number;
  abstained: boolean;
  sentences: number;
  cited: Cited[];
}

/** The number of questions is the argument after the benchmark's name; 150 when absent. */
export async function run(): Promise<Table[]> {
  const known = questions();
  if (known === undefined) return [{ name: 'Citations', rows: [{ generator: NO_DATA }] }];
  const asked = sample(known, Number(process.argv.find((word) => /^\d+$/.test(word)) ?? 150));
  const { settings } = readSettings({ build: BUILD });
  const file = join(settings.data, 'cited-sentences.jsonl');
  const done = new Map(readJsonLines<Row>(file).map((row) => [row.qid, row]));
  const session = await openSession(settings);
  try {
    const waiting = asked.filter(({ qid }) => !done.has(qid));
    await Promise.all(
      Array.from({ length: settings.answersAtOnce }, async () => {
        for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
          const row = rowOf(next, await answerTo(session, next.question));
          appendFileSync(file, `${JSON.stringify(row)}\n`);
          done.set(next.qid, row);
        }
      }),
    );
  } finally {
    await session.close();
  }
  return [report(asked.flatMap(({ qid }) => done.get(qid) ?? []))];
}

async function answerTo(session: Awaited<ReturnType<typeof openSession>>, question: string): Promise<Answer> {
  const events = ask(session, { question });
  for (;;) {
    const step = await events.next();
    if (step.done) return step.value;
  }
}

function rowOf({ qid, question }: Question, answer: Answer): Row {
  const cited = answer.sentences
    .filter(({ supported }) => supported)
    .map(({ text, citations }): Cited => {
      const quotes = answer.citations
        .filter(({ number }) => citations.includes(number))
        .map(({ title, section, quote }) => `${title} > ${section}: ${quote}`);
      const digest = createHash('sha256')
        .update(JSON.stringify([qid, text, quotes]))
        .digest('hex');
      return { digest: digest.slice(0, 16), question, sentence: text, quotes };
    });
  const { generator, abstained, timings, sentences } = answer;
  return {
    qid,
    generator,
    abstained,
    firstTokenMs: timings.firstTokenMs,
    sentences: sentences.length,
    cited,
  };
}

function report(rows: Row[]): Table {
  const labels: Record<string, boolean> = existsSync(LABELS) ? JSON.parse(readFileSync(LABELS, 'utf8')) : {};
  const names = [...new Set(rows.map(({ generator }) => generator))];
  const table = names.map((generator) => {
    const own = rows.filter((row) => row.generator === generator);
    const cited = own.flatMap((row) => row.cited);
    const labelled = cited.filter(({ digest }) => digest in labels);
    const right = labelled.filter(({ digest }) => labels[digest]).length;
    const first = own.map(({ firstTokenMs }) => firstTokenMs).sort((a, b) => a - b);
    return {
      generator,
      answers: own.length,
      abstained: own.filter(({ abstained }) => abstained).length,
      'cited sentences': cited.length,
      labelled: labelled.length,
      'true to what they cite': labelled.length === 0 ? '' : (right / labelled.length).toFixed(3),
      'p50 first text ms': Math.round(first[first.length >> 1] ?? 0),
    };
  });
  return { name: `Cited sentences against labels given by hand, build ${BUILD}`, rows: table };
}
