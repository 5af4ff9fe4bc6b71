import { describe, expect, it } from 'vitest';
import { METHODS, planOf } from '../../core/retrieve/methods.ts';
import { parsePlan } from '../../core/retrieve/parse-plan.ts';
import {
  type Plan,
  printPlan,
  REWRITINGS,
  SOURCES,
  type Source,
  type Step,
} from '../../core/retrieve/plan.ts';

/** Numbers below a limit, the same ones in every run. */
function numbers(seed: number): (limit: number) => number {
  let state = seed;
  return (limit) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * limit);
  };
}

/** Any plan that the grammar knows. */
function anyPlan(below: (limit: number) => number): Plan {
  const maybe = <T extends object>(part: T): T | object => (below(2) === 0 ? part : {});
  const one = <T>(of: readonly T[]): T => of[below(of.length)] as T;
  const sources = Array.from(
    { length: 1 + below(4) },
    (): Source => ({
      kind: one(SOURCES),
      depth: 1 + below(10_000),
      ...maybe({ text: one(REWRITINGS) }),
    }),
  );
  const rerank = (): Step => {
    const depth = 1 + below(200);
    return {
      kind: 'rerank',
      depth,
      ...maybe({ parts: 1 + below(depth) }),
      ...maybe({ budgetMs: 1 + below(3_000) }),
      ...maybe({ share: below(101) / 100 }),
    };
  };
  const weights = () => sources.map(() => below(3_000) / 1_000);
  const join = (): Step => ({ kind: one(['fuse', 'blend'] as const), ...maybe({ weights: weights() }) });
  const later = (): Step =>
    one<() => Step>([
      () => ({ kind: 'top', k: 1 + below(1_000) }),
      rerank,
      () => ({ kind: 'neighbours', reach: 1 + below(10) }),
      () => ({ kind: 'diverse', ...maybe({ perArticle: 1 + below(9) }) }),
    ])();
  const joined = sources.length > 1 || below(2) === 0 ? [join()] : [];
  return { sources, steps: [...joined, ...Array.from({ length: below(5) }, later)] };
}

describe('a plan', () => {
  it('reads back from what it prints, whatever is in it', () => {
    const below = numbers(7);
    for (let round = 0; round < 2_000; round += 1) {
      const plan = anyPlan(below);
      const printed = printPlan(plan);
      expect(parsePlan(printed), printed).toEqual(plan);
    }
  });

  it.each([
    'none',
    'keyword(10)',
    'dense(100) > top 8',
    'dense(400) + keyword(100) > fuse(1, 0.5) > top 20',
    'dense(100) + keyword(100, step-back) + title(20) > blend(1, 0.5, 0.2) > rerank(50, 10 parts, 500ms, 0.8) > neighbours(1) > diverse(3) > top 8',
  ])('prints as it was written: %s', (text) => {
    expect(printPlan(parsePlan(text))).toBe(text);
  });

  it('is read whatever the spaces around its parts, and without the numbers that are usual', () => {
    expect(
      printPlan(parsePlan(' dense( 5,hyde )+keyword(5)>fuse>rerank(9,4parts,500ms)>neighbours>top 3 ')),
    ).toBe('dense(5, hyde) + keyword(5) > fuse > rerank(9, 4 parts, 500ms) > neighbours(1) > top 3');
  });

  it.each([
    ['magic(10)', '"magic(10)" is not a source'],
    ['dense', '"dense" is not a source'],
    ['', '"" is not a source'],
    ['dense(0)', 'outside 1 to 10000'],
    ['dense(99999)', 'outside 1 to 10000'],
    ['dense(5, poem)', '"dense(5, poem)" can search for hyde, step-back, variants only'],
    ['none + dense(5) > fuse', '"none" is not a source'],
    ['dense(5) + keyword(5) > top 3', 'must be joined by "fuse" or "blend" first'],
    ['dense(5) + keyword(5) > fuse(1) > top 3', 'one weight for each of the 2 sources'],
    ['dense(5) + keyword(5) > blend(1, 1, 1)', '"blend" wants one weight for each of the 2 sources'],
    ['dense(5) + keyword(5) > fuse(1, 1.2.3) > top 3', 'a weight that is no number'],
    ['dense(5) > top 3 > fuse', '"fuse" can only be the first step'],
    ['dense(5) > rerank', 'wants a depth'],
    ['dense(5) > rerank(0)', 'outside 1 to 10000 candidates'],
    ['dense(5) > rerank(5, 9 parts)', 'outside 1 to 5 parts'],
    ['dense(5) > rerank(5, 500ms, 3 parts)', 'a share that is no number'],
    ['dense(5) > rerank(5, 0ms)', 'outside 1 to 600000 milliseconds'],
    ['dense(5) > rerank(5, 1.5)', 'a share from 0 to 1'],
    ['dense(5) > rerank(5, 0.5, 500ms)', 'a share from 0 to 1'],
    ['dense(5) > neighbours(99)', 'outside 1 to 10 places'],
    ['dense(5) > diverse(1, 2)', 'takes one number'],
    ['dense(5) > top', '"top" is not a step'],
    ['dense(5) > shuffle', '"shuffle" is not a step'],
  ])('that cannot be read (%s) is refused by naming the part', (text, why) => {
    expect(() => parsePlan(text)).toThrow(
      expect.objectContaining({ code: 'usage', message: expect.stringContaining(why) }),
    );
  });
});

describe('a method', () => {
  it.each(Object.keys(METHODS))('%s names a plan that can be read', (name) => {
    expect(printPlan(planOf(name))).toBe(METHODS[name]?.plan);
  });

  it('ends with as many passages as are asked for, from at least as many candidates', () => {
    expect(printPlan(planOf('hybrid', 200))).toBe('dense(200) + keyword(200) > fuse > top 200');
    expect(printPlan(planOf('dense', 3))).toBe('dense(100) > top 3');
  });

  it('may be a plan in its own words', () => {
    expect(printPlan(planOf('keyword(5) > top 2'))).toBe('keyword(5) > top 2');
  });

  it('of its own words keeps its own number of passages, and gets one where it does not end with one', () => {
    expect(printPlan(planOf('dense(50) > top 40', 8))).toBe('dense(50) > top 40');
    expect(printPlan(planOf('dense(50)', 8))).toBe('dense(50) > top 8');
    expect(printPlan(planOf('dense(50) > top 5 > neighbours(1)', 8))).toBe(
      'dense(50) > top 8 > neighbours(1) > top 8',
    );
  });

  it('without passages stays without', () => {
    expect(printPlan(planOf('none', 8))).toBe('none');
  });

  it('that no one has heard of is refused, names of object members too', () => {
    for (const name of ['magic', 'constructor', '__proto__'])
      expect(() => planOf(name)).toThrow(expect.objectContaining({ code: 'usage' }));
  });
});
