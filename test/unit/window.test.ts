import { describe, expect, it } from 'vitest';
import { scorePairs } from '../../core/rerank/score-pairs.ts';
import { bestWindow } from '../../core/rerank/window.ts';

/** A tokenizer whose tokens are words, kept so that a window can be read back. */
function wordTokens() {
  const words: string[] = [];
  return {
    tokenize: (text: string) => (text.match(/\S+/g) ?? []).map((word) => words.push(word) - 1),
    read: (ids: number[]) => ids.map((id) => words[id]).join(' '),
  };
}

const RIVER =
  'Rhine › Course\nThe Rhine is a river. It rises in the Alps of Switzerland. Castles stand on its banks. It ends in the North Sea near Rotterdam.';

describe('what a cross-encoder reads of a passage', () => {
  const window = (question: string, room: number, passage = RIVER) => {
    const { tokenize, read } = wordTokens();
    return read(bestWindow(question, passage, room, tokenize));
  };

  it('is all of it where there is room', () => {
    expect(window('Where does it end?', 50)).toBe(RIVER.replace('\n', ' '));
  });

  it('is its place in the article and the sentences that share most with the question', () => {
    expect(window('Which river rises in Switzerland?', 12)).toBe(
      'Rhine › Course It rises in the Alps of Switzerland.',
    );
    expect(window('In which sea near Rotterdam does it end?', 13)).toBe(
      'Rhine › Course It ends in the North Sea near Rotterdam.',
    );
  });

  it('never has more tokens than there is room, however long the title or a sentence', () => {
    const long = `${'Title '.repeat(40)}\n${'word '.repeat(200)}.`;
    expect(window('word', 30, long).split(' ')).toHaveLength(30);
    expect(window('nothing', 30, long).split(' ')).toHaveLength(30);
  });

  it('is something for a passage without a first line, and nothing for none', () => {
    expect(window('river', 30, 'A river.')).toBe('A river.');
    expect(window('river', 30, '')).toBe('');
  });
});

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
