/**
 * What of a passage a cross-encoder is given to read: where it does not fit, the sentences that share most with the question.
 * Knows words, sentences and tokens; nothing about models.
 */
import { stemmer } from 'stemmer';
import { sentenceSpans } from '../corpus/sentences.ts';

const WORD = /[\p{L}\p{N}\p{M}]+/gu;
/** Share of the room that a passage's first line, its place in the article, may take. */
const PLACE_SHARE = 1 / 3;

/**
 * Token ids of the passage's first line and of as much of its text as `room` has space for: all of it, or the run of whole sentences
 * that holds most of the question's words, each worth ln(1 + sentences / sentences with it).
 */
export function bestWindow(
  question: string,
  passage: string,
  room: number,
  tokenize: (text: string) => number[],
): number[] {
  const end = passage.indexOf('\n');
  const text = passage.slice(end + 1);
  const place = tokenize(passage.slice(0, Math.max(0, end))).slice(0, Math.floor(room * PLACE_SHARE));
  const left = room - place.length;
  const sentences = sentenceSpans(text, '').map(({ start, end }) => text.slice(start, end));
  const tokens = sentences.map(tokenize);
  const { from, to } = bestRun(
    sentences.map(wordsOf),
    tokens.map(({ length }) => length),
    wordsOf(question),
    left,
  );
  return [...place, ...tokens.slice(from, to).flat().slice(0, left)];
}

/** The sentences from..to-1 within `room` that are worth most; of equal ones the longest, then the first. */
function bestRun(
  words: Set<string>[],
  lengths: number[],
  asked: Set<string>,
  room: number,
): { from: number; to: number } {
  const worth = new Map<string, number>();
  for (const word of asked) {
    const having = words.filter((sentence) => sentence.has(word)).length;
    if (having > 0) worth.set(word, Math.log(1 + words.length / having));
  }
  let best = { from: 0, to: 1, score: -1, length: 0 };
  for (let from = 0; from < words.length; from += 1) {
    const seen = new Set<string>();
    let score = 0;
    let length = 0;
    for (let to = from; to < words.length; to += 1) {
      length += lengths[to] as number;
      if (length > room && to > from) break;
      for (const word of words[to] as Set<string>)
        if (worth.has(word) && !seen.has(word)) {
          seen.add(word);
          score += worth.get(word) as number;
        }
      if (score > best.score || (score === best.score && length > best.length))
        best = { from, to: to + 1, score, length };
    }
  }
  return best;
}

function wordsOf(text: string): Set<string> {
  return new Set((text.toLowerCase().match(WORD) ?? []).map(stemmer));
}
