import { describe, expect, test } from 'vitest';
import { checkRecipe, chooseRecipe, firstNprobe, parseRecipe, printRecipe } from '../../core/index/recipe.ts';

describe('recipes', () => {
  test.each(['Flat', 'IVF1,Flat', 'IVF1024,Flat'])('%s prints as it was read', (text) => {
    expect(printRecipe(parseRecipe(text))).toBe(text);
  });

  test.each([
    '',
    'flat',
    'IVF,Flat',
    'IVF0,Flat',
    'IVF-4,Flat',
    'IVF1e3,Flat',
    'IVF16,PQ8',
    'IVF16,Flat,x',
    ' Flat',
  ])('"%s" is refused with a hint', (text) => {
    expect(() => parseRecipe(text)).toThrow(
      expect.objectContaining({ code: 'usage', hint: expect.stringContaining('--recipe') }),
    );
  });

  test('small builds are exact and larger ones get four times the square root of their size in lists', () => {
    expect(printRecipe(chooseRecipe(1))).toBe('Flat');
    expect(printRecipe(chooseRecipe(50_000))).toBe('Flat');
    expect(printRecipe(chooseRecipe(50_001))).toBe('IVF1024,Flat');
    expect(printRecipe(chooseRecipe(1_000_000))).toBe('IVF4096,Flat');
    expect(printRecipe(chooseRecipe(49_500_000))).toBe('IVF32768,Flat');
  });

  test('more lists than chunks are refused, and the hint names a number that works', () => {
    expect(() => checkRecipe({ type: 'ivf', nlist: 100 }, 99)).toThrow(
      expect.objectContaining({ code: 'usage', hint: expect.stringContaining('IVF2,Flat') }),
    );
    expect(() => checkRecipe({ type: 'ivf', nlist: 100 }, 100)).not.toThrow();
    expect(() => checkRecipe({ type: 'exact' }, 0)).not.toThrow();
  });

  test('the first nprobe never exceeds the lists there are', () => {
    expect(firstNprobe({ type: 'exact' })).toBe(1);
    expect(firstNprobe({ type: 'ivf', nlist: 4 })).toBe(4);
    expect(firstNprobe({ type: 'ivf', nlist: 1024 })).toBe(32);
  });
});
