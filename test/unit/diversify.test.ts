import { describe, expect, it } from 'vitest';
import { diversify } from '../../core/retrieve/diversify.ts';
import { idsAround, withNeighbours } from '../../core/retrieve/neighbours.ts';
import type { Chunk, Scored } from '../../core/types.ts';

function known(...chunks: [id: number, articleId: string, text?: string][]): Map<number, Chunk> {
  return new Map(
    chunks.map(([id, articleId, text = `text number ${id} says something of its own`]) => [
      id,
      {
        id,
        articleId,
        title: articleId,
        section: [],
        position: id,
        start: 0,
        end: 4,
        url: '',
        language: 'en',
        text,
      },
    ]),
  );
}
const ranked = (...ids: number[]): Scored[] => ids.map((id, index) => ({ id, score: 1 - index / 10 }));
const ids = (list: Scored[]) => list.map(({ id }) => id);

const PYRAMID =
  'A man in Austin built a pyramid of beer cans and it stood for eleven days before the wind took it';

describe('diversity', () => {
  it('leaves out a passage that says nearly the same as an earlier one', () => {
    const chunks = known([1, 'a', PYRAMID], [2, 'b', `${PYRAMID}, they say.`], [3, 'c']);
    expect(ids(diversify(ranked(1, 2, 3), chunks))).toEqual([1, 3]);
  });

  it('leaves out what a longer passage says already', () => {
    const chunks = known(
      [1, 'a', `${PYRAMID}. Many other things happened in that town that year.`],
      [2, 'b', PYRAMID],
    );
    expect(ids(diversify(ranked(1, 2), chunks))).toEqual([1]);
  });

  it('keeps passages that share a phrase only', () => {
    const chunks = known(
      [1, 'a', 'The Rhine rises in the Swiss Alps and flows north through four countries.'],
      [2, 'b', 'The Danube does not rise in the Swiss Alps and flows east through ten countries.'],
    );
    expect(ids(diversify(ranked(1, 2), chunks))).toEqual([1, 2]);
  });

  it('puts what one article has beyond its places behind the others, where it still fills them', () => {
    const chunks = known([1, 'a'], [2, 'a'], [3, 'a'], [4, 'b']);
    expect(ids(diversify(ranked(1, 2, 3, 4), chunks, 1))).toEqual([1, 4, 2, 3]);
    expect(ids(diversify(ranked(1, 2, 3, 4), chunks))).toEqual([1, 2, 3, 4]);
  });
});

describe('neighbours', () => {
  const chunks = known([4, 'a'], [5, 'b'], [6, 'b'], [7, 'b'], [8, 'b'], [9, 'c']);

  it('stand right behind their hit, and are of its article', () => {
    expect(ids(withNeighbours(ranked(5, 9), chunks, 1))).toEqual([5, 6, 9]);
    expect(ids(withNeighbours(ranked(7), chunks, 2))).toEqual([7, 8, 6, 5]);
  });

  it('keep their own place where they were found themselves, and stand once', () => {
    expect(ids(withNeighbours(ranked(6, 7), chunks, 1))).toEqual([6, 5, 7, 8]);
    expect(ids(withNeighbours(ranked(5, 7), chunks, 1))).toEqual([5, 6, 7, 8]);
  });

  it('are looked up from row 0 on', () => {
    expect(idsAround(ranked(0, 5), 1)).toEqual([0, 1, 4, 5, 6]);
  });
});
