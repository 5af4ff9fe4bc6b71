import { expect, test } from 'vitest';
import { articleFromText } from '../../core/corpus/plain-text.ts';

const read = (text: string) => {
  const article = articleFromText({ id: '1', title: 'T', url: '', language: 'en', text });
  return (
    article?.blocks.map(({ section, start, end }) => [section.join(' > '), article.text.slice(start, end)]) ??
    []
  );
};
const clean = (text: string) => read(text)[0]?.[1];

test('blank lines part paragraphs and short lines that stand alone are headings', () => {
  expect(
    read('Lead text here.\n\nHistory\n\nIt began in 1900.\n\nIt ended.\n\nLegacy \n\nNothing is left.'),
  ).toEqual([
    ['', 'Lead text here.'],
    ['History', 'It began in 1900.'],
    ['History', 'It ended.'],
    ['Legacy', 'Nothing is left.'],
  ]);
});

test('a heading after two blank lines is above one after a single blank line', () => {
  expect(
    read('Lead.\n\n\nHistory\n\nOld times.\n\nModern era\n\nNew times.\n\n\nFauna\n\nBirds live here.'),
  ).toEqual([
    ['', 'Lead.'],
    ['History', 'Old times.'],
    ['History > Modern era', 'New times.'],
    ['Fauna', 'Birds live here.'],
  ]);
});

test('a heading directly above its list or paragraph is a heading too', () => {
  const long = `It ${'goes on and on '.repeat(12)}.`.replace(' .', '.');
  expect(read(`Events\n 33 – a thing happened\n 90 – another one\n\nHistory\n${long}`)).toEqual([
    ['Events', '33 – a thing happened\n90 – another one'],
    ['History', long],
  ]);
});

test('a long line is a paragraph of its own, wrapped lines are one paragraph', () => {
  const long = (word: string) => `${word} ${'goes on and on '.repeat(12)}here.`;
  expect(read(`${long('One')}\n${long('Two')}`)).toEqual([
    ['', long('One')],
    ['', long('Two')],
  ]);
  expect(
    read('This paragraph was wrapped by an editor at some column,\nso that its sentence goes on here.'),
  ).toEqual([
    ['', 'This paragraph was wrapped by an editor at some column, so that its sentence goes on here.'],
  ]);
});

test('a list stays one text with a line for each item', () => {
  expect(read('He wrote:\n\n-   A Book (1900)\n    -   Its sequel\n-   Another')).toEqual([
    ['', 'He wrote:'],
    ['', 'A Book (1900)\nIts sequel\nAnother'],
  ]);
});

test('sections of references and links are left out with their subsections, in any case', () => {
  expect(
    read(
      'Lead.\n\n\nSee also\n\n-   Other\n\n\nREFERENCES\n\nCited works\n\nSmith 1900.\n\n\nLegacy\n\nMuch of it stays.',
    ),
  ).toEqual([
    ['', 'Lead.'],
    ['Legacy', 'Much of it stays.'],
  ]);
});

test.each([
  [
    'reference markers',
    'It is so.[1][2] And so[12], he said.[citation needed]',
    'It is so. And so, he said.',
  ],
  ['markers at the end of a list item', 'Prize in Biotechnology [81]', 'Prize in Biotechnology'],
  ['italics marks', 'In _Opticks_, and (_The Shot_) too.', 'In Opticks, and (The Shot) too.'],
  ['stray link brackets', ']] Near Eastern art', 'Near Eastern art'],
  ['image names', 'Arthurashestadium.jpg The 2017 edition.', 'The 2017 edition.'],
  ['image options', 'thumb|upright=1.3|Deaths per million', 'Deaths per million'],
  [
    'empty brackets',
    'Carl (;[1] 23 May 1707) and Jakarta (; ) and Algae ( , singular alga).',
    'Carl (23 May 1707) and Jakarta and Algae (singular alga).',
  ],
  ['template rests', "As _Time_{{'s}} critic {{#expr:-1}} said.", "As Time's critic said."],
  ['broken surrogates', 'A \uD800 b', 'A \uFFFD b'],
])('%s are taken out', (_, text, expected) => {
  expect(clean(text)).toBe(expected);
});

test.each([
  '"[t]he thing [sic] of 1999 [by then]," he said.',
  'Use snake_case or __init__ in main() and x[1] and a[0].',
  'He (1999) paid $5 (see 3:16) for 10^(−7) of it.',
  'Mojibake like CafÃ© stays.',
  '"Quoted" paragraphs and 1984 both count.',
  'An ellipsis . . . stays, as does AT&T and ., .NET.',
])('real text stays as it is: %s', (text) => {
  expect(clean(text)).toBe(text);
});

test('tables and galleries are left out, what stands around them stays', () => {
  expect(
    read(
      'Before it.\n\n+----+----+\n| A  | B  |\n+====+====+\n| 1  | 2  |\n+----+----+\n\nBetween them.\n\n  ---- ----\n  A    B\n\n  1    2\n  ---- ----\n\n[TABLE]\n\nFile:A b.jpg|A caption. File:C.jpg|More\n\nAfter it.',
    ).map(([, text]) => text),
  ).toEqual(['Before it.', 'Between them.', 'After it.']);
});

test('blocks are in order, apart, and without white space at their ends', () => {
  const article = articleFromText({
    id: '1',
    title: ' T\u00a0x ',
    url: '',
    language: 'en',
    text: '\n\n One. \r\n\r\n\tTwo.\n\n\n\n',
  });
  expect(article).toMatchObject({
    title: 'T x',
    text: 'One.\n\nTwo.',
    blocks: [
      { start: 0, end: 4 },
      { start: 6, end: 10 },
    ],
  });
});

test('a text without a letter or digit is no article', () => {
  expect(
    articleFromText({ id: '1', title: 'T', url: '', language: '', text: '\n--\n\n[TABLE]\n' }),
  ).toBeUndefined();
});
