/**
 * The bots' process, started by the command line: one message in that says what to do, an exit status out.
 * Knows signals and the interface to its parent; what the bots do is in run.ts.
 */
import { CoreError, type Settings, toCoreError } from '../core/index.ts';
import { botsSetup, runBots } from './run.ts';
import type { PlatformName } from './surface.ts';
import { traceOf } from './trace.ts';

export interface BotsOrder {
  settings: Settings;
  only?: PlatformName;
  /** Print what must be set up with the vendors, and end. */
  printSetup?: boolean;
  /** Print how the answer with this id came about, and end. */
  trace?: string;
  /** Print as JSON. */
  json?: boolean;
}

const ending = new AbortController();
const end = () => ending.abort(new CoreError('cancelled', 'Cancelled.'));
process.on('SIGINT', end);
process.on('SIGTERM', end);
process.on('disconnect', end);

process.once('message', async ({ settings, only, printSetup, trace, json = false }: BotsOrder) => {
  try {
    if (printSetup) process.stdout.write(`${await botsSetup(settings, json, only)}\n`);
    else if (trace !== undefined) process.stdout.write(`${await traceOf(trace, settings, json)}\n`);
    else await runBots(settings, { ...(only && { only }), signal: ending.signal });
    process.exit(0);
  } catch (error) {
    const { code, message, hint } = toCoreError(error);
    process.stderr.write(`${[message, hint].filter(Boolean).join('\n')}\n`);
    process.exit(code === 'usage' ? 2 : 1);
  }
});
