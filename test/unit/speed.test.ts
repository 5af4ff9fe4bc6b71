import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test, vi } from 'vitest';
import { secondsForOnePassage, tokensInTime } from '../../core/generate/first-text.ts';
import type { Generated } from '../../core/generate/generator.ts';
import { startPool } from '../../core/generate/pool.ts';
import { keptSpeed, mixSpeed, withKeptSpeed } from '../../core/generate/speed.ts';
import { scriptedGenerator } from '../fixtures/scripted-generator.ts';

const data = await mkdtemp(join(tmpdir(), 'footnote-speed-'));
afterAll(() => rm(data, { recursive: true }));

const answered = (readTokens: number, readMs: number, tokens: number, writeMs: number): Generated => ({
  text: '',
  promptTokens: readTokens,
  tokens,
  reason: 'end',
  pace: { readTokens, readMs, writeMs },
});

describe('the speed of a model', () => {
  test('is averaged over answers, the newest counting half, short ones not at all', () => {
    const first = mixSpeed(undefined, answered(200, 2000, 21, 2000));
    expect(first).toEqual({ prompt: 100, answer: 10 });
    expect(mixSpeed(first, answered(400, 2000, 21, 1000))).toEqual({ prompt: 150, answer: 15 });
    expect(mixSpeed(first, answered(3, 2000, 2, 1000))).toEqual(first);
  });

  test('is kept by model, device and threads from run to run, and a damaged file counts as none', async () => {
    const key = { data, model: 'script', device: 'cpu', threads: 2 };
    const slow = {
      ...scriptedGenerator('word '.repeat(20)),
      generate: async () => answered(300, 10_000, 20, 10_000),
    };
    await (await withKeptSpeed(slow, key)).generate([], { maxTokens: 9, temperature: 0 });
    expect((await keptSpeed(key))?.prompt).toBeCloseTo(30);
    expect((await (await withKeptSpeed(scriptedGenerator('x'), key)).speed()).prompt).toBeCloseTo(30);
    expect(await keptSpeed({ ...key, threads: 1 })).toBeUndefined();
    await writeFile(join(data, 'speeds.json'), '{');
    expect(await keptSpeed(key)).toBeUndefined();
  });

  test('falls to what was seen when an answer is given up before its first word', async () => {
    const key = { data, model: 'stuck', device: 'cpu', threads: 2 };
    const messages = [{ role: 'user' as const, content: 'word '.repeat(99).trim() }];
    const stuck = { ...scriptedGenerator('x'), generate: () => Promise.reject(new Error('given up')) };
    const clock = vi.spyOn(performance, 'now').mockReturnValueOnce(0).mockReturnValueOnce(33_000);
    try {
      const generator = await withKeptSpeed(stuck, key);
      await expect(generator.generate(messages, { maxTokens: 9, temperature: 0 })).rejects.toThrow(
        'given up',
      );
      expect((await generator.speed()).prompt).toBeCloseTo(3);
    } finally {
      clock.mockRestore();
    }
  });

  test('says how much can be read so that the first sentence stands within 15 s', () => {
    expect(tokensInTime({ prompt: 100, answer: 20 })).toBe(1300);
    expect(tokensInTime({ prompt: 100, answer: 20 }, 3000)).toBe(1000);
    expect(tokensInTime({ prompt: 100, answer: 2 })).toBe(0);
    expect(secondsForOnePassage({ prompt: 50, answer: 10 })).toBeCloseTo(14);
    expect(secondsForOnePassage({ prompt: 20, answer: 10 })).toBeGreaterThan(15);
  });
});

describe('pool', () => {
  test('go to callers in the order of asking, the best free thing first, and none is lost by who gives up', async () => {
    const pool = startPool([1, 2]);
    const log: string[] = [];
    const hold = (name: string, ms: number, signal?: AbortSignal) =>
      pool.take(
        (thing) => thing,
        signal,
        async (thing) => {
          log.push(`${name} ${thing}`);
          await new Promise((resolve) => setTimeout(resolve, ms));
        },
      );
    const impatient = hold('c', 1, AbortSignal.timeout(10));
    const early = [hold('a', 60), hold('b', 90)];
    await impatient;
    const gone = AbortSignal.timeout(20);
    await expect(hold('d', 1, gone)).rejects.toThrow();
    await Promise.all([...early, hold('e', 1), hold('f', 1)]);
    expect(log.map((line) => line[0])).toEqual(['c', 'a', 'b', 'e', 'f']);
  });
});
