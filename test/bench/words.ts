/**
 * How fast and how well the word index finds: SQuAD's questions over the chunks of one build, by the budget of postings that a
 * question may read. A hit is right where the chunk belongs to the gold article and contains one of the answers.
 * FOOTNOTE_DATA says where the build lies, FOOTNOTE_BUILD which one it is.
 */
import { quantile } from '../../core/evaluate/bootstrap.ts';
import { readSettings } from '../../core/index.ts';
import { buildPaths, readManifest } from '../../core/store/build-folder.ts';
import { activeBuild } from '../../core/store/builds.ts';
import type { ChunkReader } from '../../core/store/chunk-store.ts';
import { openChunkReader } from '../../core/store/client.ts';
import { wordsBeside } from '../../core/store/read.ts';
import { stopWords } from '../../core/store/stop-words.ts';
import { openWords, type WordsFile } from '../../core/store/words/file.ts';
import { POSTING_BYTES_A_QUESTION, searchWords } from '../../core/store/words/search.ts';
import { questionWords, termReader } from '../../core/store/words/terms.ts';
import type { KeywordTokenizer } from '../../core/types.ts';
import { answersIt, type Question, questions } from './questions.ts';
import type { Table } from './table.ts';

/** What a question may read at 49.5 million rows, in proportion to this build, and what it may read at most. */
export const WHOLE_ROWS = 49_500_000;
const DEPTH = 100;
const WARM_UP = 100;

export interface Asked extends Question {
  terms: string[];
}

export async function run(): Promise<Table[]> {
  const { settings } = readSettings();
  const build = settings.build ?? (await activeBuild(settings.data));
  const known = questions();
  if (build === undefined || known === undefined)
    return [{ name: 'Word index', rows: [{ method: 'left out: no build, or ../shared/data is not there' }] }];
  const { keywordTokenizer: tokenizer, languages } = await readManifest(settings.data, build);
  const path = buildPaths(settings.data, build).chunks;
  const chunks = await openChunkReader({ path, tokenizer });
  const words = openWords(wordsBeside(path));
  try {
    const asked = withTerms(known, tokenizer, languages);
    warmUp(words, asked);
    const rows: Table['rows'] = [];
    for (const budget of [Number.POSITIVE_INFINITY, (POSTING_BYTES_A_QUESTION * words.rows) / WHOLE_ROWS])
      rows.push(await measure(words, chunks, asked, budget));
    return [{ name: `Word index, ${words.rows} chunks, ${asked.length} questions, build ${build}`, rows }];
  } finally {
    words.close();
    await chunks.close();
  }
}

/** Has code compiled and pages read before anything is timed. */
export function warmUp(words: WordsFile, asked: Asked[]): void {
  for (const { terms } of asked.slice(0, WARM_UP)) searchWords(words, terms, DEPTH);
}

/** One row of the table: what the questions find while each may read `budget` bytes of postings. */
export async function measure(
  words: WordsFile,
  chunks: Pick<ChunkReader, 'get'>,
  asked: Asked[],
  budget: number,
) {
  const times: number[] = [];
  const bytes: number[] = [];
  const ranks: number[] = [];
  for (const question of asked) {
    const stats = { windows: 0, visited: 0, postingBytes: 0 };
    const started = process.cpuUsage();
    const found = searchWords(words, question.terms, DEPTH, budget, stats);
    const { user, system } = process.cpuUsage(started);
    times.push((user + system) / 1_000);
    bytes.push(stats.postingBytes);
    const right = (await chunks.get(found.map(({ id }) => id))).findIndex((chunk) =>
      answersIt(chunk, question),
    );
    ranks.push(right < 0 ? Number.POSITIVE_INFINITY : right + 1);
  }
  const share = (k: number) => (ranks.filter((rank) => rank <= k).length / ranks.length).toFixed(4);
  for (const list of [bytes, times]) list.sort((a, b) => a - b);
  return {
    'postings a question': Number.isFinite(budget) ? `${Math.round(budget)} bytes` : 'all it needs',
    ...{ 'top 1': share(1), 'top 10': share(10), 'top 100': share(100) },
    ...{ 'bytes p50': quantile(bytes, 0.5), 'bytes p95': quantile(bytes, 0.95) },
    ...{ 'CPU ms p50': quantile(times, 0.5).toFixed(2), 'CPU ms p95': quantile(times, 0.95).toFixed(2) },
  };
}

/** The questions with what is searched for. */
export function withTerms(known: Question[], tokenizer: KeywordTokenizer, languages: string[]): Asked[] {
  const termsOf = termReader(tokenizer);
  const stopped = stopWords(languages);
  return known.map((question) => ({
    ...question,
    terms: questionWords(question.question, tokenizer, stopped).flatMap(termsOf),
  }));
}
