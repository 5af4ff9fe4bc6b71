/**
 * `footnote compare`: one question, several methods side by side. Knows its options and how the sides are shown.
 */
import { styleText } from 'node:util';
import cliTruncate from 'cli-truncate';
import type { Command } from 'commander';
import {
  CoreError,
  compare,
  type MethodResult,
  openSession,
  recordVote,
  resultOf,
  type Settings,
  type SideBySide,
} from '../../core/index.ts';
import type { Context, Runner } from '../context.ts';
import { readingWidth } from '../show.ts';
import { duration, placeOf, plain } from '../words.ts';
import { methodList } from './evaluate.ts';

interface CompareOptions {
  methods?: string;
  answers?: boolean;
  vote?: string;
}

/** The methods that the one in the settings is compared with by default. */
const BESIDE = ['dense', 'keyword', 'hybrid'];

export function addCompare(program: Command, run: Runner): void {
  program
    .command('compare')
    .summary('one question, several methods side by side')
    .description(
      'Asks several methods the same question: what each finds that the others do not, and how fast.',
    )
    .argument('<question...>')
    .option(
      '--methods <list>',
      'two to four methods or plans, comma-separated (default: the one that is set and the plain ones)',
    )
    .option('--answers', 'also write an answer from each method’s passages')
    .option('--vote <method>', 'record this method as the best one, in the question set votes.jsonl')
    .addHelpText(
      'after',
      `
Settings that matter here: -k, --method, --nprobe, --generator, --build, --data

Examples:
  footnote compare "Who told Lincoln to grow a beard?"
  footnote compare "binding energy" --methods dense,keyword -k 5 --json
  footnote compare "binding energy" --methods dense,keyword --vote keyword
  footnote evaluate --set ~/.local/share/footnote/votes.jsonl`,
    )
    .action(run(runCompare));
}

async function runCompare(context: Context, words: string[], options: CompareOptions): Promise<undefined> {
  const { settings, signal, progress } = context;
  const methods = chosen(options, settings);
  const { vote } = options;
  if (vote !== undefined && !methods.includes(vote))
    throw new CoreError('usage', `There is no method "${vote}" in this comparison.`, {
      hint: `Vote for one of: ${methods.join(', ')}.`,
    });
  const session = await openSession(settings);
  try {
    const running = compare(
      session,
      { question: words.join(' '), methods, answers: options.answers },
      signal,
    );
    const compared = await resultOf(running, (event) => {
      if (event.type === 'method-start') progress.passing(`${plain(event.method)} …`);
    });
    progress.clear();
    if (vote !== undefined) await recordVote(settings.data, { compared, winner: vote });
    if (context.json) context.printLine(sideBySideJson(compared));
    else context.print(showSides(compared, readingWidth(context.columns)));
  } finally {
    await session.close();
  }
}

function chosen({ methods }: CompareOptions, { method }: Settings): string[] {
  if (methods !== undefined) return [...new Set(methodList(methods))];
  return [...new Set([method, ...BESIDE])];
}

/** The result with each hit's passage flattened, as in `search --json`. */
function sideBySideJson({ methods, ...result }: SideBySide): Record<string, unknown> {
  return {
    ...result,
    methods: methods.map(({ hits, ...one }) => ({
      ...one,
      hits: hits.map(({ rank, id, score, scores, chunk: { title, section, url, text } }) => ({
        ...{ rank, id, score, title, section: section.join(' > '), url, text, scores },
      })),
    })),
  };
}

/** One block per method; `+` before a passage that only this one found. */
function showSides({ methods, shared, build }: SideBySide, width: number): string {
  const blocks = methods.map((one) => [heading(one), ...body(one, width)].join('\n'));
  const about = `${plain(build)} · + found by this method alone · ${shared.length} found by all`;
  return [...blocks, styleText('dim', about)].join('\n\n');
}

function heading({ method, plan, retrieveMs, answer }: MethodResult): string {
  const took =
    answer === undefined
      ? duration(retrieveMs)
      : `${duration(retrieveMs)}, answered in ${duration(answer.timings.totalMs)}`;
  return `${styleText('bold', plain(method))} ${styleText('dim', `${plan === method ? '' : `${plan} · `}${took}`)}`;
}

function body({ hits, only, answer, error }: MethodResult, width: number): string[] {
  if (error !== undefined) return [styleText('yellow', `failed: ${plain(error.message)}`)];
  const alone = new Set(only);
  const lines = hits.map(({ rank, id, chunk }) => {
    const line = `${alone.has(id) ? '+' : ' '} ${String(rank).padStart(2)}. ${placeOf(chunk)} — ${plain(chunk.text)}`;
    return Number.isFinite(width) ? cliTruncate(line, width) : line;
  });
  return [
    ...(lines.length > 0 ? lines : ['Nothing found.']),
    ...(answer === undefined ? [] : [plain(answer.text)]),
  ];
}
