/**
 * `footnote` without a command: the first set-up with its sample answer; afterwards, what there is and how to ask it.
 * Knows which of the two applies.
 */

import { styleText } from 'node:util';
import type { Command } from 'commander';
import {
  type BuildStage,
  botPlatforms,
  CoreError,
  type FirstBuild,
  firstBuild,
  installation,
  listBuilds,
  type Manifest,
} from '../../core/index.ts';
import type { Context, Runner } from '../context.ts';
import { showEvent } from '../events.ts';
import { drain } from '../stream.ts';
import { amount, day, plain } from '../words.ts';
import { answer } from './ask.ts';
import { bots } from './bots.ts';
import { buildSentence, resumable } from './build.ts';
import { openConsole } from './console.ts';

export function addStart(program: Command, run: Runner): void {
  program
    .command('start', { isDefault: true, hidden: true })
    .description('what `footnote` does without a command')
    .argument('[words...]')
    .action(run(start));
}

/** Sets up what is missing and answers a sample question, or shows what there is. */
async function start(
  context: Context,
  words: string[],
  _own: object,
  command: Command,
): Promise<number | undefined> {
  if (words.length > 0)
    throw new CoreError('usage', `There is no command "${words[0]}".`, {
      hint: 'See them all: footnote --help',
    });
  const active = (await listBuilds(context.settings.data)).find((build) => build.active);
  const hasBots = botPlatforms(context.settings).length > 0;
  if (active?.manifest === undefined) {
    context.terminal?.close();
    await firstTime(context);
  } else if (context.terminal !== undefined) return openConsole(context, command, hasBots);
  if (hasBots) return bots(context, {});
  if (active?.manifest === undefined) return undefined;
  if (context.json) context.printJson({ active: active.manifest });
  else context.print(status(active.manifest));
}

function status({ name, articles, chunks, dumpDate, site }: Manifest): string {
  const from = [plain(site), dumpDate && day(dumpDate)].filter(Boolean).join(', ');
  const holds = `${amount(articles, 'articles')}, ${amount(chunks, 'chunks')}${from && ` (${from})`}`;
  return `Footnote is ready. It answers from "${name}": ${holds}.\n\n${howToAsk()}`;
}

async function firstTime(context: Context): Promise<void> {
  const { settings, signal, progress, say, json } = context;
  say('First set-up: models, a first corpus, a first build. If interrupted, it resumes where it stopped.');
  const units = new Map<BuildStage, string>();
  const first = await resumable(
    context,
    drain(context, firstBuild(settings, signal), (event) => showEvent(event, progress, units)),
  );
  if (first === undefined) return; // another process has made one meanwhile
  if (!json) {
    say(`${buildSentence(first.manifest)}\n${cutSentence(first)}\n`);
    context.print(`${styleText('bold', first.question)}\n`);
  }
  await answer(context, { ...settings, build: first.manifest.name }, first.question);
  if (!json) say(`\n${howToAsk()}`);
}

function cutSentence({ chunksPerArticle }: FirstBuild): string {
  const most = amount(chunksPerArticle, 'passages');
  return `It holds the first ${most} of each article, what is embedded here in minutes; your own builds hold all of them.`;
}

function howToAsk(): string {
  const program = installation().checkout ? 'npm start --silent --' : 'footnote';
  return [
    `  ${program} ask "QUESTION"       an answer with its citations`,
    `  ${program} search "QUESTION"    the passages alone`,
    `  ${program} build SOURCE         a corpus of your own`,
    `  ${program} --help               everything else`,
  ].join('\n');
}
