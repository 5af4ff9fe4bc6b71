/**
 * `footnote setup`: installs the native modules that npm could not. Knows where the set-up is; nothing about its steps.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Command } from 'commander';
import { installation } from '../../core/index.ts';
import type { Context, Runner } from '../context.ts';

export function addSetup(program: Command, run: Runner): void {
  program
    .command('setup')
    .summary('install the native modules that are missing')
    .description(
      'Fetches or compiles the native modules that are missing, and does nothing if all are there.\n' +
        'In a checkout `npm start` does the same by itself.',
    )
    .addHelpText(
      'after',
      `
Example:
  footnote setup && footnote doctor`,
    )
    .action(run(setup));
}

async function setup({ json, say, printJson }: Context): Promise<number> {
  const script = join(installation().root, 'deploy', 'setup.mjs');
  const child = spawn(process.execPath, [script], { stdio: ['ignore', 2, 2] });
  const [status] = (await once(child, 'close')) as [number | null];
  if (json) printJson({ ok: status === 0 });
  else if (status === 0) say('Everything is set up; `footnote doctor` shows it.');
  return status ?? 1;
}
