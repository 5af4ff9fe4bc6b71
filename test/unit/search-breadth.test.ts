/** How broad a search has to be: which lists and candidates are tried, by what each finds. */
import { describe, expect, it } from 'vitest';
import { affordableLists, tune } from '../../core/index/verify.ts';

const QUERIES = 1_000;
const NLIST = 4_096;
const truth = {
  queries: Float32Array.from({ length: QUERIES }, (_, query) => query),
  dimensions: 1,
  nearest: Array.from({ length: QUERIES }, () =>
    Array.from({ length: 10 }, (_, row) => ({ row, score: 1 - row / 100 })),
  ),
};

/** An index that finds this share of the nearest ten. */
function finding(share: (nprobe: number, candidates: number) => number) {
  const asked: string[] = [];
  return {
    asked,
    size: async () => QUERIES,
    async search(query: Float32Array, { nprobe = 0, candidates = 0 }) {
      if (query[0] === 0) asked.push(`${nprobe}, ${candidates}`);
      const found = 10 * share(nprobe, candidates);
      const whole = Math.floor(found) + ((query[0] ?? 0) / QUERIES < found % 1 ? 1 : 0);
      return [Array.from({ length: whole }, (_, id) => ({ id, score: 1 }))];
    },
    close: async () => undefined,
  };
}

describe('the breadth of a search', () => {
  it('grows by lists, where those are what is missing, however slowly they help', async () => {
    const searcher = finding((nprobe) => 0.962 + 0.003 * Math.log2(nprobe / 8));
    const { chosen } = await tune({ searcher, truth, nlist: NLIST, rescored: true });
    expect(chosen).toMatchObject({ nprobe: 512, candidates: 200 });
  });

  it('grows by candidates, where lists add nothing', async () => {
    const searcher = finding((nprobe, candidates) => Math.min(nprobe >= 64 ? 1 : 0.9, 1 - 8 / candidates));
    const { chosen } = await tune({ searcher, truth, nlist: NLIST, rescored: true });
    expect(chosen).toMatchObject({ nprobe: 64, candidates: 400 });
  });

  it('is the least that finds as much as any where the target is out of reach, and no broader one is tried for nothing', async () => {
    const searcher = finding((nprobe) => Math.min(0.9, 0.5 + nprobe / 100));
    const { chosen, presets } = await tune({ searcher, truth, nlist: NLIST, rescored: true });
    expect(chosen).toMatchObject({ nprobe: 64, candidates: 200, at10: 0.9 });
    expect(presets.at(-1)).toMatchObject({ nprobe: 512 });
    expect(new Set(searcher.asked).size).toBe(searcher.asked.length);
    expect(presets).toHaveLength(searcher.asked.length);
  });

  it('has as many lists as cost little also where the target is out of reach', async () => {
    const searcher = finding(() => 0.9);
    const { chosen } = await tune({ searcher, truth, nlist: NLIST, rescored: true, leastLists: 100 });
    expect(chosen).toMatchObject({ nprobe: 128, candidates: 200 });
  });

  it('is all lists where each more finds a little more and none enough', async () => {
    const searcher = finding((nprobe) => 0.9 + 0.004 * Math.log2(nprobe / 8));
    const { chosen } = await tune({ searcher, truth, nlist: NLIST, rescored: true });
    expect(chosen).toMatchObject({ nprobe: NLIST, candidates: 200 });
  });

  it('stops at the first that reaches the target', async () => {
    const searcher = finding((nprobe) => (nprobe >= 32 ? 0.99 : 0.5 + nprobe / 100));
    const { chosen, presets } = await tune({ searcher, truth, nlist: NLIST });
    expect(chosen.nprobe).toBe(32);
    expect(presets.map(({ nprobe }) => nprobe)).toEqual([8, 16, 32]);
  });

  it('goes on to the lists that cost little, with the same candidates, and says what each finds', async () => {
    const searcher = finding((nprobe) => (nprobe >= 32 ? 0.99 : 0.5 + nprobe / 100));
    const { chosen, presets } = await tune({
      searcher,
      truth,
      nlist: NLIST,
      rescored: true,
      leastLists: 100,
    });
    expect(chosen).toMatchObject({ nprobe: 128, candidates: 200 });
    expect(presets.map(({ nprobe }) => nprobe)).toEqual([8, 16, 32, 64, 128]);
  });

  it.each([
    { of: '40,000 codes of 72 bytes', nlist: 1_024, mapped: 40_000 * 72, lists: 1_024 },
    { of: '229,352 codes of 72 bytes', nlist: 2_048, mapped: 229_352 * 72, lists: 993 },
    { of: '49.5 million codes of 72 bytes', nlist: 65_536, mapped: 49_500_000 * 72, lists: 148 },
    { of: '100,000 vectors of 1,544 bytes', nlist: 1_024, mapped: 100_000 * 1_544, lists: 54 },
  ])('$lists of $nlist lists cost little to visit in $of', ({ nlist, mapped, lists }) => {
    expect(affordableLists({ nlist, memory: { mapped, kept: 0 } })).toBe(lists);
  });
});
