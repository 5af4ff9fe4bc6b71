import { describe, expect, test } from 'vitest';
import { type ComposeRequest, composeAnswer, EXTRACTIVE, NOTHING_FOUND } from '../../core/answer/compose.ts';
import type { Generator } from '../../core/generate/generator.ts';
import { askedLength } from '../../core/question/asked-length.ts';
import type { Hit } from '../../core/types.ts';
import { hitOf } from '../fixtures/hits.ts';

const hit = (id: number, text: string) => hitOf(id, text);
const passages = [
  hit(1, 'Ada Brenn was a painter of murals. Her work hangs in Oslo.'),
  hit(2, 'Ada Brenn was born in Lund in 1901. She was the third of 7 children. She moved to Oslo in 1920.'),
];

const NO_PACE = { readTokens: 0, readMs: 0, writeMs: 0 };

/** A model that says a given text, word by word; it ends when it is told to. */
function saying(text: string, options: { speed?: number; fail?: Error; pieces?: string[] } = {}) {
  const prompts: string[] = [];
  let said = '';
  const generator: Generator = {
    name: 'script',
    contextTokens: async () => 4096,
    speed: async () => ({ prompt: options.speed ?? 1000, answer: 100 }),
    countTokens: async (messages) => messages.flatMap(({ content }) => content.split(/\s+/)).length,
    async generate(messages, { signal, onText }) {
      prompts.push(messages.map(({ content }) => content).join('\n'));
      said = '';
      for (const word of options.pieces ?? text.match(/\S+\s*/g) ?? []) {
        signal?.throwIfAborted();
        said += word;
        onText?.(word);
      }
      if (options.fail !== undefined) throw options.fail;
      return { text, promptTokens: 1, tokens: 1, reason: 'end', pace: NO_PACE };
    },
    close: async () => undefined,
  };
  return { generator, prompts, said: () => said };
}

/** Prompts that the last question was told to send. */
let told: string[] = [];

async function compose(
  question: string,
  generator?: Generator,
  list = passages,
  { signal, judge }: Pick<ComposeRequest, 'signal' | 'judge'> = {},
) {
  let streamed = '';
  told = [];
  const answer = await composeAnswer({
    question,
    searchedFor: askedLength(question).question,
    most: askedLength(question).sentences,
    passages: list,
    generator,
    settings: { contextTokens: 4096, maxAnswerTokens: 100, temperature: 0 },
    language: 'en',
    signal,
    judge,
    onPrompt: (messages) => told.push(messages.map(({ content }) => content).join('\n')),
    onText: (delta) => {
      streamed += delta;
    },
  });
  expect(streamed).toBe(answer.text);
  return answer;
}

const ASKED = 'Where was Ada Brenn born?';

describe('composeAnswer', () => {
  test('gives the checked sentences of the model with their citations', async () => {
    const answer = await compose(ASKED, saying('She was born in Lund in 1901 [2].').generator);
    expect(answer).toMatchObject({
      text: 'She was born in Lund in 1901. [1]',
      generator: 'script',
      abstained: false,
      warnings: [],
    });
    expect(answer.citations.map(({ number, chunkId }) => [number, chunkId])).toEqual([[1, 2]]);
  });

  test('reads a marker and a name that come in pieces', async () => {
    const sentence = 'Ada Brenn was born in Lund in 1901';
    const pieces = [`${sentence}.`, ' [', '2', ']', ' She', ' pa', 'inted', '.'];
    const answer = await compose(ASKED, saying(pieces.join(''), { pieces }).generator);
    expect(answer.citations.map(({ chunkId }) => chunkId)).toEqual([2]);
    expect(answer.text).toBe(`${sentence}. [1]`);
  });

  test('marks an unsupported sentence between supported ones, and drops rambling after them', async () => {
    const text =
      'She was born in Lund in 1901. It rained that day. She moved to Oslo in 1920. Rome is big. Cats purr.';
    const answer = await compose(ASKED, saying(text).generator);
    expect(answer.sentences.map(({ supported }) => supported)).toEqual([true, false, true]);
    expect(answer.text).toBe(
      'She was born in Lund in 1901. [1] It rained that day. [citation needed] She moved to Oslo in 1920. [1]',
    );
    expect(answer.warnings).toEqual([expect.stringContaining('left out')]);
  });

  test('stops a model once it has said as much as was asked for', async () => {
    const script = saying('She was born in Lund in 1901. She moved to Oslo in 1920. It rained that day.');
    const answer = await compose(`${ASKED} In one sentence, please.`, script.generator);
    expect(answer.text).toBe('She was born in Lund in 1901. [1]');
    expect(script.prompts[0]).toContain('In one sentence');
  });

  test('stops a model that repeats itself', async () => {
    const script = saying('She was born in Lund in 1901. '.repeat(50));
    expect((await compose(ASKED, script.generator)).text).toBe('She was born in Lund in 1901. [1]');
    expect(script.said().length).toBeLessThan(200);
  });

  test('quotes the passages where they support nothing that the model wrote, and says so', async () => {
    const answer = await compose(ASKED, saying('She was born in Rome in 1899 [1].').generator);
    expect(answer.generator).toBe(EXTRACTIVE);
    expect(answer.text).toBe('Ada Brenn was born in Lund in 1901. [1]');
    expect(answer.warnings).toEqual([expect.stringContaining('No passage supports')]);
  });

  test('quotes the passages where the model fails, and says why', async () => {
    const answer = await compose(ASKED, saying('', { fail: new Error('It broke.') }).generator);
    expect(answer.generator).toBe(EXTRACTIVE);
    expect(answer.citations).toHaveLength(1);
    expect(answer.warnings).toEqual([expect.stringContaining('It broke.')]);
  });

  test('keeps what was checked before the model failed', async () => {
    const script = saying('She was born in Lund in 1901 [2]. She', { fail: new Error('It broke.') });
    const answer = await compose(ASKED, script.generator);
    expect(answer.text).toBe('She was born in Lund in 1901. [1]');
    expect(answer.warnings).toEqual([expect.stringContaining('failed')]);
  });

  test('abstains without a citation where the model finds no answer, where nothing fits, and without passages', async () => {
    const nothing = { text: NOTHING_FOUND, abstained: true, citations: [], sentences: [] };
    expect(await compose(ASKED, saying('NO ANSWER').generator)).toMatchObject(nothing);
    expect(await compose('What is the speed of light?')).toMatchObject(nothing);
    expect(await compose(ASKED, undefined, [])).toMatchObject(nothing);
  });

  test('asks no model where nothing fits', async () => {
    const script = saying('She was born in Lund in 1901.');
    await compose('What is the speed of light?', script.generator);
    expect(script.prompts).toEqual([]);
  });

  test('tells the prompt that the model is given, and none where no model is asked', async () => {
    const script = saying('She was born in Lund in 1901 [2].');
    await compose(ASKED, script.generator);
    expect(told).toEqual(script.prompts);
    await compose(ASKED);
    expect(told).toEqual([]);
  });

  describe('of what the model writes in its own words', () => {
    const logits = (best: string) => async (_: string, texts: string[]) =>
      texts.map((text) => (text.endsWith(best) ? 5 : 3));
    const judged = passages.map((one) => ({ ...one, logit: 5 }));
    const answerBy = (best: string, draft: string) =>
      compose('Where did Ada Brenn live?', saying(draft).generator, judged, { judge: logits(best) });

    test('shows what rests on the sentence that would be quoted', async () => {
      const { text } = await answerBy('She moved to Oslo in 1920.', 'Ada Brenn moved to Oslo [2].');
      expect(text).toBe('Ada Brenn moved to Oslo. [1]');
    });

    test('quotes where it rests on another sentence', async () => {
      const answer = await answerBy('She moved to Oslo in 1920.', 'Ada Brenn was born in Lund [2].');
      expect(answer).toMatchObject({ generator: EXTRACTIVE, text: 'She moved to Oslo in 1920. [1]' });
    });

    test('goes on with other sentences only if it restates them', async () => {
      const first = 'Ada Brenn moved to Oslo in 1920 [2].';
      const near = await answerBy(
        'She moved to Oslo in 1920.',
        `${first} She was the third of seven children.`,
      );
      expect(near.text).toBe('Ada Brenn moved to Oslo in 1920. [1] She was the third of seven children. [1]');
      const far = await answerBy('She moved to Oslo in 1920.', `${first} Ada Brenn was born in Lund.`);
      expect(far.text).toBe('Ada Brenn moved to Oslo in 1920. [1]');
    });
  });

  test('gives a slow model only as many passages as it can read in time, but one at least', async () => {
    const script = saying('She was born in Lund in 1901.', { speed: 1 });
    await compose(ASKED, script.generator, [passages[1] as Hit, ...passages]);
    expect(script.prompts[0]).not.toContain('[2] Ada Brenn');
  });

  test('answers in quotes without a model', async () => {
    expect(await compose(ASKED)).toMatchObject({
      generator: EXTRACTIVE,
      text: 'Ada Brenn was born in Lund in 1901. [1]',
    });
  });

  test('throws the reason of a cancelled signal', async () => {
    const controller = new AbortController();
    const script = saying('She was born in Lund in 1901.');
    const asked = compose(
      ASKED,
      {
        ...script.generator,
        countTokens: async () => {
          controller.abort();
          return 1;
        },
      },
      passages,
      { signal: controller.signal },
    );
    await expect(asked).rejects.toThrow(/[Cc]ancel|abort/);
  });
});
