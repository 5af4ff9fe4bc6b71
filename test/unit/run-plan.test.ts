import { describe, expect, it } from 'vitest';
import { fuse } from '../../core/retrieve/fuse.ts';
import { parsePlan } from '../../core/retrieve/plan.ts';
import { type RetrievalTools, runPlan } from '../../core/retrieve/run-plan.ts';
import type { Chunk, Scored } from '../../core/types.ts';

const chunk = (id: number): Chunk => ({
  id,
  articleId: '1',
  title: `Title ${id}`,
  section: [],
  position: id,
  start: 0,
  end: 4,
  url: '',
  language: 'en',
  text: 'text',
});

const scored = (...ids: number[]): Scored[] => ids.map((id, index) => ({ id, score: 1 - index / 10 }));

/** Stages that find fixed rows, so that only the interpreter's own work is seen. */
function tools(dense: Scored[], keyword: Scored[], missing: number[] = []): RetrievalTools {
  const asked = { depth: 0 };
  return {
    embedder: async () => ({ embed: async () => new Float32Array(2) }) as never,
    searcher: async () =>
      ({
        search: async (_: Float32Array, { k }: { k: number }) => {
          asked.depth = k;
          return [dense.slice(0, k)];
        },
      }) as never,
    chunks: async () =>
      ({
        keyword: async (_: string, k: number) => keyword.slice(0, k),
        get: async (ids: number[]) => ids.filter((id) => !missing.includes(id)).map(chunk),
      }) as never,
  };
}

describe('the interpreter of plans', () => {
  it('gives the hits of a single source in its own order, ranked from 1', async () => {
    const { hits } = await runPlan(parsePlan('dense(10) > top 2'), 'q', tools(scored(7, 3, 5), []));
    expect(hits.map(({ rank, id }) => [rank, id])).toEqual([
      [1, 7],
      [2, 3],
    ]);
  });

  it('asks each source for no more than its depth', async () => {
    const { hits } = await runPlan(
      parsePlan('dense(1) + keyword(2) > fuse'),
      'q',
      tools(scored(1, 2, 3), scored(4, 5, 6)),
    );
    expect(hits.map(({ id }) => id).sort()).toEqual([1, 4, 5]);
  });

  it('keeps the score of every step with each hit', async () => {
    const { hits } = await runPlan(
      parsePlan('dense(9) + keyword(9) > fuse > top 1'),
      'q',
      tools(scored(1, 2), scored(2)),
    );
    expect(hits[0]?.id).toBe(2);
    expect(hits[0]?.scores).toEqual({
      'dense(9)': 0.9,
      'keyword(9)': 1,
      fuse: 1 / 62 + 1 / 61,
    });
  });

  it('leaves out a row that the store does not have', async () => {
    const { hits } = await runPlan(parsePlan('dense(9)'), 'q', tools(scored(1, 2, 3), [], [2]));
    expect(hits.map(({ rank, id }) => [rank, id])).toEqual([
      [1, 1],
      [2, 3],
    ]);
  });

  it('finds nothing where nothing is found', async () => {
    const { hits } = await runPlan(parsePlan('dense(9) + keyword(9) > fuse > top 8'), 'q', tools([], []));
    expect(hits).toEqual([]);
  });
});

describe('reciprocal rank fusion', () => {
  it('puts first what several lists agree on', () => {
    expect(fuse([scored(1, 2, 3), scored(3, 4)]).map(({ id }) => id)).toEqual([3, 1, 2, 4]);
  });

  it('follows the weights of the lists', () => {
    expect(fuse([scored(1), scored(2)], [1, 2]).map(({ id }) => id)).toEqual([2, 1]);
  });

  it('keeps the order of appearance where scores are equal', () => {
    expect(fuse([scored(9), scored(4)]).map(({ id }) => id)).toEqual([9, 4]);
  });
});
