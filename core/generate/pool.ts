/**
 * Lends out a fixed set of things, each to one caller at a time, in order of request. Knows nothing about the things.
 */
import { throwIfAborted } from '../errors.ts';

export interface Pool<T> {
  /** Runs `task` with the free thing ranked highest; waits while none is free. Throws the signal's reason on abort. */
  take<R>(
    rank: (thing: T) => number,
    signal: AbortSignal | undefined,
    task: (thing: T) => Promise<R>,
  ): Promise<R>;
}

export function startPool<T>(things: T[]): Pool<T> {
  const free = new Set(things);
  const waiting: (() => void)[] = [];
  return {
    async take(rank, signal, task) {
      while (free.size === 0) {
        throwIfAborted(signal);
        await new Promise<void>((resolve) => {
          const go = () => {
            signal?.removeEventListener('abort', go);
            const at = waiting.indexOf(go);
            if (at >= 0) waiting.splice(at, 1);
            resolve();
          };
          waiting.push(go);
          signal?.addEventListener('abort', go, { once: true });
        });
      }
      throwIfAborted(signal);
      const [first, ...others] = free;
      const best = others.reduce((a, b) => (rank(b) > rank(a) ? b : a), first as T);
      free.delete(best);
      try {
        return await task(best);
      } finally {
        free.add(best);
        waiting[0]?.();
      }
    },
  };
}
