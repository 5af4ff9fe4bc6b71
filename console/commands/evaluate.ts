/**
 * `footnote evaluate`: a question set against methods. Knows its options and how its tables are shown.
 */
import type { Command } from 'commander';
import {
  type EvaluatedSet,
  type EvaluateEvent,
  type Evaluation,
  evaluate,
  makeReportFolder,
  openSession,
  reportOf,
  resultOf,
  tablesOf,
  writeReport,
} from '../../core/index.ts';
import type { Context, Runner } from '../context.ts';
import { table } from '../show.ts';
import { amount, number, plain } from '../words.ts';
import { whole } from './build.ts';

interface EvaluateOptions {
  set: string[];
  methods?: string;
  where?: string;
  limit?: number;
  depth?: number;
  answers?: boolean;
  sample?: number;
  report?: string;
}

export function addEvaluate(program: Command, run: Runner): void {
  program
    .command('evaluate')
    .summary('a question set against methods')
    .description(
      'Asks every question of a set with every method: quality with 95 % intervals, latency, cost.\n' +
        'What was asked is kept: run it again after any interruption and it resumes where it stopped.',
    )
    .requiredOption(
      '--set <file...>',
      'JSONL (.gz) with question and answers, SQuAD JSON (.gz), a BEIR folder or its qrels file, or "probes"',
    )
    .option('--methods <list>', 'methods or plans, comma-separated (default: the one that is set)')
    .option('--where <conditions>', 'rows to ask: FIELD, !FIELD, FIELD=VALUE, FIELD>=NUMBER, comma-separated')
    .option('--limit <questions>', 'ask at most this many, a sample like the whole', whole)
    .option('--depth <passages>', 'passages to rank for a question (default: 100)', whole)
    .option('--answers', 'also answer the questions, including those that cannot be answered')
    .option('--sample <questions>', 'most questions where a language model is called (default: 150)', whole)
    .option('--report <folder>', 'write report.html, report.md and report.json there')
    .addHelpText(
      'after',
      `
A row is \`question\`, \`answers\`, and perhaps \`qid\`, \`gold_title\`, \`gold_article_id\`, \`unanswerable\`. A passage is right if it comes
from the gold article (where one is named) and contains an answer. For a BEIR set, build its corpus.jsonl: article id is _id.

Settings that matter here: --method, --nprobe, --build, --data

Examples:
  footnote evaluate --set probes
  footnote evaluate --set qa.jsonl.gz --where in_1k,answer_in_article --methods dense,keyword,hybrid
  footnote evaluate --set probes --methods dense,keyword --report report
  footnote evaluate --set scifact --methods keyword --json`,
    )
    .action(run(runEvaluate));
}

async function runEvaluate(context: Context, options: EvaluateOptions): Promise<undefined> {
  const { set: sets, methods, report: folder, ...rest } = options;
  if (folder !== undefined) await makeReportFolder(folder); // a place that is none is told before the questions
  const session = await openSession(context.settings, { keepRewrites: true });
  try {
    const running = evaluate(session, { ...rest, sets, methods: methodList(methods) }, context.signal);
    const { evaluation, asked } = await followed(context, running);
    context.signal.throwIfAborted();
    if (folder !== undefined) {
      const report = await reportOf(evaluation, asked, async (ids) => (await session.chunks()).get(ids));
      for (const path of await writeReport(folder, report)) context.say(`Written: ${path}`);
    }
    if (context.json) context.printLine(evaluation);
    else context.print(evaluationText(evaluation));
  } finally {
    await session.close();
  }
}

/** Splits at commas outside brackets: `dense,dense(5) + keyword(5) > fuse(1, 2)` is two methods. */
export function methodList(text: string | undefined): string[] {
  const parts = text?.split(/,(?![^(]*\))/).map((part) => part.trim()) ?? [];
  return parts.filter((part) => part !== '');
}

/** Follows the events on stderr; stdout gets only the final result, since half an evaluation is of no use. */
async function followed(
  { progress, signal, say }: Context,
  running: AsyncGenerator<EvaluateEvent, EvaluatedSet>,
): Promise<EvaluatedSet> {
  try {
    return await resultOf(running, (event) => {
      if (event.type === 'method-progress')
        progress.update({ ...event, label: event.part === 'answers' ? 'answering' : 'asking' });
      for (const line of linesOf(event)) progress.note(line);
    });
  } finally {
    progress.clear();
    if (signal.aborted) say('What was asked is kept: the same command goes on where it was.');
  }
}

function linesOf(event: EvaluateEvent): string[] {
  switch (event.type) {
    case 'evaluate-start':
      return [
        `${plain(event.set)}: ${amount(event.questions, 'questions')} of ${amount(event.rows, 'rows')} for build "${event.build}".`,
        ...Object.entries(event.leftOut).map(([why, count]) => `  left out: ${number(count)} ${why}`),
      ];
    case 'method-start': {
      const known = event.known === 0 ? '' : `, ${number(event.known)} known from before`;
      return [
        `${plain(event.method)}, ${event.part}: ${amount(event.questions, 'questions')}${known} · ${plain(event.plan)}`,
      ];
    }
    case 'warning':
      return [`Warning, ${plain(event.method)}: ${plain(event.message)}`];
    default:
      return [];
  }
}

/** The report's tables that are shown on a terminal; the files of --report have all of them. */
const SHOWN = ['Passages', 'Differences between methods', 'Answers', 'What could not be done as planned'];

function evaluationText(evaluation: Evaluation): string {
  const { set, build, model, questions, titles, chunks } = evaluation;
  const about = [
    `${plain(set)} · ${amount(questions, 'questions')} of ${amount(titles, 'articles')}`,
    `build ${build}, ${amount(chunks, 'chunks')}, ${plain(model)}`,
  ];
  const tables = tablesOf(evaluation)
    .filter(({ title }) => SHOWN.includes(title))
    .map(({ title, heading, rows }) => {
      const cells = [heading, ...rows].map((row) => row.map(plain));
      return `${title}\n${table(cells[0] as string[], cells.slice(1))}`;
    });
  return [about.join(' · '), ...tables].join('\n\n');
}
