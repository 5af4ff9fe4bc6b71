import { describe, expect, test } from 'vitest';
import { citationUrl, licenceLine } from '../../core/answer/link.ts';

const page = { url: 'https://en.wikipedia.org/wiki/Ulm', title: 'Ulm (city)' };

describe('citationUrl', () => {
  test('names the revision and the quoted words', () => {
    expect(citationUrl({ ...page, revision: '42' }, 'Born in Ulm.')).toBe(
      'https://en.wikipedia.org/w/index.php?title=Ulm_%28city%29&oldid=42#:~:text=Born%20in%20Ulm.',
    );
  });
  test('keeps to the article where there is no revision, and drops its own fragment', () => {
    expect(citationUrl({ ...page, url: `${page.url}#History` }, 'Ulm')).toBe(`${page.url}#:~:text=Ulm`);
  });
  test('leaves nothing in the quote that a link, a text fragment or a chat would read as syntax', () => {
    const fragment = citationUrl(page, `a-b, c & (d) <e> |f| it's #1`).split('text=')[1];
    expect(fragment).toBe('a%2Db%2C%20c%20%26%20%28d%29%20%3Ce%3E%20%7Cf%7C%20it%27s%20%231');
    expect(citationUrl({ ...page, url: 'https://en.wikipedia.org/wiki/Ulm_(city)' }, 'x')).toContain(
      'Ulm_%28city%29#',
    );
  });
  test('gives a long quote by its first and last words', () => {
    const words = Array.from({ length: 40 }, (_, index) => `word${index}`);
    expect(citationUrl(page, words.join(' '))).toMatch(
      /text=word0%20word1%20word2%20word3%20word4,word35%20word36%20word37%20word38%20word39$/,
    );
  });
  test('is empty where the chunk has no web address', () => {
    expect(citationUrl({ ...page, url: '' }, 'x')).toBe('');
    expect(citationUrl({ ...page, url: 'javascript:alert(1)' }, 'x')).toBe('');
  });
  test('bears a quote that ends inside a character', () => {
    expect(citationUrl(page, 'x \ud83d')).toContain('text=x');
  });
});

describe('licenceLine', () => {
  test('names Wikipedia, the article and the licence', () => {
    expect(licenceLine(page)).toBe('Text: Wikipedia, “Ulm (city)”, CC BY-SA 4.0');
  });
  test('claims no licence for a site whose licence is not known', () => {
    expect(licenceLine({ url: 'https://wiki.example.org/x', title: 'X' })).toBe(
      'Text: wiki.example.org, “X”',
    );
    expect(licenceLine({ url: '', title: 'X' })).toBe('Text: “X”');
    expect(licenceLine({ url: 'https://notwikipedia.org/x', title: 'X' })).not.toContain('CC BY-SA');
  });
});
