/**
 * The process of the command line: arguments in, exit status out. Knows signals and pipes; of the commands only that the
 * console draws its first frame before anything else is loaded.
 */
import { type Terminal, wantsTerminal } from './wants-terminal.ts';

const args = process.argv.slice(2);
let terminal: Terminal | undefined;
if (wantsTerminal(args, process.stdin.isTTY === true && process.stdout.isTTY === true)) {
  const { openTerminal } = await import('./terminal.tsx');
  terminal = openTerminal({ stdout: process.stdout, stdin: process.stdin });
}

// After an uncaught exception nothing can be relied on: give the terminal back, print the reason, and end.
process.on('uncaughtException', (error) => {
  terminal?.close();
  process.stderr.write(`${error.stack ?? error}\n`);
  process.exit(1);
});

const controller = new AbortController();
/** npm forwards a Ctrl-C that the terminal has already sent to us: two this close are one. */
const SAME_KEY_MS = 300;
let stoppedAt = 0;

/** Lets the work stop where it can resume later; returns false if it was stopping already. */
function stop(): boolean {
  if (controller.signal.aborted) return false;
  stoppedAt = Date.now();
  controller.abort(new DOMException('Cancelled.', 'AbortError'));
  return true;
}

/** The second signal ends the process at once. */
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'])
  process.on(name, () => {
    if (stop()) {
      if (terminal === undefined) process.stderr.write('\nStopping; press Ctrl-C again to stop at once.\n');
    } else if (Date.now() - stoppedAt > SAME_KEY_MS) process.exit(130);
  });

// The reader of our output may stop reading (`footnote search … | head -1`); a terminal may vanish (ssh is cut off).
const streams = [process.stdout, process.stderr, ...(terminal === undefined ? [] : [process.stdin])];
for (const stream of streams)
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(0);
    if (error.code !== 'EIO') throw error;
    stop();
  });

const { runProgram } = await import('./program.ts');
const status = await runProgram(args, controller.signal, terminal);
// Output to a pipe is written asynchronously; the process ends once all of it is written.
process.stdout.write('', () => process.exit(status));
