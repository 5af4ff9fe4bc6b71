/**
 * `footnote builds`: which builds there are, and which one answers. Knows how builds are laid out for a person.
 */
import type { Command } from 'commander';
import {
  activateBuild,
  activeBuild,
  type BuildStage,
  type BuildSummary,
  CoreError,
  listBuilds,
  type Manifest,
  readManifest,
  removeBuild,
  type Settings,
  verifyBuild,
} from '../../core/index.ts';
import type { Context, Runner } from '../context.ts';
import { showEvent } from '../events.ts';
import { indexRows } from '../index-rows.ts';
import { table } from '../show.ts';
import { drain } from '../stream.ts';
import { amount, bytes, day, duration, number, plain } from '../words.ts';

export function addBuilds(program: Command, run: Runner): void {
  const builds = program
    .command('builds')
    .helpCommand(false)
    .summary('list, show, activate, verify or remove builds')
    .description('What was built: articles, chunks, model, recipe, recall, and which build answers.')
    .addHelpText(
      'after',
      `
Examples:
  footnote builds list
  footnote builds show simple --json
  footnote builds activate simple
  footnote builds verify simple`,
    );
  builds.command('list').description('every build, the active one marked').action(run(list));
  builds
    .command('show')
    .description('everything that is known about a build')
    .argument('[name]', 'the active build when absent')
    .action(run(show));
  builds
    .command('activate')
    .description('answer from this build from now on')
    .argument('<name>')
    .action(run(activate));
  builds
    .command('verify')
    .description('check every file against its checksum, and search the build')
    .argument('[name]', 'the active build when absent')
    .action(run(verify));
  builds
    .command('remove')
    .description('delete a build that is not active')
    .argument('<name>')
    .action(run(remove));
}

async function list({ settings, json, print, printJson, say }: Context): Promise<undefined> {
  const summaries = await listBuilds(settings.data);
  if (json) printJson({ builds: summaries });
  else if (summaries.length === 0) say('There is no build yet. Make one: footnote build SOURCE');
  else print(table(HEADING, summaries.map(row)));
}

const HEADING = ['', 'build', 'articles', 'chunks', 'recipe', 'recall@10', 'bytes/vector', 'model', 'made'];

function row({ name, active, manifest, problem }: BuildSummary): string[] {
  const mark = active ? '*' : '';
  if (manifest === undefined) return [mark, name, problem === undefined ? 'not finished' : plain(problem)];
  const { articles, chunks, index, recall, model, createdAt } = manifest;
  return [
    ...[mark, name, number(articles), number(chunks), index.recipe],
    ...[recall.at10.toFixed(3), String(index.bytesPerVector), `${model.name} ${model.dtype}`, day(createdAt)],
  ];
}

async function show({ settings, json, print, printJson }: Context, name?: string): Promise<undefined> {
  const manifest = await readManifest(settings.data, name ?? (await active(settings)));
  if (json) printJson(manifest);
  else print(sheet(manifest));
}

function sheet(manifest: Manifest): string {
  const { model, index, recall, files, timings } = manifest;
  const size = Object.values(files).reduce((sum, file) => sum + file.bytes, 0);
  const stages = Object.entries(timings).map(([stage, ms]) => `${stage} ${duration(ms)}`);
  const skipped = manifest.skipped > 0 ? `, ${number(manifest.skipped)} records skipped` : '';
  const rows: [string, string][] = [
    ['made', manifest.createdAt],
    ['sources', manifest.sources.map(plain).join(', ')],
    [
      'wiki',
      [manifest.site, manifest.dumpDate && day(manifest.dumpDate)]
        .filter(Boolean)
        .map((text) => plain(String(text)))
        .join(', ') || 'unknown',
    ],
    ['languages', manifest.languages.map(plain).join(', ') || 'unknown'],
    ['licence', plain(manifest.licence)],
    ['holds', `${amount(manifest.articles, 'articles')}, ${amount(manifest.chunks, 'chunks')}${skipped}`],
    [
      'model',
      `${plain(model.name)} ${model.dtype}, ${model.dimensions} dimensions, made for ${model.languages.join(', ')}`,
    ],
    ...indexRows(index, recall),
    ['keywords', manifest.keywordTokenizer],
    ['files', `${Object.keys(files).length}, ${bytes(size)}`],
    ['time', stages.join(', ')],
  ];
  return table(['build', manifest.name], rows);
}

async function activate({ settings, json, print, printJson }: Context, name: string): Promise<undefined> {
  await activateBuild(settings.data, name);
  if (json) printJson({ active: name });
  else print(`Build "${name}" is active.`);
}

async function verify(context: Context, name?: string): Promise<undefined> {
  const { settings, signal, progress } = context;
  const units = new Map<BuildStage, string>();
  const asked = name ?? (await active(settings));
  const report = await drain(context, verifyBuild(settings, asked, signal), (event) =>
    showEvent(event, progress, units),
  );
  if (context.json) context.printLine(report);
  else
    context.print(
      `Build "${report.build}" is whole: ${amount(report.files, 'files')}, ${bytes(report.bytes)}, and it finds its own text.`,
    );
}

async function remove({ settings, json, print, printJson }: Context, name: string): Promise<undefined> {
  await removeBuild(settings.data, name);
  if (json) printJson({ removed: name });
  else print(`Build "${name}" was removed.`);
}

/** The build that the settings name, or the active one. */
async function active({ data, build }: Settings): Promise<string> {
  const name = build ?? (await activeBuild(data));
  if (name !== undefined) return name;
  throw new CoreError('not-found', `There is no active build in ${data}.`, {
    hint: 'Name one: `footnote builds list`.',
  });
}
