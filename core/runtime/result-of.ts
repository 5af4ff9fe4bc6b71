/**
 * Runs a generator to its end where its events are not to be yielded on. Knows nothing about what it does.
 */

/** What a run gives at its end; each of its events goes to `onEvent`. */
export async function resultOf<Event, Result>(
  run: AsyncGenerator<Event, Result>,
  onEvent: (event: Event) => void = () => undefined,
): Promise<Result> {
  for (;;) {
    const step = await run.next();
    if (step.done) return step.value;
    onEvent(step.value);
  }
}
