/**
 * Knows how a citation refers to its source: the revision, the quoted words in it, the licence.
 * Never follows a link.
 */
import type { Chunk } from '../types.ts';

/** Longest quote that a link contains whole, in characters; a longer one is given by its first and last words. */
const WHOLE_QUOTE = 120;
const EDGE_WORDS = 5;

/**
 * The article's address, at the chunk's revision if that is known, scrolled to the quote by a text fragment (WICG,
 * https://wicg.github.io/scroll-to-text-fragment/). Empty if the chunk has no address.
 */
export function citationUrl(chunk: Pick<Chunk, 'url' | 'title' | 'revision'>, quote: string): string {
  if (!URL.canParse(chunk.url)) return '';
  const article = new URL(chunk.url);
  if (article.protocol !== 'https:' && article.protocol !== 'http:') return '';
  article.hash = '';
  const base =
    chunk.revision === undefined
      ? encodeMarks(article.href)
      : `${article.origin}/w/index.php?title=${encodePart(chunk.title.replaceAll(' ', '_'))}&oldid=${encodePart(chunk.revision)}`;
  const fragment = textFragment(quote);
  return fragment === '' ? base : `${base}#:~:text=${fragment}`;
}

/** The attribution that the licence requires, in one line; it names a licence only if the site's is known. */
export function licenceLine(chunk: Pick<Chunk, 'url' | 'title'>): string {
  const host = URL.canParse(chunk.url) ? new URL(chunk.url).hostname : '';
  if (host === '') return `Text: “${chunk.title}”`;
  if (/(^|\.)wikipedia\.org$/.test(host)) return `Text: Wikipedia, “${chunk.title}”, CC BY-SA 4.0`;
  return `Text: ${host}, “${chunk.title}”`;
}

function textFragment(quote: string): string {
  const words = quote.split(/\s+/u).filter((word) => word !== '');
  if (quote.length <= WHOLE_QUOTE || words.length <= 2 * EDGE_WORDS) return encodePart(words.join(' '));
  return `${encodePart(words.slice(0, EDGE_WORDS).join(' '))},${encodePart(words.slice(-EDGE_WORDS).join(' '))}`;
}

/** Percent-encodes what is syntax in a URL, a text fragment (`-`, `,`, `&`) or a chat's markup (`( ) < > |`). */
function encodePart(text: string): string {
  return encodeMarks(encodeURIComponent(text.toWellFormed())).replaceAll('-', '%2D').replaceAll("'", '%27');
}

function encodeMarks(text: string): string {
  return text.replace(/[()<>|]/g, (mark) => `%${mark.charCodeAt(0).toString(16).toUpperCase()}`);
}
