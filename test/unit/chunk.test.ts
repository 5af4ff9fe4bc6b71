import { describe, expect, test } from 'vitest';
import { type ChunkOptions, chunkArticle } from '../../core/corpus/chunk.ts';
import { passageText } from '../../core/corpus/passage.ts';
import type { Article } from '../../core/types.ts';

/** Four characters are a piece, as are a mark and an ideograph: words of several pieces, like a real tokenizer's. */
const wordPieces = {
  count: (text: string) => (text.match(/[\p{Script=Latin}\d]{1,4}|[^\p{Script=Latin}\d\s]/gu) ?? []).length,
};

function article(blocks: [section: string[], text: string][], about: Partial<Article> = {}): Article {
  let text = '';
  const placed = blocks.map(([section, content]) => {
    const start = text.length;
    text += `${content}\n\n`;
    return { section, start, end: start + content.length };
  });
  return { id: '7', title: 'Title', url: 'https://x.org/T', language: 'en', text, blocks: placed, ...about };
}

const chunk = (source: Article, options: Partial<ChunkOptions> = {}) =>
  chunkArticle(source, { wordPieces, maxTokens: 64, ...options });
const sentence = (n: number, words = 8) =>
  `Here ${Array.from({ length: words - 2 }, (_, word) => `w${n}x${word}`).join(' ')} end.`;
const paragraph = (from: number, count: number) =>
  Array.from({ length: count }, (_, n) => sentence(from + n)).join(' ');

test('a chunk carries what a citation needs', () => {
  const source = article([[['Life', 'Youth'], '"1984" began so.']], { revision: '99' });
  expect(chunk(source)).toEqual([
    {
      articleId: '7',
      title: 'Title',
      section: ['Life', 'Youth'],
      position: 0,
      start: 0,
      end: 16,
      url: 'https://x.org/T',
      revision: '99',
      language: 'en',
      text: '"1984" began so.',
    },
  ]);
});

test('the passage starts with title and headings', () => {
  expect(passageText({ title: 'Ulm', section: ['Culture', 'Museums'], text: 'It has one.' })).toBe(
    'Ulm › Culture › Museums\nIt has one.',
  );
  expect(passageText({ title: 'Ulm', section: [], text: 'A city.' })).toBe('Ulm\nA city.');
});

test('short paragraphs of a section are joined up to the wanted length, never over a heading', () => {
  const source = article([
    [[], sentence(1)],
    [[], sentence(2)],
    [[], sentence(3)],
    [['Other'], sentence(4)],
  ]);
  const texts = chunk(source, { joinTokens: 20, minTokens: 1 }).map(({ text }) => text);
  expect(texts).toEqual([`${sentence(1)}\n\n${sentence(2)}`, sentence(3), sentence(4)]);
});

test('a tiny paragraph goes to its neighbour even beyond the wanted length', () => {
  const source = article([
    [[], sentence(1)],
    [[], 'Tiny.'],
  ]);
  expect(chunk(source, { joinTokens: 8, minTokens: 4 })).toHaveLength(1);
  expect(chunk(source, { joinTokens: 8, minTokens: 1 })).toHaveLength(2);
});

test('a long paragraph is split at sentence ends into about equal parts that overlap by whole sentences', () => {
  const sentences = Array.from({ length: 20 }, (_, n) => sentence(n));
  const parts = chunk(article([[[], sentences.join(' ')]]), { overlapTokens: 20 });
  expect(parts.length).toBeGreaterThan(2);
  for (const [at, { text, start }] of parts.entries()) {
    expect(text).toMatch(/^Here .* end\.$/);
    const before = parts[at - 1];
    if (before === undefined) continue;
    const again = before.text.slice(start - before.start);
    expect(again).toMatch(/^Here .* end\.$/);
    expect(wordPieces.count(again)).toBeLessThanOrEqual(20);
  }
  const lengths = parts.map(({ text }) => wordPieces.count(text));
  expect(Math.max(...lengths) - Math.min(...lengths)).toBeLessThanOrEqual(27);
});

test('a sentence longer than the window is cut at clauses, else at words, else between graphemes', () => {
  const clauses = Array.from({ length: 30 }, (_, n) => `clause ${n} says on`).join(', ');
  for (const { text } of chunk(article([[[], clauses]])).slice(0, -1)) expect(text.endsWith(',')).toBe(true);
  const words = Array.from({ length: 200 }, (_, n) => `word${n}`);
  expect(chunk(article([[[], words.join(' ')]])).flatMap(({ text }) => text.split(' '))).toEqual(words);
  const family = '👩‍👩‍👧‍👦';
  const families = chunk(article([[[], family.repeat(60)]]));
  expect(families.map(({ text }) => text).join('')).toBe(family.repeat(60));
  for (const { text } of families) expect(text.length % family.length).toBe(0);
});

test('an exact repetition of a block is left out, and nothing is joined over it', () => {
  const source = article([
    [[], 'First of all.'],
    [['A'], 'Second one.'],
    [['A'], 'First of all.'],
    [['A'], 'Third one.'],
  ]);
  expect(chunk(source).map(({ text }) => text)).toEqual(['First of all.', 'Second one.', 'Third one.']);
});

test('title and headings take at most half of the window', () => {
  const deep = chunk(article([[['Outer '.repeat(30), 'Inner'], paragraph(0, 6)]]));
  expect(deep[0]).toMatchObject({ title: 'Title', section: ['Inner'] });
  const endless = chunk(article([[['Section'], paragraph(0, 6)]], { title: '👑 King of all '.repeat(40) }));
  expect(endless[0]?.section).toEqual([]);
  expect(endless[0]?.title).toMatch(/^👑 King of all .*…$/u);
  expect(wordPieces.count(endless[0]?.title ?? '')).toBeLessThanOrEqual(31);
});

describe('any article', () => {
  /** Mulberry32. */
  const random = (seed: number) => () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
  const BITS = [
    'word',
    'Dr.',
    'U.S.',
    'internationalisation',
    '1984.',
    '"Quote!"',
    'end.',
    'why?',
    '富士山。',
    '👩‍👩‍👧',
    'é',
    'x,',
    '—',
    '\n',
    'a'.repeat(300),
    '3.14',
    'ด',
  ];

  test.each(Array.from({ length: 60 }, (_, seed) => [seed]))(
    'is wholly in chunks that fit, seed %i',
    (seed) => {
      const next = random(seed);
      const pick = (below: number) => Math.floor(next() * below);
      const blocks = Array.from({ length: 1 + pick(12) }, (): [string[], string] => [
        ['', 'A', 'B'].slice(0, pick(3)).filter(Boolean),
        Array.from({ length: 1 + pick(next() < 0.2 ? 400 : 40) }, () => BITS[pick(BITS.length)])
          .join(next() < 0.1 ? '' : ' ')
          .trim() || 'x',
      ]);
      const source = article(blocks, { title: 'Title '.repeat(1 + pick(20)).trim() });
      const options = {
        wordPieces,
        maxTokens: 24 + pick(200),
        overlapTokens: pick(40),
        joinTokens: pick(150),
        minTokens: pick(40),
      };
      const chunks = chunkArticle(source, options);

      const covered = new Uint8Array(source.text.length);
      for (const [position, { text, start, end, ...rest }] of chunks.entries()) {
        expect(text).toBe(source.text.slice(start, end));
        expect(text).toBe(text.trim());
        expect(rest.position).toBe(position);
        expect(2 + wordPieces.count(passageText({ ...rest, text }))).toBeLessThanOrEqual(options.maxTokens);
        covered.fill(1, start, end);
      }
      const seen = new Set<string>();
      for (const { start, end } of source.blocks) {
        const content = source.text.slice(start, end);
        if (seen.has(content)) continue;
        seen.add(content);
        for (let at = start; at < end; at++) if (!covered[at]) expect(source.text[at]).toMatch(/\s/);
      }
      expect(chunkArticle(source, options)).toEqual(chunks);
    },
  );
});
