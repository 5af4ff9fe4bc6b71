/**
 * Whether what a language model writes is what its passages say: drafts for a fixed sample of SQuAD's questions over the articles of one
 * build, as the model of the settings wrote them, and each of their sentences that a judge lets pass held against a label given by hand.
 *
 * Drafts lie in drafts.jsonl of the data folder, where a later run goes on and reads them again; labels in test/fixtures/draft-labels.json by a
 * digest of question and sentence, and so without Wikipedia's text.
 */
import { createHash } from 'node:crypto';
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { checkSentence, readMarkers } from '../../core/answer/citations.ts';
import { composeAnswer, EXTRACTIVE } from '../../core/answer/compose.ts';
import { fitPassages } from '../../core/answer/prompt.ts';
import type { Generator } from '../../core/generate/generator.ts';
import { openSession, readSettings, type Session, search } from '../../core/index.ts';
import { installedReranker } from '../../core/models/for-build.ts';
import { openReranker } from '../../core/rerank/client.ts';
import type { Reranker } from '../../core/rerank/reranker.ts';
import type { Hit } from '../../core/types.ts';
import { readJsonLines } from '../fixtures/json-lines.ts';
import { scriptedGenerator } from '../fixtures/scripted-generator.ts';
import { BUILD, NO_DATA, type Question, questions, sample } from './questions.ts';
import type { Table } from './table.ts';

const LABELS = resolve('test/fixtures/draft-labels.json');
const LANGUAGE = 'en';
const NO_MODEL = 'left out: no language model or no reranking model is installed';
/** The judge's rules were found on so many of the first drafts. */
const TUNED_ON = 316;
/** Sentences of an answer at most. */
const MOST = 3;
/** Of prompt and draft: few passages, so that a small model on two cores writes in seconds. */
const TOKENS = { contextTokens: 1000, maxAnswerTokens: 150 };

interface Draft {
  qid: string;
  question: string;
  passages: Hit[];
  text: string;
  isCut: boolean;
}

/** The number of questions is the argument after the benchmark's name; 100 when absent, ten minutes of a small model on two cores. */
export async function run(): Promise<Table[]> {
  const known = questions();
  if (known === undefined) return [{ name: 'Drafts', rows: [{ sentences: NO_DATA }] }];
  const asked = sample(known, Number(process.argv.find((word) => /^\d+$/.test(word)) ?? 100));
  const drafts = await written(asked);
  const { settings } = readSettings();
  const model = await installedReranker(settings, [LANGUAGE]);
  if (drafts === undefined || model === undefined)
    return [{ name: 'Drafts', rows: [{ sentences: NO_MODEL }] }];
  const reranker = await openReranker({ model, threads: settings.threads, device: settings.device });
  const labels: Record<string, boolean> = existsSync(LABELS) ? JSON.parse(readFileSync(LABELS, 'utf8')) : {};
  const parts: [string, Draft[]][] = [
    [`the ${TUNED_ON} that rules were found on`, drafts.slice(0, TUNED_ON)],
    ['the others', drafts.slice(TUNED_ON)],
  ];
  const rows: Table['rows'] = [];
  for (const [of, part] of parts.filter(([, { length }]) => length > 0)) {
    const judged = part.flatMap((draft) => sentencesOf(draft, labels));
    const passed = judged.filter(({ passes }) => passes);
    rows.push({ drafts: of, sentences: 'let pass by the judge', ...figures(passed, judged) });
    rows.push({
      drafts: of,
      sentences: 'shown in answers',
      ...figures(await shownOf(part, labels, reranker), judged),
    });
  }
  await reranker.close();
  return [{ name: `Drafts of a language model for ${drafts.length} questions, build ${BUILD}`, rows }];
}

interface Labelled {
  text: string;
  passes: boolean;
  /** Stands word for word in a passage. */
  isQuote: boolean;
  /** Whether the passage says it, as a person read it; undefined where nobody did. */
  isTrue: boolean | undefined;
}

function sentencesOf(draft: Draft, labels: Record<string, boolean>): Labelled[] {
  const { question, passages, text, isCut } = draft;
  const marked = readMarkers(text, passages.length, LANGUAGE, isCut);
  const once = [...new Map(marked.map((sentence) => [sentence.text, sentence])).values()];
  return once.map((sentence) => ({
    ...labelOf(sentence.text, draft, labels),
    passes: checkSentence(sentence, passages, question).evidence.length > 0,
  }));
}

/** The sentences that an answer out of each draft shows with a citation, the cross-encoder reading as it does for answers. */
async function shownOf(
  drafts: Draft[],
  labels: Record<string, boolean>,
  reranker: Reranker,
): Promise<Labelled[]> {
  const shown: Labelled[] = [];
  for (const draft of drafts) {
    const { generator, sentences } = await composeAnswer({
      question: draft.question,
      searchedFor: draft.question,
      most: MOST,
      passages: draft.passages,
      judge: (question, texts) => reranker.score(question, texts),
      generator: scriptedGenerator(draft.isCut ? draft.text.replace(/[^.!?]*$/u, '') : draft.text),
      settings: { contextTokens: 4096, maxAnswerTokens: TOKENS.maxAnswerTokens, temperature: 0 },
      language: LANGUAGE,
    });
    if (generator === EXTRACTIVE) continue;
    for (const { text, supported } of sentences)
      if (supported) shown.push({ ...labelOf(text, draft, labels), passes: true });
  }
  return shown;
}

function labelOf(text: string, { qid, passages }: Draft, labels: Record<string, boolean>) {
  const isQuote = passages.some(({ chunk }) => chunk.text.includes(text));
  const digest = createHash('sha256')
    .update(JSON.stringify([qid, text]))
    .digest('hex')
    .slice(0, 16);
  return { text, isQuote, isTrue: labels[digest] ?? (isQuote ? true : undefined) };
}

function figures(passed: Labelled[], all: Labelled[]): Record<string, string | number> {
  const labelled = passed.filter(({ isTrue }) => isTrue !== undefined);
  const right = labelled.filter(({ isTrue }) => isTrue);
  const own = labelled.filter(({ isQuote }) => !isQuote);
  const share = (part: unknown[], whole: unknown[]) => (part.length / whole.length).toFixed(3);
  return {
    written: all.length,
    'let pass': passed.length,
    labelled: labelled.length,
    true: share(right, labelled),
    'in own words': own.length,
    'true of those': share(
      own.filter(({ isTrue }) => isTrue),
      own,
    ),
    'of the true ones': share(
      right,
      all.filter(({ isTrue }) => isTrue),
    ),
  };
}

/** The drafts that are there, and those that had to be written; undefined where nothing can write them. */
async function written(asked: Question[]): Promise<Draft[] | undefined> {
  const { settings } = readSettings({ build: BUILD });
  const file = join(settings.data, 'drafts.jsonl');
  const done = new Map(readJsonLines<Draft>(file).map((draft) => [draft.qid, draft]));
  const waiting = asked.filter(({ qid }) => !done.has(qid));
  if (waiting.length > 0) {
    const session = await openSession(settings);
    try {
      const generator = await session.generator();
      if (generator === undefined) return undefined;
      await Promise.all(
        Array.from({ length: settings.answersAtOnce }, async () => {
          for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
            const draft = await write(session, generator, next);
            appendFileSync(file, `${JSON.stringify(draft)}\n`);
            done.set(draft.qid, draft);
          }
        }),
      );
    } finally {
      await session.close();
    }
  }
  return asked.flatMap(({ qid }) => done.get(qid) ?? []);
}

async function write(session: Session, generator: Generator, { qid, question }: Question): Promise<Draft> {
  const { hits } = await search(session, { question });
  const prompt = await fitPassages({
    question,
    passages: hits,
    countTokens: (messages) => generator.countTokens(messages),
    ...TOKENS,
  });
  const { text, reason } = await generator.generate(prompt.messages, {
    maxTokens: TOKENS.maxAnswerTokens,
    temperature: 0,
  });
  return { qid, question, passages: prompt.used, text, isCut: reason === 'length' };
}
