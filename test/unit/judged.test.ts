import { describe, expect, test } from 'vitest';
import { composeAnswer, EXTRACTIVE } from '../../core/answer/compose.ts';
import type { Judge } from '../../core/answer/judged.ts';
import { CoreError } from '../../core/errors.ts';
import type { Hit } from '../../core/types.ts';
import { hitOf } from '../fixtures/hits.ts';

const hit = (id: number, text: string, logit?: number) => hitOf(id, text, { section: ['Life'], logit });
const passages = (logit?: number) => [
  hit(1, 'Ada Brenn painted murals. Her cradle stood beside the harbour of Lund.', logit),
  hit(2, 'She moved to Oslo in 1920. Her work hangs in several museums there.', logit && logit - 3),
];
const SENTENCE = 'Her cradle stood beside the harbour of Lund.';

/** Finds the sentence with the word, and notes what it was asked to read. */
const finds = (word: string, read: string[] = []): Judge => {
  return async (_, texts) => {
    read.push(...texts);
    return texts.map((text) => (text.includes(word) ? 6 : -4));
  };
};
const compose = (list: Hit[], judge?: Judge) =>
  composeAnswer({
    question: 'Where did Brenn come into the world?',
    searchedFor: 'Where did Brenn come into the world?',
    most: 3,
    passages: list,
    judge,
    settings: { contextTokens: 4096, maxAnswerTokens: 100, temperature: 0 },
    language: 'en',
  });

describe('an answer by a cross-encoder', () => {
  test('quotes the sentence that it finds best, though it shares no word with the question', async () => {
    const read: string[] = [];
    const answer = await compose(passages(5), finds('cradle', read));
    expect(answer).toMatchObject({ text: `${SENTENCE} [1]`, generator: EXTRACTIVE, abstained: false });
    expect(answer.citations[0]?.quote).toBe(SENTENCE);
    expect(read[1]).toBe(`Ada Brenn › Life\n${SENTENCE}`);
  });

  test('reads a sentence after the one before it too, which tells what "it" is', async () => {
    const logits = [
      ['Brenn painted a mural for Lund. It shows the harbour.', 8],
      ['It shows the harbour.', 2],
      ['Lund has a harbour.', 4],
    ] as const;
    const judge: Judge = async (_, texts) =>
      texts.map((text) => logits.find(([end]) => text.endsWith(`\n${end}`))?.[1] ?? -4);
    const list = [hit(1, 'Brenn painted a mural for Lund. It shows the harbour.', 5)];
    const others = [hit(2, 'Lund has a harbour.', 4)];
    const answer = await compose([...list, ...others], judge);
    expect(answer.text).toBe('It shows the harbour. [1]');
  });

  test('reads the sentences first that share most words with the question, since its time may run out', async () => {
    const list = [
      hit(1, 'Ada Brenn painted murals. Many liked them. Brenn came into the world beside the harbour.', 5),
    ];
    const inTime: Judge = async (_, texts) => texts.slice(0, 2).map(() => 6);
    const answer = await compose(list, inTime);
    expect(answer.text).toBe('Brenn came into the world beside the harbour. [1]');
  });

  test('weighs no sentence that it had no time to read both alone and after the one before it', async () => {
    const inTime: Judge = async (_, texts) =>
      texts.slice(0, 2).map((text) => (text.includes('cradle') ? 9 : 6));
    const answer = await compose(passages(5), inTime);
    expect(answer.text).toBe('Ada Brenn painted murals. [1]');
  });

  test('is none where no passage was found to tell what was asked, whatever its sentences are like', async () => {
    const read: string[] = [];
    expect(await compose(passages(-2), finds('cradle', read))).toMatchObject({
      abstained: true,
      citations: [],
    });
    expect(read).toEqual([]);
  });

  test('goes by shared words where the passages were not read by it', async () => {
    expect(await compose(passages(), finds('cradle'))).toMatchObject({ abstained: true });
  });

  test('goes by shared words where it fails', async () => {
    const failing: Judge = async () => {
      throw new CoreError('worker-crashed', 'It ended.');
    };
    expect(await compose(passages(5), failing)).toMatchObject({ abstained: true });
  });

  test('does not go on after a sentence with a row of a table', async () => {
    const list = [hit(1, `${SENTENCE}\nBirth place: Lund, by the harbour`, 5)];
    const judge: Judge = async (_, texts) => texts.map(() => 6);
    expect((await compose(list, judge)).text).toBe(`${SENTENCE} [1]`);
  });

  test('leaves out a second sentence that comes nowhere near the best', async () => {
    const judge: Judge = async (_, texts) =>
      texts.map((text) => (text.includes('cradle') ? 6 : text.includes('Oslo') ? 5.5 : 1));
    const answer = await compose(passages(5), judge);
    expect(answer.text).toBe(`${SENTENCE} [1] She moved to Oslo in 1920. [2]`);
  });
});
