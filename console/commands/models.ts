/**
 * `footnote models`: which models there are, and how they are fetched. Knows how models are laid out for a person.
 */
import type { Command } from 'commander';
import { type ListedModel, listModels, pullModels } from '../../core/index.ts';
import type { Context, Runner } from '../context.ts';
import { showEvent } from '../events.ts';
import { table } from '../show.ts';
import { drain } from '../stream.ts';
import { bytes, plain } from '../words.ts';

export function addModels(program: Command, run: Runner): void {
  const models = program
    .command('models')
    .helpCommand(false)
    .summary('list or pull weights')
    .description('The models that Footnote knows by name, and those on this machine.')
    .addHelpText(
      'after',
      `
Examples:
  footnote models list
  footnote models pull
  footnote models pull bartowski/Mistral-7B-Instruct-v0.3-GGUF/Mistral-7B-Instruct-v0.3-Q4_K_M.gguf`,
    );
  models.command('list').description('every model known by name').action(run(list));
  models
    .command('pull')
    .description('fetch a model; an interrupted download resumes where it stopped')
    .argument('[name]', 'a name from the list, or OWNER/REPO/FILE.gguf; what the settings need when absent')
    .action(run(pull));
}

async function list({ settings, json, print, printJson }: Context): Promise<undefined> {
  const models = await listModels(settings.data);
  if (json) printJson({ models });
  else print(table(['model', 'role', 'here', 'about'], models.map(row)));
}

function row({ entry, installed, bytes: size, damage }: ListedModel): string[] {
  const here = installed !== undefined ? bytes(size) : damage !== undefined ? 'damaged' : '-';
  return [entry.name, entry.role, here, plain(entry.about)];
}

async function pull(context: Context, name?: string): Promise<undefined> {
  const { settings, signal, progress } = context;
  const installed = await drain(context, pullModels(settings, name, signal), (event) =>
    showEvent(event, progress, new Map()),
  );
  if (context.json) context.printLine({ installed });
  else for (const { entry, folder } of installed) context.print(`${entry.name} is in ${folder}.`);
}
