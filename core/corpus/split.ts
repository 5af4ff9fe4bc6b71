/**
 * Splits a paragraph that is too long for a window: at sentence ends, and inside a sentence that is itself too long at a
 * clause, else a word, else a character. Knows spans and a measure; nothing about articles or tokenizers.
 */
import { type Span, sentenceSpans } from './sentences.ts';

/** A span with its length in word pieces. */
export interface Measured extends Span {
  pieces: number;
}

export interface Window {
  /** The span with its length. */
  measure(span: Span): Measured;
  /** Word pieces of text that the window holds. */
  room: number;
  /** Maximum word pieces of the end of one part that are repeated at the start of the next. */
  overlap: number;
}

const CLAUSE_END = /[,;:–—、，；：،](?=\s|\p{L})/gu;
const WHITE_SPACE = /\s+/g;
const GRAPHEMES = new Intl.Segmenter('en', { granularity: 'grapheme' });
/** Longest grapheme that is kept whole, in characters; real ones (flags, families) are below 30. */
const GRAPHEME_REACH = 64;

/**
 * Parts of `whole` that fit, in order and about equally long; each repeats the last sentences of the one before if they
 * are short. Only white space between sentences is left out. A single grapheme that does not fit is still a part.
 */
export function splitToFit(text: string, whole: Span, language: string, window: Window): Measured[] {
  const measured = window.measure(whole);
  if (measured.pieces <= window.room) return [measured];
  const units = sentenceSpans(text.slice(whole.start, whole.end), language)
    .map(({ start, end }) => window.measure({ start: whole.start + start, end: whole.start + end }))
    .flatMap((sentence) =>
      sentence.pieces <= window.room ? [sentence] : cutSentence(text, sentence, window),
    );
  return packUnits(units, window);
}

/** Runs of units of about equal length, spread over the fewest windows. */
function packUnits(units: Measured[], { measure, room, overlap }: Window): Measured[] {
  const total = sumPieces(units);
  const even = Math.min(room, Math.ceil(total / Math.ceil(total / room)) + overlap);
  const run = (from: number, to: number) =>
    measure({ start: (units[from] as Span).start, end: (units[to] as Span).end });

  const parts: Measured[] = [];
  let previous = 0;
  let left = total;
  for (let next = 0; next < units.length; ) {
    let first = next;
    while (
      first - 1 > previous &&
      sumPieces(units.slice(first - 1, next)) <= overlap &&
      run(first - 1, next).pieces <= room
    )
      first -= 1;
    // The rest stays together where it fits, so that no short end is left over.
    const takesRest = left + sumPieces(units.slice(first, next)) <= room;
    const limit = takesRest ? room : even;
    const from = next;
    let part = run(first, next);
    for (next += 1; next < units.length; next++) {
      const longer = run(first, next);
      if (longer.pieces > limit) break;
      part = longer;
    }
    left -= sumPieces(units.slice(from, next));
    previous = first;
    parts.push(part);
  }
  return parts;
}

/** Pieces of one sentence, each as long as fits. */
function cutSentence(text: string, sentence: Span, { measure, room }: Window): Measured[] {
  const fits = (span: Span) => measure(span).pieces <= room;
  const cuts: Measured[] = [];
  let { start } = sentence;
  while (start < sentence.end) {
    const end = cutPoint(text, start, sentence.end, fits);
    cuts.push(measure({ start, end: start + text.slice(start, end).trimEnd().length }));
    start = end + (/^\s*/.exec(text.slice(end, sentence.end))?.[0].length ?? 0);
  }
  return cuts;
}

/** The best end of a piece from `start`: the longest fit, cut back to a clause in its second half, word or grapheme. */
function cutPoint(text: string, start: number, end: number, fits: (span: Span) => boolean): number {
  let high = start + 1;
  while (high < end && fits({ start, end: high })) high = start + (high - start) * 2;
  if (high >= end && fits({ start, end })) return end;
  let low = start + Math.floor((high - start) / 2);
  high = Math.min(high, end);
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (fits({ start, end: middle })) low = middle;
    else high = middle;
  }
  // One more character, so that a word that just fits is seen to end.
  const piece = text.slice(start, Math.min(low + 1, end));
  const half = piece.length / 2;
  const clauses = [...piece.matchAll(CLAUSE_END)].map((match) => match.index + 1).filter((at) => at > half);
  const words = [...piece.matchAll(WHITE_SPACE)].map((match) => match.index).filter((at) => at > 0);
  // Length is not quite monotonic inside a word, so the cut that is chosen is measured again.
  for (const at of [...clauses.reverse(), ...words.reverse()])
    if (fits({ start, end: start + at })) return start + at;
  return graphemeCut(text, start, low);
}

/** The last boundary between graphemes in (start, at]; the end of the first grapheme where there is none. */
function graphemeCut(text: string, start: number, at: number): number {
  const from = Math.max(start, at - GRAPHEME_REACH);
  const around = GRAPHEMES.segment(text.slice(from, at + GRAPHEME_REACH)).containing(at - from);
  if (around === undefined) return text.length;
  const boundary = from + around.index;
  if (boundary > start) return boundary;
  const cut = boundary + around.segment.length;
  return /[\uDC00-\uDFFF]/.test(text[cut] ?? '') ? cut + 1 : cut;
}

function sumPieces(spans: Measured[]): number {
  return spans.reduce((total, { pieces }) => total + pieces, 0);
}
