/**
 * `footnote doctor`: what works here, what does not, and how to fix it. Knows how findings are laid out.
 */

import { styleText } from 'node:util';
import type { Command } from 'commander';
import { checkHealth, type HealthCheck } from '../../core/index.ts';
import type { Context, Runner } from '../context.ts';
import { plain } from '../words.ts';

const COLOURS = { ok: 'green', warn: 'yellow', fail: 'red' } as const;
const NAME_WIDTH = 26;

export function addDoctor(program: Command, run: Runner): void {
  program
    .command('doctor')
    .summary('what is installed, what is missing, how to fix it')
    .description(
      'Tries every native module in a child process, and looks at weights, builds, disk, memory, accelerators and tokens.\n' +
        'Exits with 1 if a check fails, and with 0 if all pass or there are only warnings.',
    )
    .addHelpText(
      'after',
      `
Examples:
  footnote doctor
  footnote doctor --json`,
    )
    .action(run(doctor));
}

async function doctor({ settings, signal, json, print, printJson, progress }: Context): Promise<number> {
  const checks: HealthCheck[] = [];
  progress.passing('Checking …');
  for await (const check of checkHealth(settings, signal)) {
    checks.push(check);
    progress.clear();
    if (!json) print(line(check));
  }
  const ok = checks.every((check) => check.ok !== 'fail');
  if (json) printJson({ ok, checks });
  return ok ? 0 : 1;
}

function line({ name, ok, detail, mend }: HealthCheck): string {
  const found = `${styleText(COLOURS[ok], ok.padEnd(4))}  ${name.padEnd(NAME_WIDTH)} ${plain(detail)}`;
  return mend === undefined ? found : `${found}\n${' '.repeat(NAME_WIDTH + 7)}mend it: ${plain(mend)}`;
}
