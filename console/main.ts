/**
 * The process of the command line: arguments in, exit status out. Knows signals and pipes; no command.
 */
import { CoreError } from '../core/index.ts';
import { runProgram } from './program.ts';

const controller = new AbortController();
/** npm hands on a Ctrl-C that the terminal has already sent to us: two so close are one. */
const SAME_KEY_MS = 300;
let stoppedAt = 0;

/** The first signal lets the work end where it can go on later; the second ends the process at once. */
for (const name of ['SIGINT', 'SIGTERM'])
  process.on(name, () => {
    if (controller.signal.aborted && Date.now() - stoppedAt > SAME_KEY_MS) process.exit(130);
    if (controller.signal.aborted) return;
    stoppedAt = Date.now();
    process.stderr.write('\nStopping; once more to stop at once.\n');
    controller.abort(new CoreError('cancelled', 'Cancelled.'));
  });

// Whoever reads our output may stop reading: `footnote search … | head -1`.
for (const stream of [process.stdout, process.stderr])
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(0);
    throw error;
  });

const status = await runProgram(process.argv.slice(2), controller.signal);
// Output to a pipe is written later; the process ends once all of it is.
process.stdout.write('', () => process.exit(status));
