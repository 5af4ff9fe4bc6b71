/**
 * Follows a stream of typed events to its result: each event to stdout as a JSON line, or to a person.
 * Knows neither events nor results.
 */
import { resultOf } from '../core/index.ts';
import type { Context } from './context.ts';

/** The result that `events` ends in; every event is printed with `--json`, else handed to `show`. */
export async function drain<Event, Result>(
  context: Context,
  events: AsyncGenerator<Event, Result>,
  show: (event: Event) => void,
): Promise<Result> {
  try {
    return await resultOf(events, context.json ? (event) => context.printLine(event) : show);
  } finally {
    context.progress.clear();
  }
}
