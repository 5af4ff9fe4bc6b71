import { describe, expect, it } from 'vitest';
import { scorePairs } from '../../core/rerank/score-pairs.ts';

describe('scoring pairs', () => {
  /** As slow as it is told, and as fond of long passages. */
  const model = (ms: number) => ({
    tokenize: (text: string) => [...text].map((_, index) => index),
    run: async (_: number[], [passage]: number[][]) => {
      await new Promise((resolve) => setTimeout(resolve, ms));
      return Float32Array.of(passage?.length ?? 0);
    },
  });

  it('gives the logits in the order of the passages', async () => {
    const request = { question: 'q', passages: ['ccc', 'a', 'bb'] };
    expect([...(await scorePairs(model(0), request, undefined))]).toEqual([3, 1, 2]);
  });

  it('reads a passage whole, as far as a model of 512 positions can', async () => {
    const passages = ['a'.repeat(440), 'a'.repeat(3_000)];
    const question = 'q'.repeat(400);
    const read: number[] = [];
    const run = async (asked: number[], [passage = []]: number[][]) => {
      read.push(passage.length, asked.length + passage.length + 3);
      return Float32Array.of(0);
    };
    await scorePairs({ ...model(0), run }, { question, passages }, undefined);
    expect(read).toEqual([440, 507, 445, 512]);
  });

  it('begins no passage after its time, but always reads one', async () => {
    const passages = Array<string>(100).fill('a');
    expect(await scorePairs(model(20), { question: 'q', passages, budgetMs: 1 }, undefined)).toHaveLength(1);
    const some = await scorePairs(model(20), { question: 'q', passages, budgetMs: 200 }, undefined);
    expect(some.length).toBeGreaterThan(1);
    expect(some.length).toBeLessThan(20);
  });

  it('stops when it is cancelled', async () => {
    const controller = new AbortController();
    const passages = Array<string>(1_000).fill('a');
    const work = scorePairs(model(5), { question: 'q', passages }, controller.signal);
    setTimeout(() => controller.abort(), 20);
    await expect(work).rejects.toMatchObject({ code: 'cancelled' });
  });
});
