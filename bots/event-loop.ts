/** Keeps a crowd from blocking the event loop: work for a hundred people at once is done one piece per loop turn. */

/** For incoming events; they do not wait for drawing. */
export const intake = openTurns();
/** For views shown on the way to an answer. */
export const drawing = openTurns();

/** Each call resolves in its own turn of the event loop, after the calls before it. */
function openTurns(): () => Promise<void> {
  let last: Promise<void> = Promise.resolve();
  return () => {
    last = last.then(() => new Promise<void>((resolve) => setImmediate(resolve)));
    return last;
  };
}
