/**
 * Files, folders and the name `probes` -> one question set: each question once, and counts of rows that are not asked.
 * Knows which reader goes with which file.
 */
import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { CoreError } from '../errors.ts';
import { beirName, qrelsOf, readBeir } from './beir.ts';
import { PROBES } from './probes.ts';
import type { LeftOut, Question, QuestionSet, SetRow } from './question.ts';
import { readRows, rowOf } from './rows.ts';
import { stratifiedSample } from './sample.ts';
import { FORMS, readSetFile } from './set-file.ts';
import { readSquad } from './squad.ts';
import { type Condition, parseWhere } from './where.ts';

interface Part {
  name: string;
  rows: SetRow[];
  bytes: Uint8Array[];
}

export interface SetOptions {
  where?: string | undefined;
  /** Most questions of each kind (answerable, unanswerable) to ask: a sample that is the same in every call. */
  limit?: number | undefined;
}

/**
 * @param sources files (`.jsonl`, SQuAD's `.json`, BEIR's qrels `.tsv`; each also `.gz`), BEIR folders, or `probes`
 * Throws `CoreError`: `not-found`, `bad-input` (which file, which line), `usage` (`where`).
 */
export async function readQuestionSet(
  sources: string[],
  { where = '', limit }: SetOptions = {},
): Promise<QuestionSet> {
  const conditions = parseWhere(where);
  const parts = await Promise.all(sources.map(readPart));
  const rows = parts.flatMap((part) => part.rows);
  refuseUnknownFields(conditions, rows);

  const leftOut: QuestionSet['leftOut'] = {};
  const leave = (why: LeftOut) => {
    leftOut[why] = (leftOut[why] ?? 0) + 1;
  };
  const asked = new Map<string, Question>();
  const ids = new Map<string, string>();
  for (const { fields, question: read } of rows) {
    // Every row gets its id, also one that is left out: kept rows of another --where then mean the same question.
    const question = typeof read === 'string' ? read : withOwnId(read, ids);
    if (!conditions.every(({ field, holds }) => holds(fields[field]))) leave('not asked for (--where)');
    else if (typeof question === 'string') leave(question);
    else if (asked.has(question.question)) leave('asked before');
    else asked.set(question.question, question);
  }
  if (asked.size === 0) throw nothingToAsk(sources, rows.length, leftOut);

  const some = (unanswerable: boolean) => {
    const all = [...asked.values()].filter((question) => question.unanswerable === unanswerable);
    const chosen = limit === undefined ? all : stratifiedSample(all, limit);
    for (let left = all.length - chosen.length; left > 0; left--) leave('not in the sample (--limit)');
    return chosen;
  };
  const hash = createHash('sha256');
  for (const bytes of parts.flatMap((part) => part.bytes)) hash.update(bytes);
  return {
    name: parts.map(({ name }) => name).join(' + '),
    checksum: hash.digest('hex'),
    questions: some(false),
    unanswerable: some(true),
    rows: rows.length,
    leftOut,
  };
}

async function readPart(source: string): Promise<Part> {
  if (source === 'probes')
    return {
      name: 'probes',
      rows: PROBES.map((probe) => rowOf({ ...probe }, probe.qid)),
      bytes: [Buffer.from(JSON.stringify(PROBES))],
    };
  const isFolder = await stat(source).then(
    (found) => found.isDirectory(),
    () => false, // reported by the reader below
  );
  const qrels = await qrelsOf(source, isFolder);
  if (qrels !== undefined) {
    const { rows, files } = await readBeir(qrels);
    return { name: beirName(qrels), rows, bytes: files.map(({ bytes }) => bytes) };
  }
  const file = await readSetFile(source);
  const name = basename(source).replace(/\.gz$/i, '');
  if (/\.json$/i.test(name)) return { name, rows: readSquad(file), bytes: [file.bytes] };
  if (/\.jsonl$/i.test(name)) return { name, rows: readRows(file, name), bytes: [file.bytes] };
  throw new CoreError('bad-input', `${source} is not a kind of question set that Footnote reads.`, {
    hint: FORMS,
  });
}

/** Makes ids unique, since two files may number their questions alike; `ids` holds the question that each stands for. */
function withOwnId(question: Question, ids: Map<string, string>): Question {
  let qid = question.qid;
  for (let copy = 2; ![undefined, question.question].includes(ids.get(qid)); copy++)
    qid = `${question.qid}~${copy}`;
  ids.set(qid, question.question);
  return { ...question, qid };
}

function refuseUnknownFields(conditions: Condition[], rows: SetRow[]): void {
  const unknown = conditions.find(({ field }) => rows.every(({ fields }) => !(field in fields)));
  if (unknown === undefined || rows.length === 0) return;
  const known = [...new Set(rows.flatMap(({ fields }) => Object.keys(fields)))];
  throw new CoreError('usage', `No row of this question set has a field "${unknown.field}".`, {
    hint: `There are: ${known.slice(0, 20).join(', ')}.`,
  });
}

function nothingToAsk(sources: string[], rows: number, leftOut: QuestionSet['leftOut']): CoreError {
  const why = Object.entries(leftOut).map(([reason, count]) => `${count} ${reason}`);
  return new CoreError(
    'bad-input',
    `${sources.join(', ')} has no question to ask${rows === 0 ? ': it is empty' : ` (${why.join(', ')})`}.`,
    { hint: FORMS },
  );
}
