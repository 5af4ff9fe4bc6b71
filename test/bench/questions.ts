/**
 * SQuAD's questions over the articles of one build, and when a hit is right: where its chunk belongs to the gold article and
 * contains one of the answers (case folded, spaces collapsed).
 */
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { PassageSentence } from '../../core/answer/extract.ts';
import type { Chunk, Hit } from '../../core/index.ts';
import { readJsonLines } from '../fixtures/json-lines.ts';
import { SHARED } from '../fixtures/shared-data.ts';

export const BUILD = 'articles-1k';
export const QUESTION_SET = join(SHARED, 'questions/over-wikipedia-2019/qa.jsonl.gz');
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

/** Each question once, with its answer in an article of the build, or of the 10,000; undefined where the data are not there. */
export function questions(of: '1k' | '10k' = '1k'): Question[] | undefined {
  const seen = new Set<string>();
  return allQuestions()?.filter(({ in_1k, answer_in_article, unanswerable, question }) => {
    if ((of === '1k' && !in_1k) || !answer_in_article || unanswerable || seen.has(question)) return false;
    seen.add(question);
    return true;
  });
}

/** Every row, unanswerable ones too. */
export function allQuestions(): Question[] | undefined {
  return existsSync(QUESTION_SET) ? readJsonLines(QUESTION_SET) : undefined;
}

/** Rank of the first right hit, from 1; undefined where there is none. */
export function rankOfAnswer(hits: Hit[], question: Question): number | undefined {
  return hits.find(({ chunk }) => answersIt(chunk, question))?.rank;
}

/** Whether the chunk belongs to the gold article and contains one of the answers. */
export function answersIt({ articleId, text }: Chunk, { answers, gold_article_id }: Question): boolean {
  if (articleId !== String(gold_article_id)) return false;
  const folded = fold(text);
  return answers.some((answer) => folded.includes(fold(answer)));
}

/** Whether the sentence, of one of these passages, answers by itself. */
export function sentenceAnswersIt(
  { passage, text }: Pick<PassageSentence, 'passage' | 'text'>,
  hits: Hit[],
  question: Question,
): boolean {
  const chunk = hits[passage]?.chunk;
  return chunk !== undefined && answersIt({ ...chunk, text }, question);
}

/** Round by round one question of each article, in an order that depends on the questions' ids only. */
export function sample(known: Question[], size: number): Question[] {
  const order = (qid: string) => createHash('sha256').update(`sample 1 ${qid}`).digest('hex');
  const byArticle = new Map<number, Question[]>();
  for (const question of known)
    byArticle.set(question.gold_article_id, [...(byArticle.get(question.gold_article_id) ?? []), question]);
  const strata = [...byArticle.values()].map((list) =>
    list.sort((a, b) => order(a.qid).localeCompare(order(b.qid))),
  );
  const most = Math.max(...strata.map(({ length }) => length));
  const rounds = Array.from({ length: most }, (_, round) => strata.flatMap((list) => list[round] ?? []));
  return rounds.flat().slice(0, size);
}

function fold(text: string): string {
  return text.toLowerCase().replace(/\s+/g, ' ').trim();
}
