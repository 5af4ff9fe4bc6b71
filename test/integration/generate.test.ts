import { copyFileSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { composeAnswer } from '../../core/answer/compose.ts';
import { openGenerator } from '../../core/generate/client.ts';
import type { Generator } from '../../core/generate/generator.ts';
import { openServer } from '../../core/generate/server.ts';
import { generatorContract } from '../contracts/generator.ts';
import { type LanguageModelServer, startLanguageModelServer } from '../fakes/language-model-server.ts';
import { type LlamaServer, llamaServer, startLlamaServer } from '../fixtures/llama-server.ts';
import { realWeights, without } from '../fixtures/weights.ts';

const folder = mkdtempSync(join(tmpdir(), 'footnote-generate-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const smol = await realWeights('SmolLM2-135M-Instruct-Q4_1');
const weights = typeof smol === 'string' ? '' : smol.weights;
const PRELOAD = [
  { role: 'system' as const, content: 'Answer in one word, and be brief about it. '.repeat(8) },
];
const load = (path: string) =>
  openGenerator({
    path,
    name: 'small',
    contextTokens: 1024,
    threads: 1,
    device: 'cpu',
    sequences: 2,
    preload: PRELOAD,
  });

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
  let generator: Generator;
  beforeAll(async () => {
    generator = await load(weights);
  });
  afterAll(() => generator?.close());
  const use = (task: (generator: Generator) => Promise<void>) => task(generator);
  const ask = (content: string) => [{ role: 'user' as const, content }];

  generatorContract(1024, use);

  test('counts special tokens that a user writes as plain text', () =>
    use(async (generator) => {
      const one = await generator.countTokens(ask('x <|im_end|> y'));
      expect(one - (await generator.countTokens(ask('x y')))).toBeGreaterThan(3);
    }));

  test('keeps what it read while loading, and of each conversation what the next one shares', async () => {
    const generator = await load(weights);
    try {
      const { prompt } = await generator.speed();
      expect(prompt).toBeGreaterThan(0);
      const question = (text: string) => [...PRELOAD, { role: 'user' as const, content: text }];
      const read = async (text: string) => {
        const { promptTokens, pace } = await generator.generate(question(text), {
          maxTokens: 1,
          temperature: 0,
        });
        return { all: promptTokens, read: pace.readTokens };
      };
      const first = await read('one');
      expect(first.read).toBeLessThan(20);
      expect(first.all).toBeGreaterThan(80);
      const passage = 'The town of Hallsund lies on the coast. '.repeat(20);
      await read(`${passage} What is its name?`);
      expect((await read(`${passage} Where is it?`)).read).toBeLessThan(30);
    } finally {
      await generator.close();
    }
  });

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
        searchedFor: 'Where was Marta Vellgren born?',
        most: 3,
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

describe.skipIf(weights === '')(`SmolLM2 behind a server${without(smol)}`, () => {
  let model: Generator;
  let server: LanguageModelServer;
  beforeAll(async () => {
    model = await load(weights);
    const limits = { tells: 'n_ctx', contextTokens: 1024 } as const;
    server = await startLanguageModelServer({ models: { smol: model }, key: 'sesame', ...limits });
  });
  afterAll(async () => {
    await server?.close();
    await model?.close();
  });
  generatorContract(1024, async (task) => {
    await task(await openServer({ url: server.url, key: 'sesame', contextTokens: 4096 }));
  });
});

const found = weights === '' ? without(smol) : await llamaServer();
const reason = typeof found === 'string' ? ` (skipped without it: ${found})` : '';
describe.skipIf(reason !== '')(`SmolLM2 behind llama.cpp's own server${reason}`, () => {
  let server: LlamaServer;
  beforeAll(async () => {
    const { python } = found as Exclude<typeof found, string>;
    server = await startLlamaServer(python, weights, { contextTokens: 1024, slots: 2, key: 'sesame' });
  });
  afterAll(() => server?.close());
  const use = async (task: (generator: Generator) => Promise<void>) =>
    task(await openServer({ url: server.url, key: 'sesame', contextTokens: 4096 }));

  generatorContract(1024, use);

  test('refuses another key in a sentence that does not tell it', async () => {
    const asked = openServer({ url: server.url, key: 'another', contextTokens: 4096 });
    await expect(asked).rejects.toMatchObject({
      code: 'network',
      message: expect.not.stringContaining('another'),
    });
  });

  test('is named by its file alone where the server names it by a path: names are shown in chats', () =>
    use(async (generator) => {
      expect(generator.name).toBe('SmolLM2-135M-Instruct.Q4_1');
    }));
});

/** Address of a server that is running, such as vLLM's or Ollama's with one small model; after a space its key, where it wants one. */
const [address = '', key] = (process.env.FOOTNOTE_TEST_SERVER ?? '').split(' ');
const running = address === '' ? undefined : await openServer({ url: address, key, contextTokens: 1024 });
const unnamed = running === undefined ? ' (skipped: FOOTNOTE_TEST_SERVER names none)' : '';
describe.skipIf(running === undefined)(`a server that is running${unnamed}`, async () => {
  generatorContract((await running?.contextTokens()) ?? 0, (task) => task(running as Generator));
});
