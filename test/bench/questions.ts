/**
 * SQuAD's questions over the articles of one build, and when a hit is right: where its chunk belongs to the gold article and
 * contains one of the answers (case folded, spaces collapsed).
 */
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { Chunk, Hit } from '../../core/index.ts';

export const SHARED = resolve('../shared/data');
export const BUILD = 'articles-1k';
export const NO_DATA = 'left out: ../shared/data is not there';

export interface Question {
  qid: string;
  question: string;
  answers: string[];
  gold_title: string;
  gold_article_id: number;
  in_1k: boolean;
  answer_in_article: boolean;
  unanswerable: boolean;
}

/** Each question once, with its answer in an article of the build; undefined where the data are not there. */
export function questions(): Question[] | undefined {
  const seen = new Set<string>();
  return allQuestions()?.filter(({ in_1k, answer_in_article, unanswerable, question }) => {
    if (!in_1k || !answer_in_article || unanswerable || seen.has(question)) return false;
    seen.add(question);
    return true;
  });
}

/** Every row, unanswerable ones too. */
export function allQuestions(): Question[] | undefined {
  const file = join(SHARED, 'questions/over-wikipedia-2019/qa.jsonl.gz');
  if (!existsSync(file)) return undefined;
  return gunzipSync(readFileSync(file))
    .toString('utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Question);
}

/** Rank of the first right hit, from 1; undefined where there is none. */
export function rankOfAnswer(hits: Hit[], question: Question): number | undefined {
  return hits.find(({ chunk }) => answersIt(chunk, question))?.rank;
}

/** Whether the chunk belongs to the gold article and contains one of the answers. */
export function answersIt({ articleId, text }: Chunk, { answers, gold_article_id }: Question): boolean {
  const folded = fold(text);
  return articleId === String(gold_article_id) && answers.some((answer) => folded.includes(fold(answer)));
}

function fold(text: string): string {
  return text.toLowerCase().replace(/\s+/g, ' ').trim();
}
