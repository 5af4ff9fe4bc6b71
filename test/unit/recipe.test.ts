import { describe, expect, test } from 'vitest';
import {
  bytesPerVector,
  checkRecipe,
  chooseRecipe,
  firstNprobe,
  parseRecipe,
  printRecipe,
  samplePoints,
} from '../../core/index/recipe.ts';

describe('recipes', () => {
  test.each([
    'Flat',
    'IVF1,Flat',
    'IVF1024,Flat',
    'IVF4096,PQ64',
    'IVF65536_HNSW32,PQ64',
    'IVF4096_HNSW32,Flat',
    'IVF1024,PQ48,Refine(SQfp16)',
    'PCA64,IVF17802,Flat',
    'PCA96,IVF4096_HNSW32,PQ32',
  ])('%s prints as it was read', (text) => {
    expect(printRecipe(parseRecipe(text))).toBe(text);
  });

  test.each([
    '',
    'flat',
    'IVF,Flat',
    'IVF0,Flat',
    'IVF-4,Flat',
    'IVF1e3,Flat',
    'PQ8',
    'IVF16,PQ',
    'IVF16,PQ0',
    'IVF16,Flat,Refine(SQ8)',
    'IVF16,PQ8,Refine(SQ4)',
    'IVF16_HNSW,PQ8',
    'IVF16,Flat,x',
    'PCA0,IVF16,Flat',
    'PCA64IVF16,Flat',
    'PCA64,Flat',
    'PCAR64,IVF16,Flat',
    'IVF16,PCA64,Flat',
    ' Flat',
  ])('"%s" is refused with a hint', (text) => {
    expect(() => parseRecipe(text)).toThrow(
      expect.objectContaining({ code: 'usage', hint: expect.stringContaining('--recipe') }),
    );
  });

  const chosen = (chunks: number, memory?: number, dimensions = 384) =>
    printRecipe(chooseRecipe({ chunks, dimensions, memory }));

  test('small builds are exact, larger ones get four times the square root of their size in lists', () => {
    expect(chosen(1)).toBe('Flat');
    expect(chosen(50_000)).toBe('Flat');
    expect(chosen(50_001)).toBe('IVF1024,Flat');
    expect(chosen(1_000_000)).toBe('IVF4096_HNSW32,PQ64');
    expect(chosen(49_500_000)).toBe('IVF65536_HNSW32,PQ64');
  });

  test('less memory means shorter codes, and no recipe promises more than there is', () => {
    const gibibyte = 2 ** 30;
    expect(chosen(49_500_000, 4 * gibibyte)).toContain('PQ64');
    expect(chosen(49_500_000, 2.2 * gibibyte)).toContain('PQ32');
    expect(chosen(49_500_000, gibibyte / 100)).toContain('PQ12');
    expect(chosen(100_000, gibibyte / 100)).toContain('PQ');
  });

  test.each([
    ['Flat', 4 * 384, 0],
    ['IVF1024,Flat', 4 * 384 + 8, 4],
    ['IVF4096,PQ64', 64 + 8, 4 + 384],
    ['IVF4096,PQ64,Refine(SQfp16)', 64 + 8, 4 + 2 * 384],
    ['PCA64,IVF1024,Flat', 4 * 64 + 8, 4],
    ['PCA64,IVF1024,PQ16', 16 + 8, 4 + 384],
  ])('%s takes bytes for codes, ids, and what is rescored by', (text, searched, beside) => {
    expect(bytesPerVector(parseRecipe(text), 384)).toEqual({ searched, beside });
  });

  test('codes fit vectors of any length that can be cut', () => {
    expect(chosen(1_000_000, undefined, 768)).toContain('PQ128');
    expect(chosen(1_000_000, undefined, 1024)).toContain('PQ128');
    expect(chosen(1_000_000, undefined, 769)).toBe('IVF4096_HNSW32,Flat');
  });

  test('more lists than chunks are refused, and the hint names a number that works', () => {
    expect(() => checkRecipe({ type: 'ivf', nlist: 100 }, 99, 8)).toThrow(
      expect.objectContaining({ code: 'usage', hint: expect.stringContaining('IVF2,Flat') }),
    );
    expect(() => checkRecipe({ type: 'ivf', nlist: 100 }, 100, 8)).not.toThrow();
    expect(() => checkRecipe({ type: 'exact' }, 0, 8)).not.toThrow();
  });

  test('codes want a vector for each value of a byte, and parts of equal length', () => {
    const recipe = { type: 'ivf', nlist: 4, subspaces: 4 } as const;
    expect(() => checkRecipe(recipe, 255, 8)).toThrow(expect.objectContaining({ code: 'usage' }));
    expect(() => checkRecipe(recipe, 256, 8)).not.toThrow();
    expect(() => checkRecipe({ ...recipe, subspaces: 5 }, 256, 24)).toThrow(
      expect.objectContaining({ code: 'usage', hint: expect.stringMatching(/PQ[46]/) }),
    );
  });

  test('no more components are kept than there are dimensions and vectors, and codes cut what is kept', () => {
    const recipe = { type: 'ivf', nlist: 4, pca: 8 } as const;
    const refused = (hint: RegExp) =>
      expect.objectContaining({ code: 'usage', hint: expect.stringMatching(hint) });
    expect(() => checkRecipe(recipe, 8, 8)).not.toThrow();
    expect(() => checkRecipe(recipe, 7, 8)).toThrow(refused(/Flat/));
    expect(() => checkRecipe(recipe, 300, 7)).toThrow(refused(/PCA7/));
    expect(() => checkRecipe({ ...recipe, subspaces: 4 }, 300, 15)).not.toThrow();
    expect(() => checkRecipe({ ...recipe, subspaces: 5 }, 300, 15)).toThrow(refused(/PQ4/));
  });

  test('few lists leave enough vectors to find the components in', () => {
    expect(samplePoints({ type: 'ivf', nlist: 4, pca: 64 }, 1e6)).toBe(256 * 64);
    expect(samplePoints({ type: 'ivf', nlist: 498, pca: 64 }, 1e6)).toBe(256 * 498);
    expect(samplePoints({ type: 'ivf', nlist: 4, pca: 64 }, 1000)).toBe(1000);
  });

  test('the first nprobe never exceeds the lists there are', () => {
    expect(firstNprobe({ type: 'exact' })).toBe(1);
    expect(firstNprobe({ type: 'ivf', nlist: 4 })).toBe(4);
    expect(firstNprobe({ type: 'ivf', nlist: 1024 })).toBe(32);
  });
});
