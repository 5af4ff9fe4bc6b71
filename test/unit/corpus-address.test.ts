import { expect, it } from 'vitest';
import { languageOf, pageUrl, siteOf } from '../../core/corpus/address.ts';

it.each([
  ['https://en.wikipedia.org/wiki/Main_Page', 'Ulm', 'https://en.wikipedia.org/wiki/Ulm'],
  ['https://en.wikipedia.org/wiki/Main_Page', 'AC/DC (band)', 'https://en.wikipedia.org/wiki/AC/DC_(band)'],
  [
    'https://en.wikipedia.org/wiki/Main_Page',
    'What? 100% "C#" & more',
    'https://en.wikipedia.org/wiki/What%3F_100%25_%22C%23%22_%26_more',
  ],
  [
    'https://sv.wikipedia.org/wiki/Portal:Huvudsida',
    'Malmö: A',
    'https://sv.wikipedia.org/wiki/Malm%C3%B6:_A',
  ],
  ['https://xx.wikipedia.org/wiki/A/B', 'Ulm', 'https://xx.wikipedia.org/wiki/Ulm'],
  ['https://wiki.example.org/index.php?title=Main', 'A b', 'https://wiki.example.org/index.php?title=A_b'],
  ['https://wiki.example.org/Main', 'A b', 'https://wiki.example.org/A_b'],
  ['', 'Ulm', ''],
  ['no address', 'Ulm', ''],
])('a page of %s with the title %s has the address %s', (base, title, url) => {
  expect(pageUrl(base, title)).toBe(url);
});

it.each([
  ['https://de.wikipedia.org/wiki/Ulm', 'de'],
  ['https://en.m.wikipedia.org/wiki/Ulm', 'en'],
  ['https://simple.wikipedia.org/wiki/Ulm', 'en'],
  ['https://zh-yue.wikipedia.org/wiki/A', 'yue'],
  ['https://fr.wiktionary.org/wiki/A', ''],
  ['https://de.wikipedia.org.example.com/wiki/Ulm', ''],
  ['https://www.mediawiki.org/wiki/A', ''],
  ['/wiki/Ulm', ''],
])('the language of %s is “%s”', (url, language) => {
  expect(languageOf(url)).toBe(language);
});

it('a site is the origin of a web address only', () => {
  expect(siteOf('https://de.wikipedia.org/wiki/Ulm')).toBe('https://de.wikipedia.org');
  expect(siteOf('javascript:alert(1)')).toBe('');
  expect(siteOf('')).toBe('');
});
