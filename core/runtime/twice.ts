/**
 * What may be asked again of a process that ended in the middle of it. Knows errors; no process.
 */
import { isCoreError, throwIfAborted } from '../errors.ts';

/** Once more after a crash: the host starts the process again. For calls that change nothing. */
export async function twice<T>(signal: AbortSignal | undefined, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throwIfAborted(signal);
    if (!isCoreError(error) || error.code !== 'worker-crashed') throw error;
    return work();
  }
}
