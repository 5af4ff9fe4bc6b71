/** What the program says of its commands and settings. */
import type { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { createProgram } from '../../console/program.ts';
import { wantsTerminal } from '../../console/wants-terminal.ts';
import { settingFacts } from '../../core/config.ts';

const program = createProgram(() => async () => undefined);

/** The command's help as it is printed, with its examples. */
function helpOf(command: Command): string {
  let help = '';
  command.configureOutput({ writeOut: (text) => (help += text) }).outputHelp();
  return help;
}

const commands = program.commands.filter((command) => command.name() !== 'start');

describe('help', () => {
  it.each([program, ...commands].map((command) => [command.name(), command] as const))(
    'of %s ends in examples that begin with the program',
    (_name, command) => {
      const examples = helpOf(command).split(/^Examples?:$/m)[1] ?? '';
      expect(examples).toMatch(/^ {2}footnote/m);
    },
  );
  it('of the program names every command', () => {
    for (const command of commands) expect(helpOf(program)).toMatch(new RegExp(`^  ${command.name()} `, 'm'));
  });
  it('of a command names no setting that does not exist', () => {
    const flags = ['-k', ...settingFacts().map(({ flag }) => flag)];
    for (const command of commands) {
      const named = /Settings that matter here: (.+)/.exec(helpOf(command))?.[1]?.split(', ') ?? [];
      expect(flags).toEqual(expect.arrayContaining(named));
    }
  });
});

it('every setting is a flag of the program', () => {
  const known = program.options.map(({ long }) => long);
  expect(known).toEqual(expect.arrayContaining(settingFacts().map(({ flag }) => flag)));
});

describe('on a terminal the console opens', () => {
  it('without a command and by its own, whatever the settings', () => {
    for (const line of ['', 'console', '--data /srv', '--data=/srv --k 5', 'console --data /srv', '--debug'])
      expect(wantsTerminal(line.split(' ').filter(Boolean), true), line).toBe(true);
  });
  it('but not for another command, for help or JSON, or elsewhere', () => {
    for (const line of [
      'ask Who?',
      '--data /srv ask Who?',
      '--debug doctor',
      '-k2 doctor',
      '-- config',
      'console --help',
      '--json',
    ])
      expect(wantsTerminal(line.split(' '), true), line).toBe(false);
    expect(wantsTerminal(['console'], false)).toBe(false);
  });
  it('and no flag without a value hides the command behind it', () => {
    const switches = program.options.filter(({ required, optional }) => !required && !optional);
    expect(switches.length).toBeGreaterThan(1);
    for (const { long } of switches) expect(wantsTerminal([`${long}`, 'doctor'], true), long).toBe(false);
  });
});
