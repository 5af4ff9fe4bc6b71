/**
 * `footnote console`: the screen on a terminal, plain lines elsewhere. Knows how both are fed and ended.
 */
import type { Command } from 'commander';
import { followRun, type JournalEntry, listBuilds, listRuns, readSettings } from '../../core/index.ts';
import { openBackend } from '../backend/backend.ts';
import { settingRows } from '../backend/settings.ts';
import type { Context, Flags, Runner } from '../context.ts';
import { buildItems, noBuilds, withEntries, withSummaries } from '../state/builds.ts';
import { isOpen } from '../state/run.ts';
import { amount } from '../words.ts';

export function addConsole(program: Command, run: Runner): void {
  program
    .command('console')
    .summary('the admin console: build, watch, ask and compare on a terminal')
    .description(
      'Opens the console. Builds that it starts go on when it is closed, and any console shows them again.\n' +
        'Without a terminal it prints what there is and what runs.',
    )
    .addHelpText(
      'after',
      `
Keys are shown at the bottom, ? shows all. NO_COLOR=1 leaves colours out, INK_SCREEN_READER=true is for screen readers.

Examples:
  footnote console
  footnote console --data /srv/footnote
  footnote console --json`,
    )
    .action(run((context, _own: object, command: Command) => openConsole(context, command)));
}

/** Runs the console until the user leaves it; returns the exit status. @param bots run them as its child */
export async function openConsole(context: Context, command: Command, bots = false): Promise<number> {
  const { settings, signal, terminal, say } = context;
  if (terminal === undefined) return printOverview(context);
  const rows = settingRows(readSettings(command.optsWithGlobals<Flags>()));
  const backend = openBackend({ settings, rows, bots, send: terminal.send });
  terminal.serve(backend.carryOut);
  const stopped = new Promise<string[]>((resolve) => {
    if (signal.aborted) resolve([]);
    else signal.addEventListener('abort', () => resolve([]), { once: true });
  });
  const open = await Promise.race([terminal.left, stopped]);
  terminal.close();
  if (bots) say('Ending the bots …');
  await backend.close();
  for (const name of open) say(`Build "${name}" goes on; open the console again to watch it.`);
  return signal.aborted ? 130 : 0;
}

async function printOverview({ settings, json, print, printJson }: Context): Promise<number> {
  const { data } = settings;
  let state = withSummaries(noBuilds, await listBuilds(data), undefined);
  for (const name of await listRuns(data)) {
    const { entries, alive } = await followRun(data, name).read();
    state = withEntries(state, name, entries as JournalEntry[], alive);
  }
  if (json) {
    printJson({ builds: state.summaries, runs: Object.values(state.runs) });
    return 0;
  }
  const items = buildItems(state);
  if (items.length === 0) print('There is no build yet. Make one: footnote build SOURCE');
  for (const { name, summary, run } of items) {
    const holds =
      summary?.manifest === undefined ? 'not finished' : amount(summary.manifest.chunks, 'chunks');
    const stage = run?.stage === undefined ? undefined : run.stages[run.stage];
    const doing = run === undefined || !isOpen(run) ? '' : `, ${run.status}: ${run.stage ?? ''}`;
    const done = stage === undefined || doing === '' ? '' : ` ${amount(stage.done, stage.unit)}`;
    print(`${summary?.active ? '* ' : '  '}${name}: ${holds}${doing}${done}`);
  }
  return 0;
}
