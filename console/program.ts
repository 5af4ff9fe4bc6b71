/**
 * All commands and options of `footnote`. Knows the global options and the exit statuses; each command knows itself.
 */
import { Command, CommanderError, Option } from 'commander';
import { installation, type SettingName, settingFacts } from '../core/index.ts';
import { addAsk } from './commands/ask.ts';
import { addBots } from './commands/bots.ts';
import { addBuild } from './commands/build.ts';
import { addBuilds } from './commands/builds.ts';
import { addCompare } from './commands/compare.ts';
import { addConfig } from './commands/config.ts';
import { addConsole } from './commands/console.ts';
import { addDoctor } from './commands/doctor.ts';
import { addEvaluate } from './commands/evaluate.ts';
import { addModels } from './commands/models.ts';
import { addSearch } from './commands/search.ts';
import { addSetup } from './commands/setup.ts';
import { addStart } from './commands/start.ts';
import { contextOf, type GlobalOptions, type Runner } from './context.ts';
import { failure } from './failure.ts';
import type { Terminal } from './terminal.tsx';

const COMMANDS = [
  addConsole,
  addBots,
  addBuild,
  addBuilds,
  addSearch,
  addAsk,
  addCompare,
  addEvaluate,
  addModels,
  addDoctor,
  addConfig,
  addSetup,
  addStart,
];

/**
 * Runs the command line to its end. Failures are printed on stderr, never thrown.
 * @param args the arguments after the program's name
 * @returns the exit status: 0 done, 1 failed, 2 wrong usage, 130 cancelled
 * @param terminal the console's screen, if it is drawn already; it is given back in any case
 */
export async function runProgram(args: string[], signal: AbortSignal, terminal?: Terminal): Promise<number> {
  let status = 0;
  const run: Runner =
    (action) =>
    async (...passed) => {
      const command = passed.at(-1) as Command; // commander passes the command last
      if (!DRAWING.includes(command.name())) terminal?.close();
      const context = contextOf(command, signal, terminal);
      try {
        status = (await action(context, ...passed)) ?? 0;
      } finally {
        context.progress.clear();
      }
    };
  const program = createProgram(run, () => terminal?.close());
  try {
    await program.parseAsync(args, { from: 'user' });
    return status;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    // Ctrl-C reaches the whole process group: a worker's early end is then not a failure of its own.
    const reason = signal.aborted ? signal.reason : error;
    terminal?.close();
    const { lines, status: failed } = failure(reason, program.opts<GlobalOptions>().debug);
    process.stderr.write(`${lines.join('\n')}\n`);
    return failed;
  } finally {
    terminal?.close();
  }
}

/** Settings that the main help shows; `footnote config` shows all. */
const SHOWN: SettingName[] = ['data', 'build', 'method', 'k', 'model', 'generator', 'device', 'threads'];

/** Commands that may draw on the console's screen; what the others print would vanish with it. */
const DRAWING = ['console', 'start'];

/** The whole program with its help; `run` wraps every action, `beforeError` is called before a usage error is printed. */
export function createProgram(run: Runner, beforeError: () => void = () => undefined): Command {
  const program = new Command('footnote')
    .description('Answers questions from Wikipedia, every sentence cited and checked against its passage.')
    .version(installation().version)
    .helpOption('-h, --help', 'what a command takes, with examples')
    .helpCommand(false)
    .showHelpAfterError('Run the same command with --help to see what it takes.')
    .configureOutput({
      outputError(text, write) {
        beforeError();
        write(sentence(text));
      },
    })
    .exitOverride()
    .option('--json', 'results as JSON; streaming commands print one object per line, the result last')
    .option('--debug', 'on a failure, also print its details and stack')
    .addHelpText(
      'after',
      `
Every setting is a flag, an environment variable and a field of the config file; \`footnote config\` lists all.
Without a command, Footnote sets itself up and answers a sample question; afterwards it says what there is to ask.

Examples:
  footnote
  footnote build simplewiki-latest-pages-articles.xml.bz2
  footnote ask "Where was Albert Einstein born?"
  footnote search "binding energy" -k 3 --json

Exit status: 0 done, 1 failed, 2 wrong usage, 130 after Ctrl-C.`,
    );
  for (const { name, flag, about } of settingFacts()) {
    const option = new Option(`${name === 'k' ? '-k, ' : ''}${flag} <value>`, about);
    program.addOption(SHOWN.includes(name) ? option : option.hideHelp());
  }
  for (const add of COMMANDS) add(program, run);
  return program;
}

/** Commander's `error: unknown option '--x'` as a sentence. */
function sentence(text: string): string {
  const said = text.replace(/^error: /, '');
  return said.charAt(0).toUpperCase() + said.slice(1);
}
