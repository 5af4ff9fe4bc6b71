/** Keeps a crowd from blocking the event loop: what each of a hundred does at the same moment is done one a turn of the loop. */

let last: Promise<void> = Promise.resolve();

/** Resolves in a turn of the event loop of its own, after those who asked before. */
export function turn(): Promise<void> {
  last = last.then(() => new Promise<void>((resolve) => setImmediate(resolve)));
  return last;
}
