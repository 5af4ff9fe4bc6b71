/**
 * `footnote search`: passages for a question, without an answer. Knows the shape of its JSON.
 */
import type { Command } from 'commander';
import { openSession, type SearchResult, search } from '../../core/index.ts';
import type { Context, Runner } from '../context.ts';
import { readingWidth, showHits } from '../show.ts';

export function addSearch(program: Command, run: Runner): void {
  program
    .command('search')
    .summary('passages for a question')
    .description('Finds the passages that are nearest to a question, without writing an answer.')
    .argument('<question...>')
    .addHelpText(
      'after',
      `
Settings that matter here: -k, --method, --nprobe, --build, --data

Examples:
  footnote search "Who told Lincoln to grow a beard?"
  footnote search "binding energy" -k 3 --method keyword
  footnote search "binding energy" --method "dense(50) > top 5" --json`,
    )
    .action(run(runSearch));
}

async function runSearch(context: Context, words: string[]): Promise<undefined> {
  const { settings, signal, say } = context;
  const session = await openSession(settings);
  try {
    const result = await search(session, { question: words.join(' ') }, signal);
    for (const warning of result.warnings) say(`Warning: ${warning}`);
    if (context.json) context.printJson(searchJson(result));
    else context.print(showHits(result, readingWidth(context.columns)));
  } finally {
    await session.close();
  }
}

/** The result with each hit's passage flat, headings joined by " > ". */
function searchJson({ hits, ...result }: SearchResult): Record<string, unknown> {
  return {
    ...result,
    hits: hits.map(({ rank, id, score, scores, chunk }) => {
      const { articleId, title, section, url, revision, language, text } = chunk;
      return {
        ...{ rank, id, score, title, section: section.join(' > '), url, text },
        ...{ scores, articleId, language, ...(revision !== undefined && { revision }) },
      };
    }),
  };
}
