/**
 * Follows a stream of typed events to its result: each event to stdout as a JSON line, or to a person.
 * Knows neither events nor results.
 */
import type { Context } from './context.ts';

/** The result that `events` ends in; every event is printed with `--json`, else handed to `show`. */
export async function drain<Event, Result>(
  context: Context,
  events: AsyncGenerator<Event, Result>,
  show: (event: Event) => void,
): Promise<Result> {
  try {
    for (;;) {
      const step = await events.next();
      if (step.done) return step.value;
      if (context.json) context.printLine(step.value);
      else show(step.value);
    }
  } finally {
    context.progress.clear();
    await events.return(undefined as Result);
  }
}
