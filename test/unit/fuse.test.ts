import { describe, expect, it } from 'vitest';
import { blend, comparable, fuse, mixScores } from '../../core/retrieve/fuse.ts';
import type { Scored } from '../../core/types.ts';

const scored = (...ids: number[]): Scored[] => ids.map((id, index) => ({ id, score: 1 - index / 10 }));
const ids = (list: Scored[]) => list.map(({ id }) => id);

describe('reciprocal rank fusion', () => {
  it('puts first what several lists agree on', () => {
    expect(ids(fuse([scored(1, 2, 3), scored(3, 4)]))).toEqual([3, 1, 2, 4]);
  });

  it('follows the weights of the lists', () => {
    expect(ids(fuse([scored(1), scored(2)], [1, 2]))).toEqual([2, 1]);
  });

  it('keeps the order of appearance where scores are equal', () => {
    expect(ids(fuse([scored(9), scored(4)]))).toEqual([9, 4]);
  });
});

describe('blending scores', () => {
  const keyword = [
    { id: 3, score: 40 },
    { id: 4, score: 30 },
    { id: 2, score: 20 },
  ];
  const dense = [
    { id: 1, score: 0.9 },
    { id: 2, score: 0.8 },
    { id: 3, score: 0.6 },
  ];

  it('adds them in shares of the weights', () => {
    expect(blend([dense, keyword], [3, 1])).toEqual([
      { id: 3, score: 0.6 * 0.75 + 40 * 0.25 },
      { id: 4, score: 30 * 0.25 },
      { id: 2, score: 0.8 * 0.75 + 20 * 0.25 },
      { id: 1, score: 0.9 * 0.75 },
    ]);
  });

  it('takes a cosine by its way to 1, BM25 in fixed units, and others by their best', () => {
    const scores = (list: Scored[]) => list.map(({ score }) => Number(score.toFixed(3)));
    expect(scores(comparable('cosine', dense))).toEqual([0.75, 0.5, 0]);
    expect(scores(comparable('bm25', keyword))).toEqual([1, 0.5, 0]);
    expect(scores(comparable('other', keyword))).toEqual([1, 0.5, 0]);
    expect(
      scores(
        comparable(
          'bm25',
          keyword.map(({ id, score }) => ({ id, score: score / 2 })),
        ),
      ),
    ).toEqual([0.5, 0.25, 0]);
  });

  it('can do so with a list of one, of equal ones, and of none', () => {
    for (const measure of ['cosine', 'bm25', 'other'] as const) {
      expect(comparable(measure, [])).toEqual([]);
      for (const { score } of comparable(
        measure,
        scored(1, 1).map(({ id }) => ({ id, score: 1 })),
      ))
        expect(score).toBeGreaterThanOrEqual(0);
    }
  });
});

describe('a cross-encoder’s scores', () => {
  it('order the passages that were read, and leave the others behind in their order', () => {
    const mixed = mixScores(scored(1, 2, 3, 4), Float32Array.of(-4, 5, 0));
    expect(ids(mixed)).toEqual([2, 3, 1, 4]);
    const scores = mixed.map(({ score }) => score);
    expect(scores).toEqual([...scores].sort((a, b) => b - a));
  });

  it('share the say with the search as they are told', () => {
    const logits = Float32Array.of(0, 1);
    expect(ids(mixScores(scored(1, 2), logits))).toEqual([2, 1]);
    expect(ids(mixScores(scored(1, 2), logits, 0.5))).toEqual([1, 2]);
    expect(ids(mixScores(scored(1, 2), logits, 0))).toEqual([1, 2]);
  });
});
