/** Answers, passages and tables as a person reads them. */
import { describe, expect, it } from 'vitest';
import { showAnswer, showHits, table } from '../../console/show.ts';
import type { Answer, SearchResult } from '../../core/index.ts';

const answer: Answer = {
  question: 'Where was Ada Voss born?',
  build: 'people',
  method: 'hybrid',
  text: 'Ada Voss was born in Kolm [1]. She liked tea.',
  sentences: [
    { text: 'Ada Voss was born in Kolm [1].', citations: [1], supported: true },
    { text: 'She liked tea.', citations: [], supported: false },
  ],
  abstained: false,
  citations: [
    {
      number: 1,
      chunkId: 7,
      title: 'Ada Voss',
      section: 'Life > Youth',
      url: 'https://example.org/Ada_Voss',
      quote: 'Voss was born in Kolm in 1901.',
      supported: true,
      licence: 'Text: Example Wiki, CC BY-SA 4.0',
    },
  ],
  generator: 'extractive',
  warnings: [],
  timings: { retrieveMs: 12, firstTokenMs: 20, totalMs: 1_234 },
};

const found: SearchResult = {
  query: 'Kolm',
  searchedFor: 'Kolm',
  sentences: 3,
  build: 'people',
  method: 'dense',
  hits: [
    {
      rank: 1,
      id: 7,
      score: 0.7123,
      scores: {},
      chunk: {
        ...{ id: 7, articleId: '1', title: 'Ada\u001b[31m Voss', section: ['Life', 'Youth'], position: 0 },
        ...{ start: 0, end: 30, url: 'https://example.org/Ada_Voss', language: 'en' },
        text: 'Voss was born in Kolm in 1901.',
      },
    },
  ],
  timings: { rewriteMs: 0, embedMs: 1, searchMs: 1, rerankMs: 0, lookupMs: 1, totalMs: 3 },
  warnings: [],
};

describe('an answer', () => {
  const shown = showAnswer(answer, Number.POSITIVE_INFINITY);
  it('names title, section and quote of a citation, with its address below', () => {
    expect(shown).toContain(
      '[1] Ada Voss › Life › Youth — “Voss was born in Kolm in 1901.”\n    https://example.org/Ada_Voss',
    );
  });
  it('says which sentence no passage supports', () => {
    expect(shown).toContain('No passage says so: “She liked tea.”');
  });
  it('ends with how it was made and the licence, once', () => {
    expect(shown.split('\n').slice(-2)).toEqual([
      'people · hybrid · extractive · 1.2s',
      'Text: Example Wiki, CC BY-SA 4.0',
    ]);
  });
  it('fits the width that is given', () => {
    const lines = showAnswer(answer, 30).split('\n');
    expect(lines.filter((line) => line.length > 30 && !/example\.org|extractive|CC BY/.test(line))).toEqual(
      [],
    );
  });
  it('that abstains claims nothing about support', () => {
    const abstained = { ...answer, text: 'Nothing here tells that.', abstained: true, citations: [] };
    expect(showAnswer(abstained, 80)).not.toContain('No passage says so');
  });
});

describe('passages', () => {
  it('stand with rank, place, score, text and address, free of terminal commands', () => {
    expect(showHits(found, Number.POSITIVE_INFINITY)).toBe(
      '1. Ada Voss › Life › Youth 0.712\n   Voss was born in Kolm in 1901.\n   https://example.org/Ada_Voss\n\npeople · dense · 3ms',
    );
  });
  it('that are not there are said so', () => {
    expect(showHits({ ...found, hits: [] }, 80)).toContain('Nothing found.');
  });
});

describe('a table', () => {
  it('is aligned also for characters of two columns', () => {
    expect(
      table(
        ['a', 'b'],
        [
          ['東京', 'x'],
          ['yy', 'z'],
        ],
      ),
    ).toBe('a     b\n東京  x\nyy    z');
  });
});
