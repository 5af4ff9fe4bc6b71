/**
 * Knows the form in which models read a chunk: its place in the article on one line, then its text.
 * Knows nothing about how long that may be.
 */
import type { Chunk } from '../types.ts';

/** Stands between the parts of a heading. */
export const HEADING_SIGN = ' › ';

/** `Title › Section › Subsection`. */
export function passageHeading({ title, section }: Pick<Chunk, 'title' | 'section'>): string {
  return [title, ...section].join(HEADING_SIGN);
}

/**
 * `Title › Section › Subsection`, a line end, the text. What is embedded and reranked;
 * the first line says what "he" or "the city" in the text refers to.
 */
export function passageText(chunk: Pick<Chunk, 'title' | 'section' | 'text'>): string {
  return `${passageHeading(chunk)}\n${chunk.text}`;
}
