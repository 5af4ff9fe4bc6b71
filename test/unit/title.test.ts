import { describe, expect, it } from 'vitest';
import { stopWords } from '../../core/store/stop-words.ts';
import { byWords, plainTitle, titleRuns } from '../../core/store/title.ts';
import { MAX_WORDS } from '../../core/store/words/terms.ts';
import type { Chunk } from '../../core/types.ts';

const english = stopWords(['en']);
const none = new Set<string>();

describe('the titles in a question', () => {
  it('are runs of its words, the longest first, no single stop word among them', () => {
    expect(titleRuns('Who is The Who?', 'porter', english)).toEqual([
      'who is the who',
      'who is the',
      'is the who',
      'who is',
      'is the',
      'the who',
    ]);
    expect(titleRuns('Lincoln’s beard', 'porter', english)).toContain('lincoln');
  });

  it('are compared without what tells namesakes apart', () => {
    expect(plainTitle('Force (novel)', 'porter')).toBe('force');
    expect(plainTitle('Computational complexity theory', 'porter')).toBe('computational complexity theory');
  });

  it('are dictionary segments where words have no spaces', () => {
    const [first = ''] = titleRuns('東京はどこですか', 'segmenter', none).slice(-4);
    expect(first).not.toBe('');
    expect(titleRuns('東京はどこですか', 'segmenter', none)).toContain(plainTitle('東京', 'segmenter'));
  });

  it('of an endless question are bounded', () => {
    const many = Array.from({ length: 5_000 }, (_, index) => `w${index}`).join(' ');
    expect(titleRuns(many, 'porter', english).length).toBeLessThan(6 * MAX_WORDS);
  });
});

describe('the rows of a named article', () => {
  const rows = [
    'The Rhine is a river.',
    'The Rhine rises in the Alps.',
    'Barges on the Rhine carry coal.',
  ].map((text, id) => ({ id, section: [], text }) as unknown as Chunk);

  it('stand by the words that tell them apart', () => {
    const found = byWords(rows, ['rhine', 'barge'], 'porter');
    expect(found.map(({ id }) => id)).toEqual([2, 0, 1]);
    expect(found[1]?.score).toBeCloseTo(Math.log(2));
  });

  it('keep their order where no word does', () => {
    expect(byWords(rows, ['rhine'], 'porter').map(({ id }) => id)).toEqual([0, 1, 2]);
  });
});
