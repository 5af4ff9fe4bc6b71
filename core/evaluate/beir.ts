/**
 * Knows BEIR's folders: `queries.jsonl` (`_id`, `text`) and `qrels/SPLIT.tsv` (query id, corpus id, grade; a heading).
 * `footnote build FOLDER/corpus.jsonl` makes a build of the corpus: an article's id is then the document's `_id`, which
 * the judgements refer to.
 */
import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { CoreError } from '../errors.ts';
import type { SetRow } from './question.ts';
import { jsonLines, readSetFile, type SetFile } from './set-file.ts';

/** The qrels file that `path` means (a folder's `test` split or its only one); undefined for a file of another kind. */
export async function qrelsOf(path: string, isFolder: boolean): Promise<string | undefined> {
  if (!isFolder) return /\.tsv(\.gz)?$/i.test(path) ? path : undefined;
  const folder = join(path, 'qrels');
  const found = existsSync(folder) ? await readdir(folder) : [];
  const splits = found.filter((name) => /\.tsv(\.gz)?$/i.test(name)).sort();
  const chosen = splits.length === 1 ? splits[0] : splits.find((name) => name.startsWith('test.'));
  if (chosen !== undefined) return join(folder, chosen);
  throw new CoreError(
    'bad-input',
    splits.length === 0
      ? `The folder ${path} is no BEIR set: it has no judgements in qrels/*.tsv.`
      : `The folder ${path} has several sets of judgements and no test.tsv: ${splits.join(', ')}.`,
    {
      hint:
        splits.length === 0
          ? 'A BEIR set is a folder with corpus.jsonl, queries.jsonl and qrels/test.tsv.'
          : `Name one of them: --set ${join(path, 'qrels', splits[0] as string)}`,
    },
  );
}

/** The queries judged in one qrels file, and the files that were read. */
export async function readBeir(qrelsPath: string): Promise<{ rows: SetRow[]; files: SetFile[] }> {
  const qrels = await readSetFile(qrelsPath);
  const folder = dirname(dirname(qrelsPath));
  const plain = join(folder, 'queries.jsonl');
  const queries = await readSetFile(existsSync(plain) ? plain : `${plain}.gz`);
  const judged = judgements(qrels);
  const rows = [...jsonLines(queries)].map(({ row: fields }): SetRow => {
    const qid = String(fields._id ?? '');
    const text = typeof fields.text === 'string' ? fields.text.trim() : '';
    const relevant = judged.get(qid);
    if (text === '' || qid === '') return { fields, question: 'no question' };
    if (relevant === undefined) return { fields, question: 'no article judged relevant' };
    return { fields, question: { qid, question: text, answers: [], relevant, unanswerable: false } };
  });
  return { rows, files: [queries, qrels] };
}

/** What a set is called in reports: its folder and split, e.g. `scifact/test`. */
export function beirName(qrelsPath: string): string {
  return `${basename(dirname(dirname(qrelsPath)))}/${basename(qrelsPath).replace(/\.tsv(\.gz)?$/i, '')}`;
}

/** Grades above 0 by query and document. */
function judgements({ path, text }: SetFile): Map<string, Record<string, number>> {
  const judged = new Map<string, Record<string, number>>();
  text.split('\n').forEach((line, index) => {
    if (line.trim() === '') return;
    const [query = '', document = '', grade = '', ...more] = line.split('\t').map((cell) => cell.trim());
    if (index === 0 && !Number.isFinite(Number(grade))) return; // the heading
    // Four columns are TREC's format, where the third is the document, which could be taken for a grade.
    const isGrade = grade !== '' && Number.isFinite(Number(grade)) && more.length === 0;
    if (query === '' || document === '' || !isGrade)
      throw new CoreError('bad-input', `Line ${index + 1} of ${path} is not query id, corpus id and grade.`, {
        hint: 'BEIR separates them by tabs, under the heading query-id, corpus-id, score.',
      });
    if (Number(grade) <= 0) return;
    const known = judged.get(query) ?? {};
    known[document] = Number(grade);
    judged.set(query, known);
  });
  return judged;
}
