/**
 * Which passages are right for a question. Knows articles and texts; nothing about how they were found.
 */
import type { Chunk } from '../types.ts';
import type { Question } from './question.ts';

/** A right passage: its rank, counted from 1, and its grade (1 if nobody graded it). */
export type Right = [rank: number, grade: number];

/**
 * The right ones among ranked passages.
 * With answers: those that contain one (case and white space aside), only in the gold article if one is named.
 * With judged articles: the first passage of each; ranks then count articles, since articles were judged.
 */
export function rightPassages(question: Question, ranked: Chunk[]): Right[] {
  return question.relevant === undefined
    ? containing(question, ranked)
    : relevantArticles(question.relevant, ranked);
}

function containing(question: Question, ranked: Chunk[]): Right[] {
  const wanted = question.answers.map(folded);
  return ranked.flatMap((chunk, index): Right[] => {
    if (!isGold(chunk, question)) return [];
    const text = folded(chunk.text);
    return wanted.some((answer) => text.includes(answer)) ? [[index + 1, 1]] : [];
  });
}

function relevantArticles(relevant: Record<string, number>, ranked: Chunk[]): Right[] {
  const articles = [...new Set(ranked.map(({ articleId }) => articleId))];
  return articles.flatMap((id, index): Right[] => {
    const grade = Object.hasOwn(relevant, id) ? relevant[id] : undefined;
    return grade === undefined ? [] : [[index + 1, grade]];
  });
}

/** By id or by title: another edition of the corpus may number its articles differently, or have renamed one. */
function isGold({ articleId, title }: Chunk, { goldArticleId, goldTitle }: Question): boolean {
  if (goldArticleId === undefined && goldTitle === undefined) return true;
  return articleId === goldArticleId || (goldTitle !== undefined && folded(title) === folded(goldTitle));
}

/** The form in which texts are compared. */
export function folded(text: string): string {
  return text.toLowerCase().replace(/\s+/g, ' ').trim();
}
