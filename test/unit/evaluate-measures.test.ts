/** Measures against values worked out by hand. */
import { describe, expect, it } from 'vitest';
import {
  citationQuality,
  contained,
  exactMatch,
  f1,
  riskCurve,
} from '../../core/evaluate/answer-measures.ts';
import { meanInterval, pairedTest } from '../../core/evaluate/bootstrap.ts';
import { rightPassages } from '../../core/evaluate/judge.ts';
import { measuresOf } from '../../core/evaluate/measures.ts';
import type { Question } from '../../core/evaluate/question.ts';
import { questionType } from '../../core/evaluate/question-type.ts';
import { seededRandom } from '../../core/index/train/random.ts';
import type { Chunk } from '../../core/types.ts';

const chunk = (articleId: string, text: string, title = `Title ${articleId}`) =>
  ({ articleId, title, text }) as Chunk;
const question = (fields: Partial<Question>): Question => ({
  ...{ qid: 'q', question: 'Who?', answers: [], unanswerable: false },
  ...fields,
});

describe('a passage is right', () => {
  const ranked = [
    chunk('1', 'The harbour was dug in 1850.'),
    chunk('2', 'It lies on  the\nriver ASSE.'),
    chunk('2', 'The river Asse again.'),
  ];
  it('where it contains an answer, case folded and white space collapsed', () => {
    expect(rightPassages(question({ answers: ['the River Asse'] }), ranked)).toEqual([
      [2, 1],
      [3, 1],
    ]);
  });
  it('only in the gold article, by its id or by its title', () => {
    const answers = ['1850'];
    expect(rightPassages(question({ answers, goldArticleId: '2' }), ranked)).toEqual([]);
    expect(rightPassages(question({ answers, goldArticleId: '1' }), ranked)).toEqual([[1, 1]]);
    expect(rightPassages(question({ answers, goldArticleId: '77', goldTitle: 'title 1' }), ranked)).toEqual([
      [1, 1],
    ]);
    expect(rightPassages(question({ answers, goldTitle: 'Elsewhere' }), ranked)).toEqual([]);
  });
  it('by its article’s grade where articles are judged, each article once, ranks counting articles', () => {
    const list = [chunk('7', ''), chunk('7', ''), chunk('2', ''), chunk('1', ''), chunk('2', '')];
    expect(rightPassages(question({ relevant: { 1: 1, 2: 3, constructor: 1 } }), list)).toEqual([
      [2, 3],
      [3, 1],
    ]);
  });
});

describe('the measures', () => {
  it('of a first right passage at rank 3: recall from 3 on, MRR 1/3, nDCG 1/log2(4)', () => {
    expect(
      measuresOf(
        [
          [3, 1],
          [4, 1],
        ],
        {},
      ),
    ).toEqual({
      ...{ recallAt1: 0, recallAt3: 1, recallAt10: 1, recallAt20: 1, recallAt100: 1 },
      ...{ mrrAt10: 1 / 3, ndcgAt10: 0.5 },
    });
  });
  it('of one beyond 10 count nothing at 10', () => {
    expect(measuresOf([[15, 1]], {})).toMatchObject({
      recallAt10: 0,
      recallAt20: 1,
      mrrAt10: 0,
      ndcgAt10: 0,
    });
  });
  it('of nothing found are 0', () => {
    expect(Object.values(measuresOf([], {}))).toEqual([0, 0, 0, 0, 0, 0, 0]);
  });
  it('of graded articles: recall is a share, nDCG weighs grades', () => {
    // Found: grade 1 at rank 1, grade 3 at rank 2. Ideal: grades 3, 1, 1 at ranks 1, 2, 3.
    const found = measuresOf(
      [
        [1, 1],
        [2, 3],
      ],
      { relevant: { a: 1, b: 3, c: 1 } },
    );
    expect(found.recallAt1).toBeCloseTo(1 / 3);
    expect(found.recallAt10).toBeCloseTo(2 / 3);
    expect(found.mrrAt10).toBe(1);
    expect(found.ndcgAt10).toBeCloseTo((1 + 3 / Math.log2(3)) / (3 + 1 / Math.log2(3) + 1 / 2));
  });
});

describe('intervals', () => {
  const values = Array.from({ length: 200 }, (_, index) => (index % 4 === 0 ? 0 : 1));
  const alone = values.map((_, index) => String(index));
  const interval = (list: number[], clusters: string[], seed = 1) =>
    meanInterval(list, clusters, seededRandom(seed));

  it('are the same for the same seed', () => {
    expect(interval(values, alone)).toEqual(interval(values, alone));
    expect(interval(values, alone)).not.toEqual(interval(values, alone, 2));
  });
  it('of independent values are those of the normal approximation', () => {
    const [low, high] = interval(values, alone);
    const half = 1.96 * Math.sqrt((0.75 * 0.25) / 200);
    expect(low).toBeCloseTo(0.75 - half, 1);
    expect(high).toBeCloseTo(0.75 + half, 1);
  });
  it('of values alike in clusters are wider, since the clusters are what was drawn', () => {
    const alike = values.map((_, index) => (index < 50 ? 0 : 1));
    const clusters = values.map((_, index) => String(Math.floor(index / 25)));
    const [low, high] = interval(alike, clusters);
    const [lowAlone, highAlone] = interval(alike, alone);
    expect(high - low).toBeGreaterThan(2 * (highAlone - lowAlone));
  });
  it('fall back to single values where all are of one cluster', () => {
    expect(
      interval(
        values,
        values.map(() => 'one'),
      ),
    ).toEqual(interval(values, alone));
  });
});

describe('a paired test', () => {
  const test = (first: number[], second: number[], clusters: string[]) =>
    pairedTest(first, second, clusters, seededRandom(1));
  it('over clusters that all agree has the least p that so many clusters allow', () => {
    const clusters = ['a', 'b', 'c', 'd', 'e', 'f', 'g'];
    const { difference, p } = test([0, 0, 0, 0, 0, 0, 0], [1, 1, 1, 1, 1, 1, 1], clusters);
    expect({ difference, p }).toEqual({ difference: 1, p: 2 / 2 ** 7 });
  });
  it('of equal methods finds nothing', () => {
    expect(test([1, 0, 1], [1, 0, 1], ['a', 'b', 'c'])).toEqual({ difference: 0, ci95: [0, 0], p: 1 });
  });
  it('of differences that cancel out is not significant', () => {
    expect(test([1, 0, 1, 0], [0, 1, 0, 1], ['a', 'b', 'c', 'd']).p).toBe(1);
  });
  it('over many clusters draws signs, the same at each call', () => {
    const first = Array.from({ length: 100 }, (_, index) => (index % 2 === 0 ? 0 : 1));
    const second = first.map((value, index) => (index < 30 ? 1 : value));
    const clusters = first.map((_, index) => String(index));
    expect(test(first, second, clusters)).toEqual(test(first, second, clusters));
    expect(test(first, second, clusters).p).toBeLessThan(0.01);
  });
});

it.each([
  ['Who built it?', 'who'],
  ['By whom was it built?', 'who'],
  ['In what year did it burn?', 'what'],
  ['How many towers has it?', 'how many'],
  ['How much does it cost?', 'how many'],
  ['How is it built?', 'how'],
  ['Name the tower.', 'other'],
  ['Wo liegt es?', 'other'],
])('%s is a question of type %s', (text, type) => {
  expect(questionType(text)).toBe(type);
});

describe('an answer', () => {
  it('matches exactly but for case, punctuation and articles, as SQuAD has it', () => {
    expect(exactMatch('The Grey Hills.', ['grey hills'])).toBe(1);
    expect(exactMatch('In the Grey Hills', ['Grey Hills', 'hills'])).toBe(0);
  });
  it('has the F1 of its words with the best wanted answer', () => {
    // Given: it rises in grey hills (5); wanted: grey hills (2); common 2: precision 2/5, recall 1.
    expect(f1('It rises in the Grey Hills', ['Kolm', 'the grey hills'])).toBeCloseTo((2 * 0.4 * 1) / 1.4);
    expect(f1('Grey hills hills', ['hills'])).toBeCloseTo((2 * (1 / 3) * 1) / (4 / 3));
    expect(f1('Kolm', ['Asse'])).toBe(0);
  });
  it('contains a wanted answer wherever it stands', () => {
    expect(contained('She was born  in KOLM.', ['in Kolm'])).toBe(1);
    expect(contained('She was born.', ['in Kolm'])).toBe(0);
  });
});

describe('citations, as ALCE measures them', () => {
  /** A passage supports what it holds; a sentence is supported where its words are all held. */
  const judge = (sentence: string, passages: string[]) =>
    sentence.split(' ').every((word) => passages.some((passage) => passage.includes(word)));
  it('count a sentence as recalled where its citations together support it', async () => {
    const found = await citationQuality(
      [
        { text: 'a b', cited: ['a', 'b'] },
        { text: 'c', cited: ['a'] },
        { text: 'd', cited: [] },
        { text: 'a', cited: ['a'] },
      ],
      judge,
    );
    // Citations: both of the first are needed, that of the second supports nothing, that of the fourth does.
    expect(found).toEqual({ recall: 2 / 4, precision: 3 / 4 });
  });
  it('count one as needless that neither supports the sentence alone nor is missed by the others', async () => {
    expect(await citationQuality([{ text: 'a', cited: ['a', 'x'] }], judge)).toEqual({
      recall: 1,
      precision: 1 / 2,
    });
    expect(await citationQuality([{ text: 'a', cited: ['a', 'xa'] }], judge)).toEqual({
      recall: 1,
      precision: 1,
    });
  });
  it('of an answer that cites nothing have no precision', async () => {
    expect(await citationQuality([{ text: 'a', cited: [] }], judge)).toEqual({
      recall: 0,
      precision: undefined,
    });
    expect(await citationQuality([], judge)).toEqual({ recall: 0, precision: undefined });
  });
});

it('risk falls with coverage where the sure answers are the right ones', () => {
  const curve = riskCurve([
    { confidence: 0.2, answered: true, right: false },
    { confidence: 0.9, answered: true, right: true },
    { confidence: 0.5, answered: true, right: true },
    { confidence: 0.8, answered: false, right: false },
  ]);
  expect(curve).toEqual({
    coverage: 0.75,
    risk: 1 / 3,
    points: [
      { coverage: 0.25, risk: 0 },
      { coverage: 0.5, risk: 0 },
      { coverage: 0.75, risk: 1 / 3 },
    ],
  });
  expect(riskCurve([{ confidence: 1, answered: false, right: false }])).toEqual({
    coverage: 0,
    risk: 0,
    points: [],
  });
});
