/**
 * Joins clean paragraphs into an article's text, and removes from a paragraph what stripped markup leaves behind.
 * Knows no source format.
 */
import type { Article, Block } from '../types.ts';
import { isBackMatter } from './back-matter.ts';

/** One paragraph or list, and the headings it is under, outermost first. */
export interface Paragraph {
  section: string[];
  text: string;
}

const CONTROL = /[\p{Cc}\uFEFF\u2028\u2029]/gu;
const HEADING_LENGTH = 200;

/**
 * The article made of these paragraphs, a blank line between any two; undefined where none has a letter or digit.
 * Sections of references, links and the like are left out, subsections included.
 */
export function articleFromParagraphs(
  page: Omit<Article, 'text' | 'blocks'>,
  paragraphs: Iterable<Paragraph>,
): Article | undefined {
  const texts: string[] = [];
  const blocks: Block[] = [];
  let length = 0;
  for (const paragraph of paragraphs) {
    const section = paragraph.section.map(tidyLine).filter((heading) => heading !== '');
    const text = tidy(paragraph.text);
    if (text === '' || section.some(isBackMatter)) continue;
    const start = length === 0 ? 0 : length + 2;
    length = start + text.length;
    texts.push(text);
    blocks.push({ section: section.map((heading) => heading.slice(0, HEADING_LENGTH)), start, end: length });
  }
  if (blocks.length === 0) return undefined;
  return { ...page, title: tidyLine(page.title), text: texts.join('\n\n'), blocks };
}

/**
 * The text without empty brackets, doubled commas and white space that removed markup leaves; broken surrogates become
 * U+FFFD. Line breaks are kept; lines without a letter or digit, or with only an address, are dropped.
 */
export function tidy(text: string): string {
  return text
    .split('\n')
    .map(tidyLine)
    .filter((line) => /[\p{L}\p{N}]/u.test(line) && !/^https?:\S+$/.test(line))
    .join('\n');
}

/** Every repetition is bounded, so that even hostile text takes only time linear in its length. */
function tidyLine(line: string): string {
  return line
    .replace(/\p{Surrogate}/gu, '\uFFFD')
    .replace(/[\p{Zs}\t]+/gu, ' ')
    .replace(CONTROL, '')
    .replace(/(?<=^|\s)[([（][\s,;:،；，]{0,12}[)\]）]/g, '')
    .replace(/(?<=[(（])(?: ?[,;:،；，]){1,6} /g, '')
    .replace(/(?: ?[,;،]){1,6} ?(?=[)）])/g, '')
    .replace(/(?<=\() (?=\S)|(?<=[^\s(]) (?=\))/g, '')
    .replace(/([,;])(?: ?[,;]){1,6}(?=\s)/g, '$1')
    .replace(/ ,(?=\s)/g, ',')
    .replace(/(?<![.\s]) \.(?=\s|$)(?! \.)/g, '.')
    .replace(/^[,;،](?=\s)/, '')
    .replace(/ {2,}/g, ' ')
    .trim();
}
