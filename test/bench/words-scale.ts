/**
 * The word index of millions of chunks: what a question reads and how long it takes, projected to the whole of Wikipedia, by
 * the budget that it has: `npm run bench -- words-scale`, or with another number of copies, `npm run bench -- words-scale 4`.
 *
 * The chunks are those of 10,000 real articles and copies of them. In each copy half of the words that fewer than one chunk in
 * a thousand has are renamed, and three sentences of ten are another chunk's: so rare words stay rare, frequent ones frequent,
 * and a copy competes with the passage that is wanted without being it.
 */
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openChunkReader } from '../../core/store/client.ts';
import { buildWords } from '../../core/store/words/build.ts';
import { openWords, type WordsFile } from '../../core/store/words/file.ts';
import { POSTING_BYTES_A_QUESTION } from '../../core/store/words/search.ts';
import { termReader } from '../../core/store/words/terms.ts';
import type { Chunk } from '../../core/types.ts';
import { readArticles } from '../fixtures/read-articles.ts';
import { SHARED } from '../fixtures/shared-data.ts';
import { realWeights } from '../fixtures/weights.ts';
import { NO_DATA, questions } from './questions.ts';
import type { Table } from './table.ts';
import { type Asked, measure, WHOLE_ROWS, warmUp, withTerms } from './words.ts';

const ARTICLES = join(SHARED, 'wikipedia-2019');
const TOKENIZER = 'porter';
const LANGUAGES = ['en'];
const COPIES = 10;
const RARE = 1 / 1_000;
const RENAMED = 0.5;
const REPLACED = 0.3;
/** Budgets that are tried, in bytes at the whole size; the product's is among them. */
const BUDGETS = [Number.POSITIVE_INFINITY, 24e6, 20e6, 16e6, 12e6, 8e6, POSTING_BYTES_A_QUESTION];

export async function run(args = process.argv.slice(2)): Promise<Table[]> {
  const copies = args.filter((word) => /^\d+$/.test(word)).map(Number)[0] ?? COPIES;
  const weights = await realWeights('bge-small-en-v1.5');
  const known = questions('10k');
  if (typeof weights === 'string' || known === undefined) {
    const missing = typeof weights === 'string' ? weights : NO_DATA;
    return [{ name: 'Words at scale', rows: [{ who: missing }] }];
  }
  const asked = withTerms(known, TOKENIZER, LANGUAGES);
  const folder = await mkdtemp(join(tmpdir(), 'footnote-bench-'));
  try {
    const chunks = await chunksOf(join(folder, 'chunks.sqlite'), weights.folder);
    const base = await indexed(join(folder, 'base.words'), chunks.length, async (from, to) =>
      chunks.slice(from, to),
    );
    const tables = [await table(base, chunks, asked)];
    const copyOf = copier(chunks, base);
    const range = async (from: number, to: number) =>
      Array.from({ length: to - from }, (_, place) => copyOf(from + place));
    const large = await indexed(join(folder, 'large.words'), chunks.length * copies, range);
    tables.push(await table(large, chunks, asked));
    return tables;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Every budget over one index; right is only what the first copy has. */
async function table(words: WordsFile, chunks: Chunk[], asked: Asked[]): Promise<Table> {
  const get = async (ids: number[]) =>
    ids.map((id) => chunks[id] ?? { ...(chunks[id % chunks.length] as Chunk), articleId: '' });
  warmUp(words, asked);
  const rows: Table['rows'] = [];
  for (const budget of new Set(BUDGETS)) {
    const row = await measure(words, { get }, asked, (budget * words.rows) / WHOLE_ROWS);
    const whole = (ms: string) => Math.round((Number(ms) * WHOLE_ROWS) / words.rows);
    rows.push({
      'MB at 49.5M': Number.isFinite(budget) ? budget / 1e6 : 'all',
      ...row,
      'ms at 49.5M p50': whole(row['CPU ms p50']),
      p95: whole(row['CPU ms p95']),
    });
  }
  return {
    name: `Word index of ${words.rows.toLocaleString('en-US')} chunks, ${asked.length} questions`,
    rows,
  };
}

async function chunksOf(path: string, model: string): Promise<Chunk[]> {
  const names = (await readdir(ARTICLES)).filter((name) => name.startsWith('articles-10k')).sort();
  const files = names.map((name) => join(ARTICLES, name));
  await readArticles(model, path, files);
  const reader = await openChunkReader({ path, tokenizer: TOKENIZER });
  const chunks: Chunk[] = [];
  const rows = await reader.count();
  for (let from = 0; from < rows; from += 4_096) chunks.push(...(await reader.range(from, from + 4_096)));
  await reader.close();
  return chunks;
}

async function indexed(
  path: string,
  rows: number,
  range: (from: number, to: number) => Promise<Pick<Chunk, 'title' | 'section' | 'text'>[]>,
): Promise<WordsFile> {
  const began = performance.now();
  for await (const _ of buildWords({ path, rows, tokenizer: TOKENIZER, range }));
  const { size } = await stat(path);
  const seconds = Math.round((performance.now() - began) / 1_000);
  console.error(`${rows} chunks, ${Math.round(size / rows)} bytes each, ${seconds} s`);
  return openWords(path);
}

/** Gives the chunk of any row: the first rows are the chunks themselves, what follows are copies of them. */
function copier(
  chunks: Chunk[],
  base: WordsFile,
): (row: number) => Pick<Chunk, 'title' | 'section' | 'text'> {
  const termsOf = termReader(TOKENIZER);
  const rare = new Map<string, boolean>();
  const isRare = (word: string) => {
    const known = rare.get(word);
    if (known !== undefined) return known;
    const found = (base.find(termsOf(word)[0] ?? '')?.rows ?? 0) < chunks.length * RARE;
    rare.set(word, found);
    return found;
  };
  const renamed = (text: string, copy: number) =>
    text.replace(/\p{L}+/gu, (word) =>
      isRare(word) && chance(hash(word, copy)) < RENAMED ? `${word}${lettersOf(copy)}` : word,
    );
  const sentences = (text: string) => text.split(/(?<=[.!?]) /);
  return (row) => {
    const chunk = chunks[row % chunks.length] as Chunk;
    const copy = Math.floor(row / chunks.length);
    if (copy === 0) return chunk;
    const text = sentences(chunk.text).map((sentence, place) => {
      const drawn = hash(`${row}.${place}`, copy);
      if (chance(drawn) >= REPLACED) return sentence;
      const other = sentences((chunks[hash(sentence, drawn) % chunks.length] as Chunk).text);
      return other[place % other.length] as string;
    });
    return {
      title: renamed(chunk.title, copy),
      section: chunk.section.map((part) => renamed(part, copy)),
      text: renamed(text.join(' '), copy),
    };
  };
}

/** FNV-1a (Fowler, Noll, Vo), 32 bits, mixed once more. */
function hash(text: string, seed: number): number {
  let value = 0x811c9dc5 ^ seed;
  for (let at = 0; at < text.length; at++) value = Math.imul(value ^ text.charCodeAt(at), 0x01000193);
  value = Math.imul(value ^ (value >>> 16), 0x45d9f3b);
  return (value ^ (value >>> 16)) >>> 0;
}

const chance = (drawn: number): number => drawn / 2 ** 32;

/** A number as letters that no English word ends with. */
const lettersOf = (number: number): string =>
  `q${[...number.toString(26)].map((digit) => String.fromCharCode(97 + Number.parseInt(digit, 26))).join('')}x`;
