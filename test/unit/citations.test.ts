import { describe, expect, test } from 'vitest';
import { checkSentence, citeSentences, readMarkers, UNSUPPORTED } from '../../core/answer/citations.ts';
import { hitOf } from '../fixtures/hits.ts';

const hit = (id: number, text: string, title = 'Ada Brenn') =>
  hitOf(id, text, { title, section: ['Life', 'Youth'] });
const hits = [
  hit(70, 'Ada Brenn was born in Lund in 1901.'),
  hit(71, 'Ada Brenn painted 30 murals in Oslo.'),
  hit(72, 'Ada Brenn died in Bergen in 1980.'),
];
const cite = (text: string, question = 'Who was Ada Brenn?') =>
  citeSentences(
    readMarkers(text, hits.length, 'en').map((sentence) => checkSentence(sentence, hits, question)),
    hits,
  );

describe('readMarkers', () => {
  test.each([
    ['A fact. [1]', [0]],
    ['A fact [1].', [0]],
    ['A fact [1, 3].', [0, 2]],
    ['A fact [1-3].', [0, 1, 2]],
    ['A fact [1–2].', [0, 1]],
    ['A fact [1][2].', [0, 1]],
    ['A fact【2】.', [1]],
    ['A fact [Passage 2].', [1]],
    ['[2] A fact.', [1]],
    ['A fact [9].', []],
    ['A fact [0].', []],
  ])('reads %s', (text, passages) => {
    expect(readMarkers(text, 3, 'en')).toEqual([{ text: 'A fact.', passages }]);
  });

  test('leaves out a heading of a passage that the model copies', () => {
    expect(readMarkers('Ada Brenn › Life › Youth\n\nA fact [1].', 3, 'en')).toEqual([
      { text: 'A fact.', passages: [0] },
    ]);
  });

  test('gives each sentence the markers that follow it', () => {
    expect(readMarkers('One fact. [2] Another fact [1]. A third.', 3, 'en')).toEqual([
      { text: 'One fact.', passages: [1] },
      { text: 'Another fact.', passages: [0] },
      { text: 'A third.', passages: [] },
    ]);
  });

  test('takes out links, images and addresses that the model wrote', () => {
    const text =
      'See [here](https://evil.example/a) and ![x](https://evil.example/p.png) now: https://evil.example/b?c=1 it is.';
    const [sentence] = readMarkers(text, 3, 'en');
    expect(sentence?.text).not.toMatch(/evil|http|\]\(/);
    expect(sentence?.text).toContain('See here and');
  });

  test('takes off what a small model says before it answers', () => {
    expect(readMarkers('The passage states that the sky is blue.', 3, 'en')[0]?.text).toBe(
      'The sky is blue.',
    );
    expect(readMarkers('The answer is: Ulm.', 3, 'en')[0]?.text).toBe('Ulm.');
    expect(readMarkers('The correct answer is: Ulm. >>>', 3, 'en')[0]?.text).toBe('Ulm.');
  });

  test('drops a last sentence that the token limit cut, and only that', () => {
    expect(readMarkers('It is whole. It is not', 3, 'en', true).map(({ text }) => text)).toEqual([
      'It is whole.',
    ]);
    expect(readMarkers('It is whole. So is this', 3, 'en', false)).toHaveLength(2);
  });
});

describe('checked citations', () => {
  test('are numbered by first use', () => {
    const { text, citations } = cite('She died in Bergen in 1980 [3]. She was born in Lund in 1901 [1].');
    expect(text).toBe('She died in Bergen in 1980. [1] She was born in Lund in 1901. [2]');
    expect(citations.map(({ number, chunkId }) => [number, chunkId])).toEqual([
      [1, 72],
      [2, 70],
    ]);
  });

  test('are given to a sentence without a marker where a passage supports it', () => {
    expect(cite('She painted 30 murals in Oslo.').citations[0]?.chunkId).toBe(71);
  });

  test('move to the passage that supports the sentence when the named one does not', () => {
    expect(cite('She painted 30 murals in Oslo [1].').citations.map(({ chunkId }) => chunkId)).toEqual([71]);
  });

  test('are refused to a sentence that no passage supports, and the text says so', () => {
    const { text, sentences, citations } = cite('She was born in Rome in 1901 [1].');
    expect(citations).toEqual([]);
    expect(sentences[0]).toMatchObject({ supported: false, citations: [] });
    expect(text).toBe(`She was born in Rome in 1901. ${UNSUPPORTED}`);
  });

  test('are one for places of a passage that one quote can show, and two for places too far apart', () => {
    const far = `Ada Brenn was born in Lund in 1901. ${'The town is old and lies by the sea. '.repeat(20)}Ada Brenn died in Bergen in 1980.`;
    const citing = (text: string) =>
      citeSentences(
        ['Ada Brenn was born in Lund in 1901.', 'Ada Brenn died in Bergen in 1980.'].map((sentence) =>
          checkSentence({ text: sentence, passages: [0] }, [hit(70, text)], ''),
        ),
        [hit(70, text)],
      );
    const apart = citing(far);
    expect(apart.text).toBe('Ada Brenn was born in Lund in 1901. [1] Ada Brenn died in Bergen in 1980. [2]');
    expect(apart.citations.map(({ quote }) => quote)).toEqual([
      'Ada Brenn was born in Lund in 1901.',
      'Ada Brenn died in Bergen in 1980.',
    ]);
    expect(
      citing('Ada Brenn was born in Lund in 1901. Ada Brenn died in Bergen in 1980.').citations,
    ).toHaveLength(1);
  });

  test('quote their passage word for word, with section, link and licence', () => {
    const [citation] = cite('She was born in Lund in 1901 [1].').citations;
    expect(hits[0]?.chunk.text).toContain(citation?.quote);
    expect(citation).toMatchObject({ supported: true, section: 'Life > Youth', title: 'Ada Brenn' });
    expect(citation?.url).toContain('#:~:text=Ada%20Brenn');
    expect(citation?.licence).toContain('CC BY-SA 4.0');
  });
});
