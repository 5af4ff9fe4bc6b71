/**
 * How certain a mean is, and whether two differ. Knows numbers and clusters; nothing about what was measured.
 *
 * Questions about one article are alike, so whole clusters are drawn, not questions (cluster bootstrap: Davison,
 * Hinkley 1997, 3.8): with seven articles, the interval shows how much seven articles can tell about others.
 */

/** Uniform numbers in [0, 1). */
export type Random = () => number;
export type Interval = [low: number, high: number];

const RESAMPLES = 2_000;
/** Up to this many sign changes are all tried; of more, this many are drawn at random. */
const MOST_FLIPS = 4_096;
const LEVEL = 0.95;

/**
 * Percentile interval of the mean of `values`, resampled by cluster, or by value if all are in one cluster.
 * @param clusters one for each value
 */
export function meanInterval(values: number[], clusters: string[], random: Random): Interval {
  const groups = grouped(values, clusters);
  const means = Array.from({ length: RESAMPLES }, () => {
    let sum = 0;
    let count = 0;
    for (let drawn = 0; drawn < groups.length; drawn++) {
      const group = groups[Math.floor(random() * groups.length)] as Group;
      sum += group.sum;
      count += group.count;
    }
    return sum / count;
  }).sort((a, b) => a - b);
  const tail = (1 - LEVEL) / 2;
  return [quantile(means, tail), quantile(means, 1 - tail)];
}

export interface PairedTest {
  /** Mean of the second minus mean of the first. */
  difference: number;
  ci95: Interval;
  /** Two-sided, by changing the signs of whole clusters' differences; at least 2 to the power of 1 - clusters. */
  p: number;
}

/** Compares two methods over the same questions. */
export function pairedTest(
  first: number[],
  second: number[],
  clusters: string[],
  random: Random,
): PairedTest {
  const differences = second.map((value, index) => value - (first[index] as number));
  const groups = grouped(differences, clusters);
  const total = groups.reduce((sum, group) => sum + group.sum, 0);
  return {
    difference: total / Math.max(1, differences.length),
    ci95: meanInterval(differences, clusters, random),
    p: signChanges(
      groups.map(({ sum }) => sum).filter((sum) => sum !== 0),
      random,
    ),
  };
}

/** Share of sign changes whose sum is at least as far from 0 as the observed one. */
function signChanges(sums: number[], random: Random): number {
  if (sums.length === 0) return 1;
  const seen = Math.abs(sums.reduce((a, b) => a + b, 0)) - 1e-9;
  const all = 2 ** sums.length;
  const isExact = all <= MOST_FLIPS;
  const tries = isExact ? all : MOST_FLIPS;
  let asFar = 0;
  for (let flips = 0; flips < tries; flips++) {
    let sum = 0;
    for (let index = 0; index < sums.length; index++)
      sum += (isExact ? (flips >> index) & 1 : random() < 0.5)
        ? (sums[index] as number)
        : -(sums[index] as number);
    if (Math.abs(sum) >= seen) asFar += 1;
  }
  return isExact ? asFar / all : (asFar + 1) / (tries + 1);
}

interface Group {
  sum: number;
  count: number;
}

function grouped(values: number[], clusters: string[]): Group[] {
  const byCluster = new Map<string, Group>();
  values.forEach((value, index) => {
    const cluster = clusters[index] as string;
    const group = byCluster.get(cluster) ?? { sum: 0, count: 0 };
    byCluster.set(cluster, { sum: group.sum + value, count: group.count + 1 });
  });
  return byCluster.size > 1 ? [...byCluster.values()] : values.map((sum) => ({ sum, count: 1 }));
}

/** The `share` quantile of sorted values (nearest rank). */
export function quantile(sorted: number[], share: number): number {
  const index = Math.min(sorted.length - 1, Math.max(0, Math.ceil(share * sorted.length) - 1));
  return sorted[index] ?? 0;
}

export function mean(values: number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
}
