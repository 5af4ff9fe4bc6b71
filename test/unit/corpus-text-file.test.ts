import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { ReadArticle, ReadOptions } from '../../core/corpus/reader.ts';
import { readableName, splitHeading, textFileReader } from '../../core/corpus/text-file.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'footnote-text-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const PARAGRAPH =
  'Ulm is a city on the Danube, and it has the tallest church of all, which took five centuries to build.';

async function read(content: string | Uint8Array, options?: ReadOptions) {
  const path = join(folder, 'the_city_of_ulm.txt');
  await writeFile(path, content);
  const reader = textFileReader(path, (await stat(path)).size, 'cities/the_city_of_ulm.txt');
  const articles: ReadArticle[] = [];
  for await (const article of reader.articles(options)) articles.push(article);
  return { articles, facts: reader.facts };
}

it('a file is one article, named by its heading and known by its place in the folder', async () => {
  const { articles } = await read(`Ulm\n\n${PARAGRAPH}\n`);
  expect(articles).toHaveLength(1);
  expect(articles[0]).toMatchObject({
    records: 1,
    article: { id: 'cities/the_city_of_ulm.txt', title: 'Ulm', url: '' },
  });
  expect(articles[0]?.article.text.trim()).toBe(PARAGRAPH);
});

it('a file without a heading is named after itself', async () => {
  const { articles } = await read(`${PARAGRAPH}\n\n${PARAGRAPH}`);
  expect(articles[0]?.article.title).toBe('The city of ulm');
});

it('nothing is left behind its only record', async () => {
  expect((await read(PARAGRAPH, { skip: 1 })).articles).toEqual([]);
});

it('a file that is empty or not UTF-8 is refused, or passed over on request', async () => {
  await expect(read('')).rejects.toMatchObject({
    code: 'bad-input',
    message: expect.stringMatching(/ulm\.txt is empty/),
  });
  const latin1 = Buffer.from('Malm\xf6', 'latin1');
  await expect(read(latin1)).rejects.toMatchObject({
    message: expect.stringMatching(/ulm\.txt is not valid UTF-8\.$/),
  });
  expect(await read(latin1, { skipBad: true })).toMatchObject({ articles: [], facts: { skipped: 1 } });
  expect(await read('', { skipBad: true })).toMatchObject({ articles: [], facts: { skipped: 1 } });
});

it('a file that is too long for one article is refused without being read, or passed over on request', async () => {
  const reader = () => textFileReader(join(folder, 'absent.txt'), 65 * 2 ** 20, 'absent.txt');
  const all = async (options: ReadOptions) => {
    const one = reader();
    for await (const _ of one.articles(options));
    return one.facts;
  };
  await expect(all({})).rejects.toMatchObject({ message: expect.stringMatching(/longer than 64 MiB/) });
  expect(await all({ skipBad: true })).toMatchObject({ skipped: 1 });
});

it.each([
  ['Ulm\n\nIt is a city.', { title: 'Ulm', text: 'It is a city.' }],
  ['\ufeff\n# Ulm\r\n\r\nIt is.\n', { title: 'Ulm', text: 'It is.' }],
  ['== Ulm ==\n \nIt is.', { title: 'Ulm', text: 'It is.' }],
  ['Ulm is a city.\n\nIt is old.', undefined],
  ['Ulm\nIt is a city.', undefined],
  ['Ulm\n\n', undefined],
  [`${'Ulm '.repeat(40)}\n\nIt is.`, undefined],
  ['', undefined],
])('the heading of %j is %j', (content, heading) => {
  expect(splitHeading(content)).toEqual(heading);
});

it.each([
  ['/a/abraham_lincoln.txt', 'Abraham lincoln'],
  ['abraham-lincoln.txt', 'Abraham lincoln'],
  ['Jean-Luc_Picard.v2.txt', 'Jean-Luc Picard.v2'],
  ['Östra Göinge.TXT', 'Östra Göinge'],
])('the file name %s reads “%s”', (path, title) => {
  expect(readableName(path)).toBe(title);
});
