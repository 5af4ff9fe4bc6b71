/**
 * `footnote ask`: an answer with checked citations. Knows how its events are shown while it is written.
 */
import type { Command } from 'commander';
import { type AskEvent, ask, openSession, type Settings } from '../../core/index.ts';
import type { Context, Runner } from '../context.ts';
import { readingWidth, showAnswer } from '../show.ts';
import { drain } from '../stream.ts';
import { plain } from '../words.ts';

export function addAsk(program: Command, run: Runner): void {
  program
    .command('ask')
    .summary('an answer with citations')
    .description(
      'Answers a question from the active build, every sentence cited and checked against its passage.',
    )
    .argument('<question...>')
    .addHelpText(
      'after',
      `
Settings that matter here: -k, --method, --generator, --max-answer-tokens, --build, --data

Examples:
  footnote ask "Where was Albert Einstein born?"
  footnote ask "Where was Albert Einstein born?" --generator none
  footnote ask "Where was Albert Einstein born?" --json | tail -n 1`,
    )
    .action(run(async (context, words: string[]) => answer(context, context.settings, words.join(' '))));
}

/** Asks, shows what happens meanwhile, and prints the answer. */
export async function answer(context: Context, settings: Settings, question: string): Promise<undefined> {
  const session = await openSession(settings);
  try {
    let written = '';
    const result = await drain(context, ask(session, { question }, context.signal), (event) => {
      if (event.type === 'text-delta') written += event.text;
      showAskEvent(event, written, context);
    });
    if (context.json) context.printLine(result);
    else context.print(showAnswer(result, readingWidth(context.columns)));
  } finally {
    await session.close();
  }
}

function showAskEvent(event: AskEvent, written: string, { progress }: Context): void {
  if (event.type === 'retrieve-start') progress.passing('Searching …');
  if (event.type === 'generate-start')
    progress.passing(event.generator === undefined ? 'Quoting …' : `${plain(event.generator)} is reading …`);
  if (event.type === 'text-delta') progress.passing(plain(written));
  if (event.type === 'warning') {
    const reason = event.error === undefined ? '' : ` ${plain(event.error.message)}`;
    progress.note(`Warning: ${plain(event.message)}${reason}`);
  }
}
