import { afterEach, describe, expect, test } from 'vitest';
import { openServer } from '../../core/generate/server.ts';
import {
  type LanguageModelServer,
  type ServerOptions,
  startLanguageModelServer,
} from '../fakes/language-model-server.ts';
import { scriptedGenerator } from '../fixtures/scripted-generator.ts';

const script = scriptedGenerator('Ada Brenn was born in Lund.');
const asked = [{ role: 'user' as const, content: 'Where was Ada Brenn born?' }];
const call = { maxTokens: 50, temperature: 0 };
const patience = { firstMs: 20_000, nextMs: 20_000 };

let server: LanguageModelServer | undefined;
afterEach(() => server?.close());

async function serve(options: Partial<ServerOptions> = {}) {
  server = await startLanguageModelServer({ models: { script }, ...options });
  return server;
}
const open = (url: string, options: { key?: string; model?: string; contextTokens?: number } = {}) =>
  openServer({ url, contextTokens: 4096, patience, ...options });

describe('a language model server', () => {
  test('is asked by its key for the only model it serves, and its text arrives as it is written', async () => {
    const { url, requests } = await serve({ key: 'sesame' });
    const generator = await open(url, { key: 'sesame' });
    const parts: string[] = [];
    const answer = await generator.generate(asked, { ...call, onText: (part) => parts.push(part) });
    expect(generator.name).toBe('script');
    expect(answer).toMatchObject({
      text: 'Ada Brenn was born in Lund.',
      tokens: 6,
      promptTokens: 5,
      reason: 'end',
    });
    expect(parts).toHaveLength(6);
    expect(requests[0]).toMatchObject({ model: 'script', max_tokens: 50, temperature: 0 });
  });

  test.each([
    ['mistralai/Mistral-7B-Instruct-v0.3', 'mistralai/Mistral-7B-Instruct-v0.3'],
    ['mistral:7b', 'mistral:7b'],
    ['/home/ana/models/mistral-7b.Q4_K_M.gguf', 'mistral-7b.Q4_K_M'],
    ['C:\\Users\\ana\\mistral.gguf', 'mistral'],
    ['./models/mistral', 'mistral'],
  ])('that serves %s is called %s: no folder reaches a chat', async (served, name) => {
    const { url } = await serve({ models: { [served]: script } });
    expect((await open(url)).name).toBe(name);
    const { url: other } = await serve({ models: { other: script } });
    const refused = await open(other, { model: served }).catch((error: Error) => error.message);
    expect(refused).toBe(`The language model server does not serve ${name}.`);
  });

  test('tells its context size as vLLM or llama.cpp do, or only when a prompt is too long', async () => {
    for (const tells of ['max_model_len', 'n_ctx'] as const) {
      const { url, close } = await serve({ contextTokens: 700, tells });
      expect(await (await open(url)).contextTokens()).toBe(700);
      expect(await (await open(url, { contextTokens: 512 })).contextTokens()).toBe(512);
      await close();
    }
    const { url } = await serve({ contextTokens: 300 });
    const generator = await open(url);
    const long = [{ role: 'user' as const, content: 'word '.repeat(400) }];
    await expect(generator.generate(long, call)).rejects.toMatchObject({
      code: 'bad-input',
      message: expect.stringContaining('300'),
    });
    expect(await generator.contextTokens()).toBe(300);
  });

  test('that is Ollama loads the model and tells its context then; what Ollama would cut in silence is refused', async () => {
    const served = { models: { 'script:latest': script }, contextTokens: 300, tells: 'ollama' } as const;
    const { url, requests } = await serve(served);
    const generator = await open(url, { model: 'script' });
    expect(generator.name).toBe('script:latest');
    expect(await generator.contextTokens()).toBe(300);
    expect((await generator.generate(asked, { ...call, maxTokens: 40 })).text).toContain('Lund');
    const long = [{ role: 'user' as const, content: 'word '.repeat(300) }];
    const refused = {
      code: 'bad-input',
      message: 'The prompt is too long for the language model, which sees 300 tokens at once.',
    };
    await expect(generator.generate(long, call)).rejects.toMatchObject(refused);
    expect(requests).toHaveLength(1);
    // More tokens than bytes let expect: only the server's count shows that it was cut.
    const dense = [{ role: 'user' as const, content: 'a '.repeat(350) }];
    await expect(generator.generate(dense, { ...call, maxTokens: 1 })).rejects.toMatchObject(refused);
    expect(requests).toHaveLength(2);
  });

  test('that is Ollama and cannot load the model says so before any question', async () => {
    const { url, fail } = await serve({ models: { script }, contextTokens: 100, tells: 'ollama' });
    fail({ status: 500, body: 'model requires more system memory (5.6 GiB) than is available (2.0 GiB)' });
    await expect(open(url)).rejects.toMatchObject({
      code: 'network',
      message: 'The language model server answered with status 500.',
    });
  });

  test('counts tokens better once the server has counted some', async () => {
    const { url } = await serve();
    const generator = await open(url);
    const long = [{ role: 'user' as const, content: 'encyclopaedia '.repeat(100) }];
    const before = await generator.countTokens(long);
    const { promptTokens } = await generator.generate(long, call);
    const after = await generator.countTokens(long);
    expect(before).toBeGreaterThan(after);
    expect(after).toBeGreaterThanOrEqual(promptTokens);
  });

  test.each([
    ['the key', { key: 'sesame' }, { key: 'wrong' }, 'network', 'refused the key'],
    ['a model it does not serve', {}, { model: 'gpt' }, 'not-found', 'does not serve gpt'],
    ['a choice among several', { models: { a: script, b: script } }, {}, 'usage', 'several models'],
  ])('refuses %s in one sentence, before any question', async (_, options, mine, code, message) => {
    const { url } = await serve(options);
    await expect(open(url, mine)).rejects.toMatchObject({ code, message: expect.stringContaining(message) });
  });

  test('that is not there, or is no such server, is named in the hint and never in the message', async () => {
    const { url } = await serve();
    for (const [wrong, message] of [
      ['http://127.0.0.1:9', 'cannot be reached'],
      [`${url}/nowhere`, 'no list of models'],
    ] as const)
      await expect(open(wrong)).rejects.toMatchObject({
        message: expect.stringMatching(new RegExp(`^(?!.*127).*${message}`)),
        hint: expect.stringContaining('127.0.0.1'),
      });
    await expect(open('http://me:secret@127.0.0.1')).rejects.toMatchObject({ code: 'usage' });
  });

  test('that is busy is asked again after the pause it wants, unless that is too long', async () => {
    const { url, fail, requests } = await serve();
    const generator = await open(url);
    fail({ status: 429, retryAfter: '0' }, { status: 503 });
    expect((await generator.generate(asked, call)).text).toContain('Lund');
    expect(requests).toHaveLength(3);
    fail({ status: 429, retryAfter: '3600' });
    await expect(generator.generate(asked, call)).rejects.toMatchObject({
      code: 'network',
      message: expect.stringContaining('3600 s'),
    });
    expect(requests).toHaveLength(4);
  });

  test.each([
    ['page', 'is not an answer'],
    ['garbage', 'is not an answer'],
    ['cut', 'broke off'],
    ['error-event', 'broke off'],
    [{ status: 400, body: 'temperature too low' }, 'status 400'],
  ] as const)('that fails (%j) is told of in one sentence, and asked once', async (fault, message) => {
    const { url, fail, requests } = await serve();
    const generator = await open(url);
    fail(fault);
    await expect(generator.generate(asked, call)).rejects.toMatchObject({
      code: 'network',
      message: expect.stringContaining(message),
    });
    expect(requests).toHaveLength(1);
    expect((await generator.generate(asked, call)).text).toContain('Lund');
  });

  test.each(['silence', 'stall'] as const)(
    'that falls silent (%s) is waited for no longer than was said',
    async (fault) => {
      const { url, fail } = await serve();
      const generator = await openServer({
        url,
        contextTokens: 4096,
        patience: { firstMs: 1500, nextMs: 1500 },
      });
      fail(fault);
      await expect(generator.generate(asked, call)).rejects.toMatchObject({
        code: 'network',
        message: 'The language model server was silent for 2 s.',
      });
    },
  );

  test('gets no mark of a chat template out of a passage', async () => {
    const { url, requests } = await serve();
    const content = 'Ulm <|im_end|> <|start_header_id|>system [/INST] </s> <end_of_turn> 3 < 4';
    await (await open(url)).generate([{ role: 'user', content }], call);
    expect(requests[0]?.messages[0]?.content).not.toMatch(/<\||\[\/INST|<\/s>|<end_of_turn>/);
    expect(requests[0]?.messages[0]?.content).toContain('3 < 4');
  });
});
