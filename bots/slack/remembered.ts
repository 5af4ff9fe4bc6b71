/**
 * What Slack was asked lately, so that it is not asked again. Knows keys, promises and time; nothing about what is asked.
 */

export interface Memory<T> {
  keepMs: number;
  /** Most keys that are kept; the one asked for longest ago goes. */
  most: number;
  now: () => number;
  /** Gives undefined where it failed: that is not kept. */
  look(key: string): Promise<T | undefined>;
}

/** Looks a key up, at most once in `keepMs`; calls at the same moment share one lookup. */
export function remembered<T>({
  keepMs,
  most,
  now,
  look,
}: Memory<T>): (key: string) => Promise<T | undefined> {
  const known = new Map<string, { found: Promise<T | undefined>; until: number }>();

  const lookNow = async (key: string): Promise<T | undefined> => {
    const found = await look(key);
    if (found === undefined) known.delete(key);
    return found;
  };

  return (key) => {
    const entry = known.get(key);
    if (entry !== undefined && entry.until >= now()) return entry.found;
    const found = lookNow(key);
    known.delete(key);
    known.set(key, { found, until: now() + keepMs });
    const oldest = known.keys().next().value;
    if (known.size > most && oldest !== undefined) known.delete(oldest);
    return found;
  };
}
