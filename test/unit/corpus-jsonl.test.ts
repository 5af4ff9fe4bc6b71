import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { jsonlReader, splitLines } from '../../core/corpus/jsonl.ts';
import type { Article } from '../../core/types.ts';
import { inPieces, randomNumbers } from '../fixtures/corpus.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'footnote-jsonl-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function articlesOf(
  content: string | Uint8Array,
  skipBad = false,
): Promise<{ articles: Article[]; skipped: number }> {
  const path = join(folder, 'a.jsonl');
  await writeFile(path, content);
  const reader = jsonlReader(path, (await stat(path)).size);
  const articles: Article[] = [];
  for await (const { article } of reader.articles({ skipBad })) articles.push(article);
  return { articles, skipped: reader.facts.skipped };
}

const TEXT = 'A town is a place where people live together.';

it('lines come out whole however the bytes are cut, the last one with or without a line feed', async () => {
  const next = randomNumbers(3);
  for (let seed = 1; seed <= 50; seed += 1) {
    const lines = Array.from({ length: 20 }, () => 'å'.repeat(next(9)));
    const bytes = Buffer.from(lines.join('\n') + (seed % 2 ? '\n' : ''));
    const split: string[] = [];
    for await (const line of splitLines(inPieces(bytes, seed, 7)))
      split.push(Buffer.from(line ?? []).toString());
    expect(split).toEqual(seed % 2 || lines.at(-1) !== '' ? lines : lines.slice(0, -1));
  }
});

it('a line longer than the limit is given up, its neighbours are not', async () => {
  const lines: (number | undefined)[] = [];
  for await (const line of splitLines(
    inPieces(Buffer.from(`ab\n${'x'.repeat(11)}\n${'y'.repeat(10)}`), 1, 4),
    10,
  ))
    lines.push(line?.length);
  expect(lines).toEqual([2, undefined, 10]);
});

it('only title and text are needed: the id is the line’s number, the language that of the address', async () => {
  const rows = [
    { title: 'A', text: TEXT },
    { id: 7, title: 'B', url: 'https://de.wikipedia.org/wiki/B', text: TEXT, extra: [1] },
    { id: 'x', title: 'C', language: 'fr', text: TEXT },
    { _id: 'd1', title: 'D', text: TEXT, metadata: {} },
    { _id: 'd2', title: '', text: TEXT },
  ];
  const { articles } = await articlesOf(`\ufeff${rows.map((row) => JSON.stringify(row)).join('\r\n\r\n')}`);
  expect(articles).toMatchObject([
    { id: '1', title: 'A', url: '', language: '' },
    { id: '7', title: 'B', url: 'https://de.wikipedia.org/wiki/B', language: 'de' },
    { id: 'x', title: 'C', url: '', language: 'fr' },
    { id: 'd1', title: 'D', url: '', language: '' },
    { id: 'd2', title: 'd2', url: '', language: '' },
  ]);
});

it.each([
  ['broken JSON', '{"title": "B", "te', /^Line 2 of .*a\.jsonl is not valid JSON\.$/],
  ['another value', '[1, 2]', /^Line 2 of .*a\.jsonl is not a JSON object with title and text\.$/],
  [
    'a missing field',
    '{"title": "B"}',
    /^Line 2 of .*a\.jsonl has no usable field "text"; expected title and text/,
  ],
  ['a field of another type', '{"title": 5, "text": "B"}', /^Line 2 .* no usable field "title"/],
  [
    'bytes that are not UTF-8',
    Buffer.from('{"title": "\xe5", "text": "B"}', 'latin1'),
    /^Line 2 .* is not valid UTF-8\.$/,
  ],
])('a line with %s is named by its number, or counted on request', async (_, line, sentence) => {
  const good = (title: string) => Buffer.from(JSON.stringify({ title, text: TEXT }));
  const content = Buffer.concat([
    good('A'),
    Buffer.from('\n'),
    Buffer.from(line),
    Buffer.from('\n'),
    good('C'),
  ]);
  await expect(articlesOf(content)).rejects.toMatchObject({
    code: 'bad-input',
    message: expect.stringMatching(sentence),
    hint: expect.stringContaining('--skip-bad'),
  });
  const { articles, skipped } = await articlesOf(content, true);
  expect(articles.map(({ title }) => title)).toEqual(['A', 'C']);
  expect(skipped).toBe(1);
});
