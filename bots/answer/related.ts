/**
 * What to ask next, from the passages that were found: other articles, other sections. Pure and the same each time.
 */
import type { Answer, Hit } from '../../core/index.ts';
import { type Language, say } from '../phrases/phrases.ts';

const MOST = 3;

/** Up to three questions about found articles that the answer does not cite, then about sections it does not. */
export function relatedQuestions(
  answer: Pick<Answer, 'citations' | 'question'>,
  hits: Pick<Hit, 'chunk'>[],
  language: Language,
): string[] {
  const cited = new Set(answer.citations.map(({ title }) => title));
  const places = new Set(answer.citations.map(({ title, section }) => `${title}\n${section}`));
  const articles = hits
    .filter(({ chunk }) => !cited.has(chunk.title))
    .map(({ chunk }) => say(language, 'related', { title: chunk.title }));
  const sections = hits
    .filter(({ chunk }) => cited.has(chunk.title) && chunk.section.length > 0)
    .filter(({ chunk }) => !places.has(`${chunk.title}\n${chunk.section.join(' > ')}`))
    .map(({ chunk }) =>
      say(language, 'relatedSection', { title: chunk.title, section: chunk.section.at(-1) ?? '' }),
    );
  const asked = answer.question.toLowerCase();
  return [...new Set([...articles, ...sections])]
    .filter((text) => text.toLowerCase() !== asked)
    .slice(0, MOST);
}

/** Up to three titles of the articles that came nearest. */
export function nearestTitles(hits: Pick<Hit, 'chunk'>[]): string[] {
  return [...new Set(hits.map(({ chunk }) => chunk.title))].slice(0, MOST);
}
