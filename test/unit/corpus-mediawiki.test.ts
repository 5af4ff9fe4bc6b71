import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { mediawikiReader } from '../../core/corpus/mediawiki.ts';
import type { Article } from '../../core/types.ts';
import { asPage, type PlaceRecord, xmlHead } from '../fixtures/corpus.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'footnote-wiki-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const place = (
  title: string,
  text = `'''${title}''' is a town by the [[sea]], known for its old harbour.`,
): PlaceRecord => ({
  id: '12',
  title,
  url: '',
  text,
  kind: 'article',
});

async function read(xml: string) {
  const path = join(folder, 'a.xml');
  await writeFile(path, xml);
  const reader = mediawikiReader(path, (await stat(path)).size);
  const articles: Article[] = [];
  for await (const { article } of reader.articles()) articles.push(article);
  return { articles, facts: reader.facts };
}

it('an article names its page, its revision and its address, and the site tells its newest date', async () => {
  const later = asPage(place('Later')).replace(/<timestamp>[^<]*/, '<timestamp>2024-01-02T03:04:05Z');
  const { articles, facts } = await read(`${xmlHead()}${later}${asPage(place('Vika & Bo/1'))}</mediawiki>`);
  expect(articles[1]).toMatchObject({
    id: '12',
    title: 'Vika & Bo/1',
    revision: '90012',
    language: 'sv',
    url: 'https://sv.wikipedia.org/wiki/Vika_%26_Bo/1',
  });
  expect(articles[1]?.text).toContain('is a town by the sea');
  expect(facts).toMatchObject({ site: 'https://sv.wikipedia.org', dumpDate: '2024-01-02T03:04:05Z' });
});

it('a redirect that the export does not mark is told by its text, in any language', async () => {
  const texts = ['#REDIRECT [[A]]', '#weiterleitung [[A#B|C]]', '\n#पुनर्प्रेषित: [[A]] {{R}}'];
  const { articles } = await read(
    `${xmlHead()}${texts.map((text) => asPage(place('R', text))).join('')}${asPage(place('Town'))}</mediawiki>`,
  );
  expect(articles.map(({ title }) => title)).toEqual(['Town']);
});

it('a page of another content model is no article', async () => {
  const module = asPage(place('Data')).replace('<model>wikitext', '<model>json');
  const { articles } = await read(`${xmlHead()}${module}${asPage(place('Town'))}</mediawiki>`);
  expect(articles.map(({ title }) => title)).toEqual(['Town']);
});

it('an export that has no namespace numbers tells them by the title', async () => {
  const old = ['Talk:Town', 'Town', 'Re: Town'].map((title) =>
    asPage(place(title)).replace(/<ns>.*<\/ns>/, ''),
  );
  const { articles } = await read(`${xmlHead()}${old.join('')}</mediawiki>`);
  expect(articles.map(({ title }) => title)).toEqual(['Town', 'Re: Town']);
});

it('an export that does not tell its site gives articles without an address', async () => {
  const xml = `<mediawiki xml:lang="sv">${asPage(place('Town'))}</mediawiki>`;
  const { articles, facts } = await read(xml);
  expect(articles).toMatchObject([{ title: 'Town', url: '', language: 'sv' }]);
  expect(facts.site).toBe('');
});
