import { describe, expect, it } from 'vitest';
import { indexRows } from '../../console/index-rows.ts';

describe('What is said of an index', () => {
  it('is whether the recall that was wanted is missed, and which recipe rescores more finely', () => {
    expect(recallOf('IVF4096,PQ64', 0.98)).not.toContain('missed');
    expect(recallOf('IVF4096,PQ64', 0.968)).toContain(
      "0.98 was wanted and is missed: a build with --update and --recipe 'IVF4096,PQ64,Refine(SQfp16)' rescores more finely",
    );
  });

  it.each(['IVF4096,Flat', 'IVF4096,PQ64,Refine(SQfp16)'])(
    'names no finer recipe than %s, whose vectors have two bytes a dimension or more',
    (recipe) => {
      expect(recallOf(recipe, 0.968)).toMatch(/is missed$/);
    },
  );
});

/** The row about recall, of an index that should find .98. */
function recallOf(recipe: string, at10: number): string | undefined {
  const index = { recipe, metric: 'inner-product' as const, nlist: 4096, nprobe: 512, bytesPerVector: 72 };
  const rows = indexRows(index, { at1: 1, at10, queries: 1000, nprobe: 512, target: 0.98 });
  return rows.find(([label]) => label === 'recall')?.[1];
}
