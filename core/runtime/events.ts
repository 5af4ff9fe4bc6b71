/**
 * Work as a generator that yields events and returns a result: how to make one from a callback, map it, and run it.
 * Knows nothing about the work.
 */
import { Readable } from 'node:stream';

/**
 * Yields the events that `work` emits, then returns its result. The signal of `work` aborts with `outer`, or when the
 * reader stops early. Throws what `work` throws, after the events that came before.
 */
export async function* streamed<Event, Result>(
  work: (emit: (event: Event) => void, signal: AbortSignal) => Promise<Result>,
  outer?: AbortSignal,
): AsyncGenerator<Event, Result> {
  const abandoned = new AbortController();
  const signal = AbortSignal.any([abandoned.signal, ...(outer === undefined ? [] : [outer])]);
  const events = new Readable({ objectMode: true, read: () => undefined });
  const result = work((event) => events.push(event), signal).finally(() => events.push(null));
  result.catch(() => undefined); // awaited below, after the events
  try {
    for await (const event of events) yield event as Event;
    return await result;
  } finally {
    abandoned.abort();
  }
}

/** The same run with each event mapped by `change`. */
export async function* mapped<In, Out, Result>(
  run: AsyncGenerator<In, Result>,
  change: (event: In) => Out,
): AsyncGenerator<Out, Result> {
  try {
    for (;;) {
      const step = await run.next();
      if (step.done) return step.value;
      yield change(step.value);
    }
  } finally {
    await run.return(undefined as Result);
  }
}

/** Runs to the end and returns the result; each event goes to `onEvent`. What `onEvent` throws ends the run. */
export async function resultOf<Event, Result>(
  run: AsyncGenerator<Event, Result>,
  onEvent: (event: Event) => void = () => undefined,
): Promise<Result> {
  try {
    for (;;) {
      const step = await run.next();
      if (step.done) return step.value;
      onEvent(step.value);
    }
  } finally {
    await run.return(undefined as Result);
  }
}
