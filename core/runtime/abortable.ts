/** Waiting that a signal ends. Knows nothing about what is waited for, which goes on. */
import { throwIfAborted } from '../errors.ts';

/** What `work` gives; throws the signal's reason as soon as it aborts. */
export async function abortable<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return work;
  let stop: () => void = () => undefined;
  const aborted = new Promise<void>((resolve) => {
    stop = resolve;
  });
  signal.addEventListener('abort', stop, { once: true });
  if (signal.aborted) stop();
  try {
    await Promise.race([work, aborted]);
    throwIfAborted(signal);
    return await work;
  } finally {
    signal.removeEventListener('abort', stop);
  }
}
