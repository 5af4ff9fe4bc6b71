/**
 * How long answers take here, measured on the last ones: time to the first text, pieces of text per second, length.
 * Pure. Knows durations; nothing about questions.
 */

interface Measured {
  /** From the start of the search to the first text, in seconds. */
  toFirst: number;
  /** Pieces of text per second, as the core emits them; 0 if an answer came in one piece. */
  perSecond: number;
  /** Pieces in an answer. */
  pieces: number;
}

export interface Pace {
  observe(answer: { firstMs: number; totalMs: number; pieces: number }): void;
  /**
   * Seconds until each of the next `count` questions begins, with `slots` questions worked on at once; undefined before
   * the first measurement.
   */
  waits(count: number, running: { sinceMs: number; pieces: number }[], slots: number): number[] | undefined;
}

/** Weight of the newest answer. */
const NEWEST = 0.3;

export function openPace(): Pace {
  let known: Measured | undefined;

  const whole = ({ toFirst, perSecond, pieces }: Measured) =>
    toFirst + (perSecond > 0 ? pieces / perSecond : 0);
  const left = (measured: Measured, { sinceMs, pieces }: { sinceMs: number; pieces: number }) => {
    const { toFirst, perSecond, pieces: usual } = measured;
    if (pieces === 0 || perSecond === 0)
      return Math.max(whole(measured) - sinceMs / 1000, Math.min(1, toFirst));
    return Math.max(usual - pieces, 0) / perSecond;
  };

  return {
    observe({ firstMs, totalMs, pieces }) {
      const writing = (totalMs - firstMs) / 1000;
      const newest: Measured = {
        toFirst: firstMs / 1000,
        perSecond: pieces > 1 && writing > 0 ? pieces / writing : 0,
        pieces,
      };
      const old = known;
      const mix = (name: keyof Measured) =>
        old === undefined ? newest[name] : old[name] + NEWEST * (newest[name] - old[name]);
      known = { toFirst: mix('toFirst'), perSecond: mix('perSecond'), pieces: mix('pieces') };
    },
    waits(count, running, slots) {
      if (known === undefined) return undefined;
      const measured = known;
      // Each slot is free after its current question; the waiting ones then fill the slots in turn.
      const free = running.map((work) => left(measured, work));
      while (free.length < slots) free.push(0);
      return Array.from({ length: count }, () => {
        free.sort((a, b) => a - b);
        const begins = free[0] ?? 0;
        free[0] = begins + whole(measured);
        return begins;
      });
    },
  };
}
