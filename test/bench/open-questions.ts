/**
 * Questions that people asked without a passage before their eyes: Natural Questions (open), TriviaQA and WebQuestions as DPR published
 * them, out of a package of the Maven registry, as far as articles-1k answers them. SQuAD's questions share words with their passages.
 *
 * Those files name no article, so the gold one is the article whose whole title stands in the question and that has the answer; or, for
 * TriviaQA, the article that is the answer. Some of these do not tell what was asked: figures compare methods, and say no more.
 */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { getPackageFiles, type PackageSource } from '../../core/models/package.ts';
import { readJsonLines } from '../fixtures/json-lines.ts';
import { SHARED } from '../fixtures/shared-data.ts';
import type { Question } from './questions.ts';

const SETS = ['nq.dev', 'nq.test', 'trivia.dev', 'trivia.test', 'wq.test'];
const TOPICS: PackageSource = {
  kind: 'maven',
  artifact: 'io.anserini:anserini:0.13.3',
  packageBytes: 24_592_965,
  files: SETS.map((set) => ({
    path: `${set}.txt`,
    member: `topics-and-qrels/topics.dpr.${set}.txt`,
    bytes: 0,
  })),
};

interface Asked {
  set: string;
  question: string;
  answers: string[];
}

interface Article {
  id: number;
  title: string;
  text: string;
  /** As one line of words in lower case, a space before and behind each. */
  said: string;
}

/** JSONL of the questions in a folder, made where it is not there; the articles must be. */
export async function openQuestions(folder: string): Promise<string> {
  const file = join(folder, 'open-questions.jsonl');
  if (existsSync(file)) return file;
  const topics = join(folder, 'open-questions');
  mkdirSync(topics, { recursive: true });
  await getPackageFiles(TOPICS, { folder: topics, scratch: join(folder, 'open-questions.scratch') });
  const asked = SETS.flatMap((set) => readTopics(set, readFileSync(join(topics, `${set}.txt`), 'utf8')));
  const rows = withGold(asked, readArticles()).map((question) => JSON.stringify(question));
  writeFileSync(file, `${rows.join('\n')}\n`);
  rmSync(topics, { recursive: true });
  return file;
}

/** `question TAB answers` with the answers as a Python list, now and then quoted as CSV; WebQuestions as JSON. */
function readTopics(set: string, text: string): Asked[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      if (line.startsWith('{')) {
        const { question, answer } = JSON.parse(line) as { question: string; answer: string[] };
        return { set, question, answers: answer };
      }
      const [question = '', list = ''] = line.split('\t');
      const plain = list.trim().startsWith('"') ? list.trim().slice(1, -1).replaceAll('""', '"') : list;
      const strings = plain.matchAll(/'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)"/g);
      const answers = [...strings].map(([, one, other]) => (one ?? other ?? '').replace(/\\(.)/g, '$1'));
      return { set, question, answers };
    });
}

function readArticles(): Article[] {
  const folder = join(SHARED, 'wikipedia-2019');
  return readdirSync(folder)
    .filter((name) => name.startsWith('articles-1k-'))
    .flatMap((name) => readJsonLines<Omit<Article, 'said'>>(join(folder, name)))
    .map(({ id, title, text }) => ({ id, title, text, said: words(text) }));
}

function withGold(asked: Asked[], articles: Article[]): Question[] {
  const titled = new Map(articles.map((article) => [words(bare(article.title)), article]));
  const names = [...titled].filter(([name, article]) => name.trim().length >= 4 && isName(article));
  const seen = new Set<string>();
  return asked.flatMap(({ set, question, answers }) => {
    const said = words(question);
    const unsaid = answers
      .map((answer) => answer.replaceAll(' ,', ','))
      .filter((answer) => answer.length > 1 && !said.includes(words(answer)));
    const about = names
      .filter(([name]) => said.includes(name))
      .sort(([one], [other]) => other.length - one.length)
      .map(([, article]) => ({
        article,
        known: unsaid.filter((answer) => article.said.includes(words(answer))),
      }))
      .find(({ known }) => known.length > 0);
    const itself = set.startsWith('trivia') ? titled.get(words(unsaid[0] ?? '')) : undefined;
    const gold = about ?? (itself && { article: itself, known: unsaid });
    if (gold === undefined || seen.has(question)) return [];
    seen.add(question);
    const qid = createHash('sha256').update(question).digest('hex').slice(0, 12);
    const { id, title } = gold.article;
    const fixed = { in_1k: true, answer_in_article: true, unanswerable: false };
    return { qid, question, answers: gold.known, gold_title: title, gold_article_id: id, ...fixed };
  });
}

/** Whether a title is more than a common word: several words, or one that its own article writes mostly with a capital. */
function isName({ title, text }: Article): boolean {
  const name = bare(title);
  const count = (word: string) => text.split(word).length;
  return name.includes(' ') || count(name) > 4 * count(name.toLowerCase());
}

const bare = (title: string) => title.replace(/\(.*\)/, '').trim();
const words = (text: string) => ` ${(text.toLowerCase().match(/[\p{L}\p{N}_]+/gu) ?? []).join(' ')} `;
