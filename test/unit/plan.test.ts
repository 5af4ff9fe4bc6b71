import { describe, expect, it } from 'vitest';
import { METHODS, planOf } from '../../core/retrieve/methods.ts';
import { parsePlan, printPlan } from '../../core/retrieve/plan.ts';

describe('a plan', () => {
  it.each([
    'dense(100) > top 8',
    'dense(100) + keyword(50) > fuse > top 8',
    'dense(400) + keyword(100) > fuse(1, 0.5) > top 20',
    'keyword(10)',
  ])('prints as it was written: %s', (text) => {
    expect(printPlan(parsePlan(text))).toBe(text);
  });

  it('is read whatever the spaces around its parts', () => {
    expect(printPlan(parsePlan(' dense(5)+keyword(5)>fuse>top 3 '))).toBe(
      'dense(5) + keyword(5) > fuse > top 3',
    );
  });

  it.each([
    ['magic(10)', '"magic(10)" is not a source'],
    ['dense', '"dense" is not a source'],
    ['', '"" is not a source'],
    ['dense(0)', 'outside 1 to 10000'],
    ['dense(99999)', 'outside 1 to 10000'],
    ['dense(5) + keyword(5) > top 3', 'must be joined by "fuse" first'],
    ['dense(5) + keyword(5) > fuse(1) > top 3', 'one weight for each of the 2 sources'],
    ['dense(5) + keyword(5) > fuse(1, 1.2.3) > top 3', 'a weight that is no number'],
    ['dense(5) > top 3 > fuse', '"fuse" can only be the first step'],
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

  it('of its own words keeps its own number of passages, and gets one where it has none', () => {
    expect(printPlan(planOf('dense(50) > top 40', 8))).toBe('dense(50) > top 40');
    expect(printPlan(planOf('dense(50)', 8))).toBe('dense(50) > top 8');
  });
});
