import { expect, test } from 'vitest';
import { sentenceSpans } from '../../core/corpus/sentences.ts';

const sentences = (text: string, language = 'en') =>
  sentenceSpans(text, language).map(({ start, end }) => text.slice(start, end));

test.each([
  ['titles', ['Dr. Smith met St. John and Gen. Lee.', 'They spoke.']],
  ['initials', ['J. R. R. Tolkien wrote it.', 'George H. W. Bush read it.']],
  ['countries', ['He lived in the U.S. until 1990.', 'The U.S. Army came.']],
  ['dates, numbers and decimals', ['It cost 3.5 million on Jan. 5 (see No. 12).', 'Then it fell.']],
  ['circa', ['He was born c. 1450 in Rome.', 'He died ca. 1500.']],
  ['a quotation that goes on', ['"Stop!" he said.', 'Nobody did.']],
])('%s do not end a sentence', (_, expected) => {
  expect(sentences(expected.join(' '))).toEqual(expected);
});

test('an abbreviation ends a sentence where the next word opens one', () => {
  expect(sentences('He moved to the U.S. The move failed. It closed at 6 p.m. She left.')).toEqual([
    'He moved to the U.S.',
    'The move failed.',
    'It closed at 6 p.m.',
    'She left.',
  ]);
});

test('an ordinal number with a full stop goes on in the languages that write it so, and only there', () => {
  const text = 'Am 3. Oktober begann es.';
  expect(sentences(text, 'de')).toEqual([text]);
  expect(sentences('It was room 12. Nobody came.', 'en')).toHaveLength(2);
});

test.each([
  ['ja', ['富士山は高い。', '標高は3776mである。']],
  ['ar', ['ولد في القاهرة.', 'هل هذا صحيح؟', 'نعم.']],
  ['ru', ['Поэт родился в 1799 г. в Москве.', 'А. С. Пушкин писал стихи.']],
  ['el', ['Ποιος ήταν;', 'Ήταν ποιητής.']],
])('sentences of %s end at its own marks', (language, expected) => {
  expect(sentences(expected.join(' '), language)).toEqual(expected);
});

test('a line end always ends a sentence, and white space belongs to none', () => {
  expect(sentences('  One\n\n two \n')).toEqual(['One', 'two']);
  expect(sentences(' \n ')).toEqual([]);
});

test('sentences of a text longer than the segmenter’s window are those of its parts', () => {
  const long = `A ${'word '.repeat(700)}end.`;
  const all = [...Array.from({ length: 300 }, (_, n) => `Sentence number ${n} of many.`), long, 'Last one.'];
  expect(sentences(all.join(' '))).toEqual(all);
});

test('an unknown or malformed language tag is read as any other', () => {
  expect(sentences('One. Two.', 'not a tag!')).toEqual(['One.', 'Two.']);
});
