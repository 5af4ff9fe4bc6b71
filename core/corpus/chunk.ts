/**
 * Cuts an article into chunks that fit the embedding model's window: short paragraphs of one section joined, long ones
 * split. Knows sections and lengths in word pieces; nothing about stores, vectors or where articles come from.
 */
import type { Article, Block, NewChunk } from '../types.ts';
import { passageText } from './passage.ts';
import type { Span } from './sentences.ts';
import { type Measured, splitToFit } from './split.ts';
import type { WordPieces } from './word-pieces.ts';

export interface ChunkOptions {
  wordPieces: WordPieces;
  /** The model's window in word pieces, special tokens and the heading line included. */
  maxTokens: number;
  /** Short paragraphs are joined up to this length, not to the whole window: a vector of many topics is near to none of them. */
  joinTokens?: number;
  /** A paragraph below this is joined with a neighbour wherever the window allows: alone it says too little to be found. */
  minTokens?: number;
  /** At most this much of the end of one part of a long paragraph is repeated at the start of the next. */
  overlapTokens?: number;
}

type Heading = Pick<NewChunk, 'title' | 'section'>;

/** Special tokens of a single text: [CLS] and [SEP], or `<s>` and `</s>`. */
const SPECIAL_TOKENS = 2;

/**
 * The article's chunks in reading order: `text` is `article.text.slice(start, end)`, `passageText` of each fits the
 * window, none spans a heading. Only exact repetitions of a block and white space are left out. If title and headings
 * would take more than half of the window, outer headings, and then the end of the title, are left out of the chunk.
 */
export function chunkArticle(article: Article, options: ChunkOptions): NewChunk[] {
  const { wordPieces, maxTokens, joinTokens = 128, minTokens = 32, overlapTokens = 32 } = options;
  const { text, language } = article;
  const room = maxTokens - SPECIAL_TOKENS;
  const chunks: NewChunk[] = [];

  for (const blocks of bySection(withoutRepetitions(article))) {
    const heading = fitHeading(article.title, blocks[0]?.section ?? [], Math.floor(room / 2), wordPieces);
    // The heading line ends in white space, which no word piece spans, so its length and the text's add up.
    const window = {
      room: room - headingPieces(heading, wordPieces),
      overlap: overlapTokens,
      measure: ({ start, end }: Span): Measured => ({
        start,
        end,
        pieces: wordPieces.count(text.slice(start, end)),
      }),
    };
    const join = (spans: Measured[], wanted: (before: Measured, after: Measured) => boolean) =>
      spans.reduce<Measured[]>((joined, after) => {
        const before = joined.at(-1);
        const both =
          before && wanted(before, after) && !/\S/.test(text.slice(before.end, after.start))
            ? window.measure({ start: before.start, end: after.end })
            : undefined;
        if (both && both.pieces <= window.room) joined[joined.length - 1] = both;
        else joined.push(after);
        return joined;
      }, []);
    const parts = blocks.flatMap((block) => splitToFit(text, block, language, window));
    const paragraphs = join(
      parts,
      (before, after) => before.pieces + after.pieces <= joinTokens || before.pieces < minTokens,
    );
    for (const { start, end } of join(paragraphs, (_, after) => after.pieces < minTokens))
      chunks.push({
        articleId: article.id,
        ...heading,
        position: chunks.length,
        start,
        end,
        url: article.url,
        ...(article.revision !== undefined && { revision: article.revision }),
        language,
        text: text.slice(start, end),
      });
  }
  return chunks;
}

/** The blocks except those whose text already occurred in the article. */
function withoutRepetitions({ text, blocks }: Article): Block[] {
  const seen = new Set<string>();
  return blocks.filter(({ start, end }) => {
    const content = text.slice(start, end);
    if (content.trim() === '' || seen.has(content)) return false;
    seen.add(content);
    return true;
  });
}

/** Groups of neighbouring blocks under the same headings. */
function bySection(blocks: Block[]): Block[][] {
  const groups: Block[][] = [];
  for (const block of blocks) {
    const group = groups.at(-1);
    if (group?.[0] && samePath(group[0].section, block.section)) group.push(block);
    else groups.push([block]);
  }
  return groups;
}

function samePath(a: string[], b: string[]): boolean {
  return a.length === b.length && a.every((heading, depth) => heading === b[depth]);
}

/** Title and headings in at most `limit` word pieces: outer headings go first, then the end of the title. */
function fitHeading(title: string, section: string[], limit: number, wordPieces: WordPieces): Heading {
  for (let outer = 0; outer <= section.length; outer++) {
    const heading = { title, section: section.slice(outer) };
    if (headingPieces(heading, wordPieces) <= limit) return heading;
  }
  const characters = Array.from(title);
  let low = 0;
  let high = characters.length;
  const cut = (length: number) => ({
    title: `${characters.slice(0, length).join('').trimEnd()}…`,
    section: [],
  });
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (headingPieces(cut(middle), wordPieces) <= limit) low = middle;
    else high = middle - 1;
  }
  return cut(low);
}

function headingPieces(heading: Heading, wordPieces: WordPieces): number {
  return wordPieces.count(passageText({ ...heading, text: '' }));
}
