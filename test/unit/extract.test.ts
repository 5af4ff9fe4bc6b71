import { describe, expect, test } from 'vitest';
import { quoteBest, rankSentences } from '../../core/answer/extract.ts';
import { hitOf } from '../fixtures/hits.ts';

const hit = (id: number, title: string, text: string, language = 'en') =>
  hitOf(id, text, { articleId: title, title, language });
const passages = [
  hit(
    1,
    'Ada Brenn',
    'Ada Brenn was a painter of murals. She is known for her bold colours. Her work hangs in Oslo.',
  ),
  hit(
    2,
    'Ada Brenn',
    'Ada Brenn was born in Lund, in the south of the country. She was the third of 7 children.',
  ),
  hit(3, 'Lund', 'Lund is an old town. Many people were born there. It has a church of 1145.'),
];
const ask = (question: string, list = passages, language = 'en') =>
  quoteBest(rankSentences({ question, passages: list, language }), 3)?.map(({ text }) => text);

describe('an answer of quotes', () => {
  test('quotes the sentence that answers, word for word, with its place', () => {
    const ranked = rankSentences({ question: 'Where was Ada Brenn born?', passages, language: 'en' });
    const [first] = quoteBest(ranked, 3) ?? [];
    expect(first?.text).toBe('Ada Brenn was born in Lund, in the south of the country.');
    const [place] = first?.evidence ?? [];
    expect(place?.passage).toBe(1);
    expect(passages[1]?.chunk.text.slice(place?.quote.start, place?.quote.end)).toBe(first?.text);
  });

  test('prefers a sentence that holds the kind of thing asked for', () => {
    const list = [
      hit(
        1,
        'Tarn Bridge',
        'The Tarn Bridge was built by many workers. The Tarn Bridge was built in 1902. The Tarn Bridge was built by Ilse Brandt.',
      ),
    ];
    expect(ask('When was the Tarn Bridge built?', list)?.[0]).toBe('The Tarn Bridge was built in 1902.');
    expect(ask('Who built the Tarn Bridge?', list)?.[0]).toBe('The Tarn Bridge was built by Ilse Brandt.');
  });

  test('says nothing where the passages tell of something else', () => {
    expect(ask('What is the speed of light?')).toBeUndefined();
    expect(ask('Where was Hugo Marsh born?')).toBeUndefined();
    expect(ask('')).toBeUndefined();
    expect(ask('Where was Ada Brenn born?', [])).toBeUndefined();
  });

  test('says nothing of a person who shares only a first name with the one asked for', () => {
    expect(ask('Where was Ada Collin born?')).toBeUndefined();
  });

  test('gives no sentence twice and at most three', () => {
    const list = [1, 2, 3, 4, 5].map((id) => hit(id, 'Ada Brenn', 'Ada Brenn was born in Lund in 1901.'));
    expect(ask('Where was Ada Brenn born?', list)).toHaveLength(1);
  });

  test('answers a question in another language by its names', () => {
    expect(ask('Wo wurde Ada Brenn geboren?', passages, 'de')?.join(' ')).toContain('Ada Brenn');
  });
});
