import { existsSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FIELD_WEIGHTS, impactTable, lengthCode, scoreOf, termWeight } from '../../core/store/words/bm25.ts';
import { buildWords } from '../../core/store/words/build.ts';
import { openWords, type WordsFile } from '../../core/store/words/file.ts';
import type { Indexed } from '../../core/store/words/run.ts';
import { searchWords } from '../../core/store/words/search.ts';
import { termReader } from '../../core/store/words/terms.ts';
import type { Scored } from '../../core/types.ts';

const ROWS = 6_000;
const SMALL = { runPostings: 10_000, windowBits: 9 };
const QUESTIONS = 60;
const termsOf = termReader('unicode61');

let folder: string;
let path: string;
let file: WordsFile;

/** Row texts by rule: word `wN` is in about one row of N, so that some words are everywhere and most are rare. */
function chunkOf(row: number): Indexed {
  const random = (turn: number) => (Math.imul(row * 31 + turn * 7919 + 1, 2_654_435_761) >>> 8) / 2 ** 24;
  const words = Array.from({ length: 3 + (row % 5) }, (_, turn) => `w${Math.floor(random(turn) ** -0.8)}`);
  return {
    title: `w${row % 97}`,
    section: row % 3 === 0 ? ['w1', `s${row % 11}`] : [],
    text: words.join(' '),
  };
}

const range = async (from: number, to: number) =>
  Array.from({ length: to - from }, (_, offset) => chunkOf(from + offset));

const requestOf = (at: string) => ({
  path: at,
  rows: ROWS,
  tokenizer: 'unicode61' as const,
  range,
  ...SMALL,
});

/** BM25 of every row, one after the other: what the index must agree with. */
function everyRow(): (terms: string[], k: number) => Scored[] {
  const found = new Map<string, Map<number, number>>();
  const lengths = new Uint16Array(ROWS);
  for (let row = 0; row < ROWS; row++) {
    const { title, section, text } = chunkOf(row);
    for (const [field, value] of Object.entries({ title, section: section.join(' '), text }))
      for (const term of termsOf(value)) {
        const rows = found.get(term) ?? found.set(term, new Map()).get(term);
        rows?.set(row, (rows.get(row) ?? 0) + FIELD_WEIGHTS[field as keyof typeof FIELD_WEIGHTS]);
        lengths[row] = (lengths[row] ?? 0) + 1;
      }
  }
  const impacts = impactTable(lengths.reduce((sum, length) => sum + length, 0) / ROWS);
  return (terms, k) => {
    const sums = new Map<number, number>();
    for (const term of new Set(terms)) {
      const rows = found.get(term) ?? new Map<number, number>();
      for (const [row, frequency] of rows) {
        const impact = impacts[((frequency * 8) << 8) | lengthCode(lengths[row] ?? 0)] ?? 0;
        sums.set(row, (sums.get(row) ?? 0) + termWeight(ROWS, rows.size) * impact);
      }
    }
    return [...sums]
      .map(([id, sum]) => ({ id, score: scoreOf(sum) }))
      .sort((a, b) => b.score - a.score || a.id - b.id)
      .slice(0, k);
  };
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'footnote-words-'));
  path = join(folder, 'chunks.words');
  for await (const _ of buildWords(requestOf(path)));
  file = openWords(path);
});
afterAll(async () => {
  file.close();
  await rm(folder, { recursive: true, force: true });
});

describe('search by the word index', () => {
  it('finds the same rows with the same scores as BM25 of every row', () => {
    const all = everyRow();
    for (let question = 0; question < QUESTIONS; question++) {
      const terms = Array.from(
        { length: 1 + (question % 6) },
        (_, turn) => `w${1 + ((question * 7 + turn * 13) % 90)}`,
      );
      const k = question % 2 === 0 ? 10 : 100;
      expect(searchWords(file, terms, k), terms.join(' ')).toEqual(all(terms, k));
    }
  });

  it('finds nothing for terms that no row has, and for none', () => {
    expect(searchWords(file, ['nowhere', ''], 5)).toEqual([]);
    expect(searchWords(file, [], 5)).toEqual([]);
    expect(searchWords(file, ['w1'], 0)).toEqual([]);
  });

  it('skips windows that cannot matter, and stops where its budget ends', () => {
    const stats = { windows: 0, visited: 0, postingBytes: 0 };
    const exact = searchWords(file, ['w1', 'w2', 'w40'], 10, Number.POSITIVE_INFINITY, stats);
    expect(stats.windows).toBe(12);
    const one = { ...stats };
    const best = searchWords(file, ['w1', 'w2', 'w40'], 10, 0, one);
    expect(one.visited).toBe(1);
    expect(one.postingBytes).toBeLessThan(stats.postingBytes);
    expect(best).toHaveLength(10);
    expect(best[0]?.score).toBeLessThanOrEqual(exact[0]?.score ?? 0);
  });
});

describe('the word index file', () => {
  it('is the same however many runs it was sorted in, and leaves none behind', async () => {
    const other = join(folder, 'one-run.words');
    for await (const _ of buildWords({ ...requestOf(other), runPostings: 1_000_000 }));
    expect(readFileSync(other).equals(readFileSync(path))).toBe(true);
    expect((await readdir(folder)).sort()).toEqual(['chunks.words', 'one-run.words']);
  });

  it('keeps every posting where one batch of rows has more than a run has room for', async () => {
    const rows = 1_500;
    const words = 120; // each row has words of its own: 180,000 postings and `all`
    const wordy = async (from: number, to: number): Promise<Indexed[]> =>
      Array.from({ length: to - from }, (_, offset) => ({
        title: 'all',
        section: [],
        text: Array.from({ length: words }, (_, word) => `r${from + offset}n${word}`).join(' '),
      }));
    const at = join(folder, 'wordy.words');
    for await (const _ of buildWords({ ...requestOf(at), rows, range: wordy, runPostings: 1_000 }));
    const wordyFile = openWords(at);
    try {
      for (let row = 0; row < rows; row += 37)
        expect(searchWords(wordyFile, [`r${row}n${words - 1}`], 2).map(({ id }) => id)).toEqual([row]);
      expect(searchWords(wordyFile, ['all'], rows)).toHaveLength(rows);
    } finally {
      wordyFile.close();
    }
  });

  it('is made from where it was stopped', async () => {
    const other = join(folder, 'stopped.words');
    const stop = new AbortController();
    let last = 0;
    const reading = buildWords({ ...requestOf(other), signal: stop.signal });
    await expect(async () => {
      for await (const rows of reading) {
        last = rows;
        if (rows > 4_000) stop.abort();
      }
    }).rejects.toMatchObject({ code: 'cancelled' });
    expect(existsSync(other)).toBe(false);
    const again = buildWords(requestOf(other));
    const first = (await again.next()).value as number;
    expect(first).toBeGreaterThan(0);
    expect(first).toBeLessThanOrEqual(last);
    for await (const _ of again);
    expect(readFileSync(other).equals(readFileSync(path))).toBe(true);
  });

  it('is refused where it is cut short, foreign or not there', () => {
    const cut = join(folder, 'cut.words');
    writeFileSync(cut, readFileSync(path));
    truncateSync(cut, readFileSync(path).length - 1);
    const foreign = join(folder, 'foreign.words');
    writeFileSync(foreign, 'Not an index at all. '.repeat(10));
    for (const wrong of [cut, foreign])
      expect(() => openWords(wrong)).toThrow(expect.objectContaining({ code: 'bad-input' }));
    expect(() => openWords(join(folder, 'none.words'))).toThrow(
      expect.objectContaining({ code: 'not-found' }),
    );
  });

  it('with any byte changed, gives an answer or a refusal, never anything else', () => {
    const whole = readFileSync(path);
    const changed = join(folder, 'changed.words');
    for (let turn = 0; turn < 40; turn++) {
      const bytes = Buffer.from(whole);
      const at = turn < 20 ? turn * 2 : Math.floor((turn / 40) * bytes.length);
      bytes[at] = (bytes[at] ?? 0) ^ (1 << (turn % 8));
      writeFileSync(changed, bytes);
      try {
        const opened = openWords(changed);
        searchWords(opened, ['w1', 'w2', 'w40', 's3'], 10);
        opened.close();
      } catch (error) {
        expect(error).toMatchObject({ code: 'bad-input' });
      }
    }
  });
});
