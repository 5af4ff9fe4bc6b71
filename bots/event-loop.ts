/** Keeps a crowd from blocking the event loop: what each of a hundred does at the same moment is done one a turn of the loop. */

/** For what comes in; it does not wait for what is drawn. */
export const intake = openTurns();
/** For what is shown on the way to an answer. */
export const drawing = openTurns();

/** Each call resolves in a turn of the event loop of its own, after the calls before it. */
function openTurns(): () => Promise<void> {
  let last: Promise<void> = Promise.resolve();
  return () => {
    last = last.then(() => new Promise<void>((resolve) => setImmediate(resolve)));
    return last;
  };
}
