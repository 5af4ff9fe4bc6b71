import { describe, expect, it } from 'vitest';
import { CoreError } from '../../core/errors.ts';
import { parsePlan } from '../../core/retrieve/parse-plan.ts';
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
    reranker: noReranker,
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
        titled: async () => [],
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

const noReranker = async () => {
  throw new CoreError('model-missing', 'There is none.');
};

/** Tools whose searches find rows by the text that is searched for, and note every text. */
function searchable(byText: Record<string, Scored[]>): RetrievalTools & { searched: string[] } {
  const searched: string[] = [];
  const find = (text: string, k: number) => {
    searched.push(text);
    return (byText[text] ?? []).slice(0, k);
  };
  const asked: string[] = [];
  return {
    searched,
    reranker: noReranker,
    embedder: async () =>
      ({
        embed: async (texts: string[], kind: string) => {
          asked.splice(0, asked.length, ...texts.map((text) => `${kind}: ${text}`));
          return new Float32Array(texts.length);
        },
      }) as never,
    searcher: async () =>
      ({ search: async (_: unknown, { k }: { k: number }) => asked.map((text) => find(text, k)) }) as never,
    chunks: async () =>
      ({
        keyword: async (text: string, k: number) => find(`keyword: ${text}`, k),
        titled: async (text: string, k: number) => find(`title: ${text}`, k),
        get: async (ids: number[]) => ids.map(chunk),
      }) as never,
  };
}

const idsOf = (hits: { id: number }[]) => hits.map(({ id }) => id);

describe('the sources of a plan', () => {
  it('search for what the language model makes of the question, several texts in one list', async () => {
    const asked: string[] = [];
    const tools: RetrievalTools & { searched: string[] } = {
      ...searchable({
        'query: q one': scored(1, 2),
        'query: q two': scored(2, 3),
        'keyword: q one': scored(4),
        'keyword: q two': scored(4, 1),
      }),
      rewrite: async (kind, question) => {
        asked.push(kind);
        return [`${question} one`, `${question} two`];
      },
    };
    const plan = parsePlan('dense(2, variants) + keyword(5, variants) > fuse(1, 0) > top 3');
    const { hits, warnings } = await runPlan(plan, 'q', tools);
    expect(tools.searched.sort()).toEqual([
      'keyword: q one',
      'keyword: q two',
      'query: q one',
      'query: q two',
    ]);
    expect(asked).toEqual(['variants']);
    expect(idsOf(hits)).toEqual([2, 1, 4]);
    expect(warnings).toEqual([]);
  });

  it('compare a supposed answer as a passage, not as a question', async () => {
    const tools = { ...searchable({ 'passage: a': scored(5) }), rewrite: async () => ['a'] };
    expect(idsOf((await runPlan(parsePlan('dense(9, hyde)'), 'q', tools)).hits)).toEqual([5]);
  });

  it.each([
    ['is none', undefined, 'not available'],
    ['is missing', new CoreError('model-missing', 'no'), 'not available'],
    ['fails', new CoreError('worker-crashed', 'no'), 'failed'],
  ])('search for the question, and say so, where the language model %s', async (_, error, says) => {
    const rewrite = async () => {
      throw error;
    };
    const tools = { ...searchable({ 'query: q': scored(5) }), ...(error !== undefined && { rewrite }) };
    const { hits, warnings } = await runPlan(
      parsePlan('dense(9, hyde) + dense(9, variants) > fuse'),
      'q',
      tools,
    );
    expect(idsOf(hits)).toEqual([5]);
    expect(warnings).toEqual([expect.stringContaining(says)]);
  });

  it('give articles by their title', async () => {
    const tools = searchable({ 'title: q': scored(3) });
    expect(idsOf((await runPlan(parsePlan('title(9)'), 'q', tools)).hits)).toEqual([3]);
  });

  it('are none in the plan without passages', async () => {
    const tools = searchable({ 'query: q': scored(5) });
    const { hits, warnings } = await runPlan(parsePlan('none'), 'q', tools);
    expect([hits, warnings, tools.searched]).toEqual([[], [], []]);
  });
});

describe('reranking', () => {
  const reranked = (logits: Record<string, number>, seen: unknown[] = []): RetrievalTools => ({
    ...searchable({ 'query: q': scored(1, 2, 3, 4) }),
    reranker: async () => ({
      name: 'test',
      score: async (question, passages, options) => {
        seen.push([question, passages.length, options?.budgetMs]);
        return Float32Array.from(passages, (passage) => logits[passage.split('\n')[0] as string] ?? 0);
      },
      close: async () => undefined,
    }),
  });

  it('orders the first passages by what the cross-encoder reads in them', async () => {
    const seen: unknown[] = [];
    const tools = reranked({ 'Title 1': -3, 'Title 2': 1, 'Title 3': 5 }, seen);
    const { hits } = await runPlan(parsePlan('dense(9) > rerank(3, 500ms) > top 4'), 'q', tools);
    expect(idsOf(hits)).toEqual([3, 2, 1, 4]);
    expect(seen).toEqual([['q', 3, 500]]);
    expect(hits.map(({ scores }) => scores['rerank(3, 500ms)'])).toEqual([1, 0.5, 0, 0]);
    expect(hits.map(({ logit }) => logit)).toEqual([5, 1, -3, undefined]);
  });

  it('gives each passage its own logit where the store lacks one of them', async () => {
    const lacking: RetrievalTools = {
      ...reranked({ 'Title 1': -3, 'Title 3': 5 }),
      chunks: async () =>
        ({ get: async (ids: number[]) => ids.filter((id) => id !== 2).map(chunk) }) as never,
    };
    const { hits } = await runPlan(parsePlan('dense(9) > rerank(3)'), 'q', lacking);
    expect(hits.map(({ id, logit }) => [id, logit])).toEqual([
      [3, 5],
      [1, -3],
      [4, undefined],
    ]);
  });

  it('reads the best parts of the first passages too, and the higher logit counts', async () => {
    const long = `${'Of other things it says much. '.repeat(20)}The zebra is striped. ${'More follows here. '.repeat(20)}`;
    const read: string[] = [];
    const tools: RetrievalTools = {
      ...searchable({ 'query: zebra': scored(1, 2, 3, 4) }),
      chunks: async () =>
        ({
          get: async (ids: number[]) =>
            ids.map((id) => ({ ...chunk(id), text: id === 2 || id === 3 ? long : 'text' })),
        }) as never,
      reranker: async () => ({
        name: 'test',
        score: async (_, passages) => {
          read.push(...passages);
          return Float32Array.from(passages, (passage) =>
            passage.length > 900
              ? passage.startsWith('Title 2')
                ? 1
                : -5
              : passage.includes('zebra')
                ? 8
                : 3,
          );
        },
        close: async () => undefined,
      }),
    };
    const { hits } = await runPlan(parsePlan('dense(9) > rerank(4, 3 parts) > top 4'), 'zebra', tools);
    expect(idsOf(hits)).toEqual([2, 1, 4, 3]); // only three are read again
    expect(read.slice(4)).toEqual([expect.stringContaining('The zebra is striped.')]);
    expect(hits.map(({ logit }) => logit)).toEqual([1, 3, 3, -5]);
  });

  it('leaves time for the parts', async () => {
    const budgets: (number | undefined)[] = [];
    const tools: RetrievalTools = {
      ...searchable({ 'query: q': scored(1, 2) }),
      chunks: async () =>
        ({
          get: async (ids: number[]) => ids.map((id) => ({ ...chunk(id), text: 'It is so. '.repeat(99) })),
        }) as never,
      reranker: async () => ({
        name: 'test',
        score: async (_, passages, options) => {
          budgets.push(options?.budgetMs);
          return new Float32Array(passages.length);
        },
        close: async () => undefined,
      }),
    };
    await runPlan(parsePlan('dense(9) > rerank(2, 2 parts, 60000ms)'), 'q', tools);
    expect(budgets[0]).toBe(48_000);
    expect(budgets[1]).toBeGreaterThan(30_000);
  });

  it('reads the neighbours too where they were added before', async () => {
    const tools = reranked({ 'Title 5': 9 });
    const { hits } = await runPlan(parsePlan('dense(9) > neighbours(1) > rerank(9) > top 2'), 'q', tools);
    expect(idsOf(hits)).toEqual([5, 1]);
  });

  it('goes on without the model where it is not there, and says so', async () => {
    const tools = searchable({ 'query: q': scored(1, 2) });
    const { hits, warnings } = await runPlan(parsePlan('dense(9) > rerank(9)'), 'q', tools);
    expect(idsOf(hits)).toEqual([1, 2]);
    expect(warnings).toEqual(['There is none. Passages are in the order of the search.']);
  });

  it('asks for no model where nothing was found', async () => {
    const tools = { ...reranked({}), ...searchable({}) };
    expect((await runPlan(parsePlan('dense(9) > rerank(9)'), 'q', tools)).warnings).toEqual([]);
  });
});
