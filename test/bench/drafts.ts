/**
 * Whether what a language model writes is what its passages say: drafts for sets of questions, as the model of the settings wrote them, and
 * each of their sentences that a judge lets pass, or that an answer shows, held against a label given by hand.
 *
 * Drafts lie in drafts.jsonl of the data folder, where a later run goes on and reads them again; labels in test/fixtures/draft-labels.json by a
 * digest of question and sentence, and so without Wikipedia's text. What was shown and has no label is listed in draft-sentences.jsonl.
 */
import { createHash } from 'node:crypto';
import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { checkSentence, readMarkers } from '../../core/answer/citations.ts';
import { composeAnswer, EXTRACTIVE } from '../../core/answer/compose.ts';
import { SHORTEST } from '../../core/answer/extract.ts';
import { fitPassages } from '../../core/answer/prompt.ts';
import type { Generator } from '../../core/generate/generator.ts';
import { openSession, readSettings, type Session, search } from '../../core/index.ts';
import { installedReranker } from '../../core/models/for-build.ts';
import { openReranker } from '../../core/rerank/client.ts';
import type { Reranker } from '../../core/rerank/reranker.ts';
import { buildPaths } from '../../core/store/build-folder.ts';
import type { Hit } from '../../core/types.ts';
import { readJsonLines } from '../fixtures/json-lines.ts';
import { scriptedGenerator } from '../fixtures/scripted-generator.ts';
import { BUILD, type Question, questions, sample } from './questions.ts';
import type { Table } from './table.ts';

const LABELS = resolve('test/fixtures/draft-labels.json');
const PLAIN = resolve('test/fixtures/questions-plain.jsonl');
const OTHER_STYLES = resolve('test/fixtures/questions-other-styles.jsonl');
const LANGUAGE = 'en';
const NO_MODEL: Table[] = [
  { name: 'Drafts', rows: [{ sentences: 'left out: no language model or no reranking model is installed' }] },
];
/** The judge's rules were found on so many of SQuAD's questions, and on all rounds of plain ones but the last. */
const SEEN = 900;
const LAST_ROUND = 4;
const UNSEEN = 'not seen when rules were made';
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

type Asked = Pick<Question, 'qid' | 'question'>;

/** Questions of one kind over one build. */
interface QuestionSet {
  name: string;
  build: string;
  asked: Asked[];
}

/** The number of SQuAD's questions is the argument after the benchmark's name; 100 when absent. */
export async function run(): Promise<Table[]> {
  const { settings } = readSettings();
  const model = await installedReranker(settings, [LANGUAGE]);
  if (model === undefined) return NO_MODEL;
  const sets: [QuestionSet, Draft[]][] = [];
  for (const set of questionSets(settings.data)) {
    const drafts = await written(set);
    if (drafts === undefined) return NO_MODEL;
    sets.push([set, drafts]);
  }
  const reranker = await openReranker({ model, threads: settings.threads, device: settings.device });
  const labels: Record<string, boolean> = existsSync(LABELS) ? JSON.parse(readFileSync(LABELS, 'utf8')) : {};
  const rows: Table['rows'] = [];
  const unlabelled: Labelled[] = [];
  for (const [{ name }, drafts] of sets) {
    const judged = drafts.flatMap((draft) => sentencesOf(draft, labels));
    const passed = judged.filter(({ passes }) => passes);
    rows.push({
      questions: `${drafts.length}, ${name}`,
      sentences: 'let pass by the judge',
      ...figures(passed, judged),
    });
    const answers = await answersOf(drafts, labels, reranker);
    const byModel = answers.filter(({ isWritten }) => isWritten);
    const quoted = answers.filter(({ isWritten, cited }) => !isWritten && cited.length > 0);
    const shown = byModel.flatMap(({ cited }) => cited);
    rows.push({
      questions: `${byModel.length} answers written, ${quoted.length} quoted`,
      sentences: `shown as written, and ${quoted.flatMap(({ cited }) => cited).length} quoted`,
      ...figures(shown, judged),
    });
    unlabelled.push(...shown.filter(({ isTrue }) => isTrue === undefined));
  }
  await reranker.close();
  const lines = unlabelled.map((sentence) => `${JSON.stringify(sentence)}\n`);
  writeFileSync(join(settings.data, 'draft-sentences.jsonl'), lines.join(''));
  return [{ name: 'Drafts of a language model', rows }];
}

/** Sets whose build and questions are there. */
function questionSets(data: string): QuestionSet[] {
  const size = Number(process.argv.find((word) => /^\d+$/.test(word)) ?? 100);
  const squad = sample(questions() ?? [], size);
  const plain = readJsonLines<{ question: string; build: string; round: number }>(PLAIN);
  const styles = readJsonLines<{ id: string; question: string }>(OTHER_STYLES);
  const rounds = [...new Set(plain.map(({ round }) => round))].map((round): QuestionSet => {
    const those = plain.filter((one) => one.round === round);
    return {
      name: `plain ones of our own, ${round === LAST_ROUND ? UNSEEN : `round ${round}`}`,
      build: those[0]?.build ?? BUILD,
      asked: those.map(({ question }) => ({ qid: question, question })),
    };
  });
  return [
    { name: "SQuAD's", build: BUILD, asked: squad.slice(0, SEEN) },
    {
      name: 'our own in other styles',
      build: BUILD,
      asked: styles.map(({ id, question }) => ({ qid: id, question })),
    },
    ...rounds,
    { name: `SQuAD's, ${UNSEEN}`, build: BUILD, asked: squad.slice(SEEN) },
  ].filter(({ build, asked }) => asked.length > 0 && existsSync(buildPaths(data, build).manifest));
}

interface Labelled {
  digest: string;
  question: string;
  text: string;
  /** Where the evidence is in the passages. */
  quotes: string[];
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

interface ShownAnswer {
  /** Else it is quoted, or empty. */
  isWritten: boolean;
  cited: Labelled[];
}

/** The answer from each draft, the cross-encoder reading as it does for answers. */
async function answersOf(
  drafts: Draft[],
  labels: Record<string, boolean>,
  reranker: Reranker,
): Promise<ShownAnswer[]> {
  const answers: ShownAnswer[] = [];
  for (const draft of drafts) {
    const { generator, sentences, citations } = await composeAnswer({
      question: draft.question,
      searchedFor: draft.question,
      most: MOST,
      passages: draft.passages,
      judge: (question, texts) => reranker.score(question, texts),
      generator: scriptedGenerator(draft.isCut ? draft.text.replace(/[^.!?]*$/u, '') : draft.text),
      settings: { contextTokens: 4096, maxAnswerTokens: TOKENS.maxAnswerTokens, temperature: 0 },
      language: LANGUAGE,
    });
    const cited = sentences
      .filter(({ supported }) => supported)
      .map(({ text, citations: numbers }) => {
        const quotes = citations.filter(({ number }) => numbers.includes(number)).map(({ quote }) => quote);
        return { ...labelOf(text, draft, labels), quotes, passes: true };
      });
    answers.push({ isWritten: generator !== EXTRACTIVE && cited.length > 0, cited });
  }
  return answers;
}

function labelOf(text: string, { qid, question, passages }: Draft, labels: Record<string, boolean>) {
  // A word that stands in a passage may still be no answer.
  const isQuote = text.length >= SHORTEST && passages.some(({ chunk }) => chunk.text.includes(text));
  const digest = createHash('sha256')
    .update(JSON.stringify([qid, text]))
    .digest('hex')
    .slice(0, 16);
  return {
    digest,
    question,
    text,
    quotes: [],
    isQuote,
    isTrue: labels[digest] ?? (isQuote ? true : undefined),
  };
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
async function written({ build, asked }: QuestionSet): Promise<Draft[] | undefined> {
  const { settings } = readSettings({ build });
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

async function write(session: Session, generator: Generator, { qid, question }: Asked): Promise<Draft> {
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
