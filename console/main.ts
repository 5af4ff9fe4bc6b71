/**
 * The process of the command line: arguments in, exit status out. Knows signals and pipes; of the commands only that the
 * console draws its first frame before anything else is loaded.
 */
import { canDraw } from './can-draw.ts';
import { type Terminal, wantsTerminal } from './wants-terminal.ts';

const args = process.argv.slice(2);
let terminal: Terminal | undefined;
if (wantsTerminal(args, canDraw(process.stdin) && canDraw(process.stdout))) {
  const { openTerminal } = await import('./terminal.tsx');
  terminal = openTerminal({ stdout: process.stdout, stdin: process.stdin });
}

// After an uncaught exception nothing can be relied on: give the terminal back, print the reason, and end.
process.on('uncaughtException', (error) => {
  terminal?.close();
  void endWith(error);
});

const controller = new AbortController();
/** npm forwards a Ctrl-C that the terminal has already sent to us: two this close are one. */
const SAME_KEY_MS = 300;
let stoppedAt = 0;

/** Lets the work stop where it can resume later; returns false if it was stopping already. */
function stop(why: string): boolean {
  if (controller.signal.aborted) return false;
  stoppedAt = Date.now();
  controller.abort(new DOMException('Cancelled.', { name: 'AbortError', cause: why }));
  return true;
}

/** Says in a sentence what went wrong, and ends. */
async function endWith(error: unknown): Promise<void> {
  const { failure } = await import('./failure.ts');
  process.stderr.write(`${failure(error, args.includes('--debug')).lines.join('\n')}\n`, () =>
    process.exit(1),
  );
}

/** The second signal ends the process at once. */
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'])
  process.on(name, () => {
    if (stop(name)) {
      if (terminal === undefined) process.stderr.write('\nStopping; press Ctrl-C again to stop at once.\n');
    } else if (Date.now() - stoppedAt > SAME_KEY_MS) process.exit(130);
  });

/** As a shell has it for a process that SIGPIPE ended. */
const UNREAD = 141;
let unread = false;
let unwritten: Error | undefined;
// Whoever reads our output may stop reading (`footnote search … | head -1`): unfinished work ends then. A lost log ends none.
process.stderr.on('error', () => undefined);
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') unread = true;
  else if (error.code !== 'EIO') unwritten ??= error;
  stop('output');
});
// A terminal may vanish (ssh is cut off).
if (terminal !== undefined) process.stdin.on('error', () => stop('terminal'));

const { runProgram } = await import('./program.ts');
const status = await runProgram(args, controller.signal, terminal);
// Output to a pipe is written asynchronously; the process ends once all of it is written.
process.stdout.write('', () =>
  // An error of the stream comes a turn after its last callback.
  setImmediate(() => {
    if (unwritten !== undefined) void endWith(unwritten);
    else process.exit(unread && status === 130 ? UNREAD : status);
  }),
);
