import { copyFileSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { openGenerator } from '../../core/generate/client.ts';
import { composeAnswer } from '../../core/generate/compose.ts';
import type { Generator } from '../../core/generate/generator.ts';
import { realWeights, without } from '../fixtures/weights.ts';

const folder = mkdtempSync(join(tmpdir(), 'footnote-generate-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const smol = await realWeights('SmolLM2-135M-Instruct-Q4_1');
const weights = typeof smol === 'string' ? '' : smol.weights;
const load = (path: string) =>
  openGenerator({ path, name: 'small', contextTokens: 1024, threads: 2, device: 'cpu' });

describe('a file that is no language model', () => {
  test.each([
    ['is not there', 'none.gguf', () => undefined, 'not-found'],
    ['is empty', 'empty.gguf', (path: string) => writeFileSync(path, ''), 'bad-input'],
    [
      'is text',
      'text.gguf',
      (path: string) => writeFileSync(path, 'GGUF? no, a text of some length'),
      'bad-input',
    ],
    [
      'has a header and nothing after it',
      'header.gguf',
      (path: string) =>
        writeFileSync(path, Buffer.from('4747554603000000100000000000000005000000000000000000', 'hex')),
      'bad-input',
    ],
  ])('that %s is refused in a sentence that names it', async (_, name, make, code) => {
    const path = join(folder, name);
    make(path);
    await expect(load(path)).rejects.toMatchObject({ code, message: expect.stringContaining(path) });
  });
});

describe.skipIf(weights === '')(`SmolLM2${without(smol)}`, () => {
  const use = async (task: (generator: Generator) => Promise<void>) => {
    const generator = await load(weights);
    try {
      await task(generator);
    } finally {
      await generator.close();
    }
  };
  const ask = (content: string) => [{ role: 'user' as const, content }];

  test('streams its text, the same at every greedy run, within the token limit', () =>
    use(async (generator) => {
      const runs: string[] = [];
      for (let run = 0; run < 2; run += 1) {
        let streamed = '';
        const { text, tokens, reason } = await generator.generate(
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
        runs.push(text);
      }
      expect(runs[0]).toBe(runs[1]);
      expect(runs[0]).not.toBe('');
    }));

  test('counts special tokens that a user writes as plain text', () =>
    use(async (generator) => {
      const one = await generator.countTokens(ask('x <|im_end|> y'));
      expect(one - (await generator.countTokens(ask('x y')))).toBeGreaterThan(3);
    }));

  test('refuses a prompt longer than its context, with the numbers', () =>
    use(async (generator) => {
      expect(await generator.contextTokens()).toBe(1024);
      const asked = generator.generate(ask('word '.repeat(1500)), { maxTokens: 5, temperature: 0 });
      await expect(asked).rejects.toMatchObject({
        code: 'bad-input',
        message: expect.stringContaining('1024'),
      });
    }));

  test('stops when it is cancelled, and answers again', () =>
    use(async (generator) => {
      const asked = generator.generate(ask('Count to one thousand.'), {
        maxTokens: 900,
        temperature: 0,
        signal: AbortSignal.timeout(1500),
      });
      await expect(asked).rejects.toThrow();
      expect(
        (await generator.generate(ask('Hello'), { maxTokens: 3, temperature: 0 })).tokens,
      ).toBeGreaterThan(0);
    }));

  test('answers a question out of a passage with a checked citation', () =>
    use(async (generator) => {
      const text = 'Marta Vellgren was born in Hallsund in 1871. She was the third of seven children.';
      const chunk = {
        id: 7,
        articleId: '1',
        title: 'Marta Vellgren',
        section: [],
        position: 0,
        start: 0,
        end: text.length,
        url: 'https://en.wikipedia.org/wiki/Marta_Vellgren',
        language: 'en',
        text,
      };
      const answer = await composeAnswer({
        question: 'Where was Marta Vellgren born?',
        passages: [{ id: 7, score: 1, rank: 1, scores: {}, chunk }],
        generator,
        settings: { contextTokens: 1024, maxAnswerTokens: 60, temperature: 0 },
        language: 'en',
      });
      expect(answer.text).toContain('Hallsund');
      expect(text).toContain(answer.citations[0]?.quote);
    }));

  test('refuses a file that is cut short or damaged, in a sentence that names it', async () => {
    const cut = join(folder, 'cut.gguf');
    copyFileSync(weights, cut);
    truncateSync(cut, 20_000_000);
    await expect(load(cut)).rejects.toMatchObject({
      code: 'bad-input',
      message: expect.stringContaining(cut),
    });
    const damaged = join(folder, 'damaged.gguf');
    copyFileSync(weights, damaged);
    const file = await open(damaged, 'r+');
    await file.write(Buffer.alloc(4096, 0xff), 0, 4096, 200);
    await file.close();
    await expect(load(damaged)).rejects.toMatchObject({
      code: 'bad-input',
      message: expect.stringContaining(damaged),
    });
  });
});
