/**
 * `footnote config`: every setting, its value, and where it came from. Secrets are never printed.
 */
import type { Command } from 'commander';
import { readSettings, settingFacts } from '../../core/index.ts';
import type { Context, Flags, Runner } from '../context.ts';
import { table } from '../show.ts';

const MASK = '••••••••';

export function addConfig(program: Command, run: Runner): void {
  program
    .command('config')
    .summary('settings and where they come from')
    .description(
      'Prints every setting: its value, and whether a flag, an environment variable, the config file or the default gave it.',
    )
    .addHelpText(
      'after',
      `
Examples:
  footnote config
  footnote config --json
  FOOTNOTE_THREADS=4 footnote config`,
    )
    .action(run(config));
}

async function config(
  { json, print, printJson }: Context,
  _own: object,
  command: Command,
): Promise<undefined> {
  const { settings, origins, file } = readSettings(command.optsWithGlobals<Flags>());
  const rows = settingFacts().map(({ name, flag, variable, about, secret }) => {
    const value = secret && settings[name] !== undefined ? MASK : settings[name];
    return { name, value, origin: origins[name], flag, variable, about };
  });
  if (json) return printJson({ file, settings: rows });
  const cells = rows.map(({ name, value, origin, flag, variable }) => [
    name,
    String(value ?? '-'),
    origin,
    flag,
    variable,
  ]);
  print(table(['setting', 'value', 'from', 'flag', 'variable'], cells));
  print(`\nConfig file: ${file}`);
}
