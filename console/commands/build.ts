/**
 * `footnote build`: a corpus becomes a searchable build. Knows its options and how its result is shown.
 */
import { type Command, InvalidArgumentError } from 'commander';
import { type BuildRequest, type BuildStage, giveWay, type Manifest, runBuild } from '../../core/index.ts';
import type { Context, Runner } from '../context.ts';
import { showEvent } from '../events.ts';
import { drain } from '../stream.ts';
import { amount, day, duration } from '../words.ts';

type BuildOptions = Omit<BuildRequest, 'sources'>;

export function addBuild(program: Command, run: Runner): void {
  program
    .command('build')
    .summary('make a searchable build from a corpus')
    .description(
      'Reads a corpus, cuts it into chunks, embeds and indexes them, verifies the build and activates it.\n' +
        'Run it again after any interruption and it resumes where it stopped.',
    )
    .argument(
      '<source...>',
      'a file or folder (.xml, .xml.bz2, .xml.gz, .parquet, .jsonl, .jsonl.bz2, .jsonl.gz, .txt), or hf:OWNER/NAME/CONFIG',
    )
    .option('--name <name>', 'name of the build (default: that of its first source)')
    .option('--limit <articles>', 'read at most this many articles', whole)
    .option('--chunks-per-article <chunks>', 'keep at most this many chunks of an article', whole)
    .option('--recipe <recipe>', 'index recipe, e.g. Flat or IVF1024,Flat (default: by the number of chunks)')
    .option('--update <build>', 'take over what has not changed since this build of the same wiki')
    .option(
      '--questions <file...>',
      'question sets, as for evaluate, to measure recall with (default: sentences of the corpus)',
    )
    .option('--skip-bad', 'count records that cannot be read, instead of stopping at the first')
    .addHelpText(
      'after',
      `
Settings that matter here: --model, --device, --threads, --embed-processes, --keyword-tokenizer, --data

Examples:
  footnote build simplewiki-latest-pages-articles.xml.bz2
  footnote build hf:wikimedia/wikipedia/20231101.simple --limit 10000 --name simple
  footnote build simplewiki-20260101.xml.bz2 --name simple-2026 --update simple
  footnote build notes/ --name notes --json
  footnote build notes/ --name notes --questions asked.jsonl   # searches as broadly as these need`,
    )
    .action(run(buildIt));
}

async function buildIt(context: Context, sources: string[], options: BuildOptions): Promise<undefined> {
  const { settings, signal, progress } = context;
  const units = new Map<BuildStage, string>();
  giveWay();
  const manifest = await resumable(
    context,
    drain(context, runBuild({ sources, ...options }, settings, signal), (event) =>
      showEvent(event, progress, units),
    ),
  );
  if (context.json) context.printLine(manifest);
  else context.print(buildSentence(manifest));
}

/** Says what happens to work that was cancelled. */
export async function resumable<T>({ signal, say }: Context, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } finally {
    if (signal.aborted) say('What is done is kept: the same command goes on where it was.');
  }
}

/** What a finished build holds, in a few lines. */
export function buildSentence(manifest: Manifest): string {
  const { name, articles, chunks, skipped, dumpDate, recall, index, timings } = manifest;
  const took = Object.values(timings).reduce((sum, ms) => sum + ms, 0);
  const from = dumpDate === undefined ? '' : ` of ${day(dumpDate)}`;
  const without = skipped > 0 ? ` ${amount(skipped, 'records')} could not be read.` : '';
  return [
    `Build "${name}" is active: ${amount(articles, 'articles')}${from}, ${amount(chunks, 'chunks')}, in ${duration(took)}.${without}`,
    `Index ${index.recipe}; recall@10 against exact search ${recall.at10.toFixed(3)}.`,
  ].join('\n');
}

/** Reads a whole number above 0. */
export function whole(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 1)
    throw new InvalidArgumentError('It has to be a whole number above 0.');
  return value;
}
