import { expect, test } from 'vitest';
import { articleFromWikitext } from '../../core/corpus/wikitext.ts';

const read = (wikitext: string, language = 'en') => {
  const article = articleFromWikitext({ id: '1', title: 'T', url: '', language, wikitext });
  return (
    article?.blocks.map(({ section, start, end }) => [section.join(' > '), article.text.slice(start, end)]) ??
    []
  );
};
const clean = (wikitext: string) => read(wikitext)[0]?.[1];

test('a page becomes paragraphs under the path of their headings', () => {
  expect(
    read(
      "'''A''' is ''b''.\n\nMore.\n== One ==\nFirst.\n=== Deep ''er'' ===\nSecond.\n== Two [[x|Y]] ==\nThird.",
    ),
  ).toEqual([
    ['', 'A is b.'],
    ['', 'More.'],
    ['One', 'First.'],
    ['One > Deep er', 'Second.'],
    ['Two Y', 'Third.'],
  ]);
});

test('references, tables, galleries, images, comments and categories are left out', () => {
  expect(
    read(
      'A<ref>x</ref> b<ref name="y" /> c.<!-- no\n\n== Hidden ==\n-->\n{| class="wikitable"\n|a\n{|\n|nested\n|}\n|}\n<gallery>\nFile:a.jpg|g\n</gallery>\n[[File:b.jpg|thumb|A [[caption]] here]]\n[[Attēls:c.png|mini|caption]]\nEnd.\n[[Category:Things]]\n[[Kategoreja:Lītys]]\n[[de:Ding]]',
    ),
  ).toEqual([
    ['', 'A b c.'],
    ['', 'End.'],
  ]);
});

test('sections without prose are left out in any language, with their subsections', () => {
  expect(
    read(
      'A lead.\n== References ==\n=== Cited ===\nSmith.\n== Weblinks ==\n* x\n== 脚注 ==\ny\n== Legacy ==\nIt stays.',
    ),
  ).toEqual([
    ['', 'A lead.'],
    ['Legacy', 'It stays.'],
  ]);
});

test('a list becomes lines of one text', () => {
  expect(read("== Works ==\n* [[Book|A book]] (1900)\n** ''Sequel''\n# First\n; Term: meaning")).toEqual([
    ['Works', 'A book (1900)\nSequel\nFirst\nTerm: meaning'],
  ]);
});

test.each([
  ['{{convert|5|km|mi}} long', '5 km long'],
  ['{{convert|15|–|17|in|cm}} long', '15–17 in long'],
  ['at {{val|3.0|e=8|u=m/s}}', 'at 3.0×10^8 m/s'],
  ['born {{birth date|1879|3|14|df=y}} here', 'born March 14, 1879 here'],
  ['he ({{lang-de|Köln}}; {{IPAc-en|k}}; born) is', 'he (Köln; born) is'],
  ['{{lang|fr|bonjour}}, {{nowrap|10 kg}}', 'bonjour, 10 kg'],
  ['NH{{chem|4|+}} and H<sub>2</sub>O', 'NH4+ and H2O'],
  ['x ({{unknown thing of 1|}}) y{{unknown note}}.', 'x y.'],
  ['2&nbsp;&times; 3 &hellip; AT&amp;T', '2 × 3 … AT&T'],
  ['see [http://example.org a page] and [[Foo (bar)|foo]]s', 'see a page and foos'],
])('words of %s stay', (wikitext, expected) => {
  expect(clean(wikitext)).toBe(expected);
});

test('nothing depends on the day of the reading', () => {
  expect(clean('She is {{age|1980|1|2}} years {{currentyear}} old.')).toBe('She is years old.');
});

test('the facts of the infobox follow the lead, without images, identifiers and settings', () => {
  expect(
    read(
      "{{Infobox scientist\n| name = A\n| image = a.jpg\n| image_size = 200px\n| birth_date = {{Birth date|1879|3|14}}\n| birth_place = [[Ulm]], [[Germany]]<ref>r</ref>\n| spouse = {{plainlist|\n* [[Mileva Marić]]\n* Elsa}}\n| website = http://x.org\n}}\n'''A''' was born.\n== Life ==\nLong.",
    ),
  ).toEqual([
    ['', 'A was born.'],
    ['Infobox', 'Birth date: March 14, 1879\nBirth place: Ulm, Germany\nSpouse: Mileva Marić; Elsa'],
    ['Life', 'Long.'],
  ]);
});

test.each([
  [
    'de',
    "'''Köln''' ({{enS|Cologne}}) liegt am Rhein.\n[[Datei:K.jpg|mini|Dom]]\n== Einzelnachweise ==\n<references />",
    ['Köln (Cologne) liegt am Rhein.'],
  ],
  [
    'ja',
    "'''富士山'''（ふじさん、{{lang-en|Mount Fuji}}）は山。[[静岡県]]に跨る。\n[[ファイル:F.jpg|thumb|山]]\n== 外部リンク ==\n* x",
    ['富士山（ふじさん、Mount Fuji）は山。静岡県に跨る。'],
  ],
  [
    'ar',
    "'''القاهرة''' عاصمة [[مصر]]. [[ملف:a.jpg|تصغير|صورة]] نعم.\n== مراجع ==\n{{مراجع}}\n[[تصنيف:مدن]]",
    ['القاهرة عاصمة مصر. نعم.'],
  ],
])('a page of %s reads the same way', (language, wikitext, expected) => {
  expect(read(wikitext, language).map(([, text]) => text)).toEqual(expected);
});

test('broken markup is read as far as it goes', () => {
  expect(clean('Text {{broken and [[more')).toMatch(/^Text/);
  expect(clean('Before.\n\n{| never closed\n|a\n')).toBe('Before.');
  expect(read('{|\n|open table\n== Next ==\nProse.')).toEqual([['Next', 'Prose.']]);
});

test.each([
  '{{',
  '[[',
  '{{a|',
  '<ref>',
  '<ref ',
  "''",
  '{|\n',
  '<!--',
  '\n==a==',
  '[http://a',
  '[[File:a.jpg|',
  '{{infobox|a=b\n',
  ' ,',
  '(,',
  '<gallery>',
])('a page of nothing but “%s” ends', (markup) => {
  expect(() => read(markup.repeat(3_000))).not.toThrow();
});

test('a page of templates only is no article', () => {
  expect(
    articleFromWikitext({
      id: '1',
      title: 'T',
      url: '',
      language: 'en',
      wikitext: '{{stub}}\n[[Category:X]]',
    }),
  ).toBeUndefined();
});
