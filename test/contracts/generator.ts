/**
 * What every generator must do, whoever runs the model. The tests of each implementation call it with real weights.
 */
import { expect, test } from 'vitest';
import { CoreError } from '../../core/errors.ts';
import type { Generator } from '../../core/generate/generator.ts';

/** @param contextTokens of the generator that `use` lends */
export function generatorContract(
  contextTokens: number,
  use: (task: (generator: Generator) => Promise<void>) => Promise<void>,
): void {
  const ask = (content: string) => [{ role: 'user' as const, content }];

  test('streams its text, the same at every greedy run, within the token limit', () =>
    use(async (generator) => {
      const runs: string[] = [];
      for (let run = 0; run < 2; run += 1) {
        let streamed = '';
        const { text, tokens, promptTokens, reason, pace } = await generator.generate(
          ask('Name the colours of the rainbow and write 虹 🌈.'),
          {
            maxTokens: 12,
            temperature: 0,
            onText: (delta) => {
              expect(delta).not.toContain('\uFFFD');
              streamed += delta;
            },
          },
        );
        expect(streamed).toBe(text);
        expect(tokens).toBeLessThanOrEqual(12);
        expect(reason).toBe(tokens === 12 ? 'length' : 'end');
        expect(pace.readTokens).toBeLessThanOrEqual(promptTokens);
        expect(pace.readMs).toBeGreaterThan(0);
        runs.push(text);
      }
      expect(runs[0]).toBe(runs[1]);
      expect(runs[0]).not.toBe('');
    }));

  test('answers several at once as it answers each alone', () =>
    use(async (generator) => {
      const begin = async (word: string) =>
        (await generator.generate(ask(`Repeat this word: ${word}`), { maxTokens: 3, temperature: 0 })).text;
      const words = ['alpha', 'bravo', 'charlie'];
      const together = await Promise.all(words.map(begin));
      const alone: string[] = [];
      for (const word of words) alone.push(await begin(word));
      expect(together).toEqual(alone);
      expect(new Set(together).size).toBe(3);
    }));

  test('counts at least as many tokens as there are', () =>
    use(async (generator) => {
      const messages = ask('Ulm lies on the Danube, 虹 included. '.repeat(10));
      const counted = await generator.countTokens(messages);
      const { promptTokens } = await generator.generate(messages, { maxTokens: 1, temperature: 0 });
      expect(counted).toBeGreaterThanOrEqual(promptTokens);
    }));

  test('refuses a prompt longer than its context, with the numbers, and an answer of no token', () =>
    use(async (generator) => {
      expect(await generator.contextTokens()).toBe(contextTokens);
      const asked = generator.generate(ask('word '.repeat(2 * contextTokens)), {
        maxTokens: 5,
        temperature: 0,
      });
      await expect(asked).rejects.toMatchObject({
        code: 'bad-input',
        message: expect.stringContaining(String(contextTokens)),
      });
      const none = generator.generate(ask('Hello'), { maxTokens: 0, temperature: 0 });
      await expect(none).rejects.toMatchObject({ code: 'usage' });
    }));

  test('stops within a token when it is cancelled, also while it waits for a turn, and answers again', () =>
    use(async (generator) => {
      const stop = new AbortController();
      // The first to emit text stops all: a server may serve them in any order, and some answers may be short.
      const late = [0, 0, 0, 0];
      const running = late.map((_, which) =>
        generator.generate(ask(`Count to ${which + 1} thousand.`), {
          maxTokens: 600,
          temperature: 0,
          signal: stop.signal,
          onText: () => {
            if (stop.signal.aborted) late[which] = (late[which] ?? 0) + 1;
            else stop.abort(new CoreError('cancelled', 'enough'));
          },
        }),
      );
      const ends = await Promise.allSettled(running);
      for (const end of ends)
        expect(end).toMatchObject({ status: 'rejected', reason: { message: 'enough' } });
      expect(Math.max(...late)).toBeLessThanOrEqual(2);
      const again = await generator.generate(ask('Hello'), { maxTokens: 3, temperature: 0 });
      expect(again.tokens).toBeGreaterThan(0);
    }));
}
