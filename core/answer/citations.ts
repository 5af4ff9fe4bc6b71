/**
 * Turns a model's text into checked, cited sentences. Knows text and passages; never sees a model or a platform.
 */
import { HEADING_SIGN } from '../corpus/passage.ts';
import { type Span, sentenceSpans } from '../corpus/sentences.ts';
import type { AnswerSentence, Citation, Hit } from '../types.ts';
import { citationUrl, licenceLine } from './link.ts';
import { type Support, supports } from './support.ts';

/** A sentence of a text without its markers, and the passages that the markers name (indexes from 0, each once). */
export interface MarkedSentence {
  text: string;
  passages: number[];
}

/** A sentence and the passages that carry it, best first. */
export interface CheckedSentence {
  text: string;
  evidence: { passage: number; quote: Span }[];
}

export interface CitedText {
  /** The sentences with their markers `[n]`; a sentence that no passage supports ends in {@link UNSUPPORTED}. */
  text: string;
  sentences: AnswerSentence[];
  citations: Citation[];
}

/** Wikipedia's own words for a claim without a source. */
export const UNSUPPORTED = '[citation needed]';

/** `[1]`, `[1, 2]`, `[1-3]`, `【1】`, also with a word before the number (`[Passage 1]`). */
const MARKER = /\s*[[【]\s*(?:passages?\s+)?(\d{1,3}(?:\s*[,;–-]\s*\d{1,3})*)\s*(?:†[^\]】]*)?[\]】]/giu;
/** A quote that covers two places of a passage has at most this many characters. */
const LONGEST_QUOTE = 600;

/**
 * The sentences of a text and the passages its markers name. Links, images and addresses that the model wrote are
 * removed, and so are numbers beyond `passages`. If the text was cut off (`isCut`), an incomplete last sentence is too.
 */
export function readMarkers(
  text: string,
  passages: number,
  language: string,
  isCut = false,
): MarkedSentence[] {
  const plain = withoutLinks(text);
  const markers: { at: number; numbers: number[] }[] = [];
  let bare = '';
  let from = 0;
  for (const match of plain.matchAll(MARKER)) {
    bare += plain.slice(from, match.index);
    markers.push({ at: bare.length, numbers: numbersOf(match[1] ?? '') });
    from = match.index + match[0].length;
  }
  bare += plain.slice(from);

  // A heading of a passage, which some models copy, is no sentence.
  const spans = sentenceSpans(bare, language).filter(
    ({ start, end }) =>
      /[\p{L}\p{N}]/u.test(bare.slice(start, end)) && !bare.slice(start, end).includes(HEADING_SIGN),
  );
  // A marker belongs to the sentence before it; one at the very start belongs to the first sentence.
  const owner = (at: number) =>
    Math.max(
      0,
      spans.findLastIndex(({ start }) => start < at),
    );
  const sentences = spans.map(({ start, end }, index) => {
    const named = markers.filter(({ at }) => owner(at) === index).flatMap(({ numbers }) => numbers);
    const known = [...new Set(named)].filter((number) => number >= 1 && number <= passages);
    return { text: tidy(bare.slice(start, end)), passages: known.map((number) => number - 1) };
  });
  if (isCut && sentences.length > 0 && !isComplete(sentences.at(-1)?.text ?? '')) sentences.pop();
  return sentences;
}

/** Whether a text ends like a sentence. */
function isComplete(text: string): boolean {
  return /[.!?。！？।؟…]["'”’»)\]]*$/u.test(text.trimEnd());
}

/**
 * Checks a sentence against the passages it names. If none of them supports it, or it names none, its evidence is the
 * best passage that does; if there is none, it has no evidence.
 */
export function checkSentence(sentence: MarkedSentence, hits: Hit[], question: string): CheckedSentence {
  const held = new Map<number, Support>();
  const check = (passage: number): Support => {
    const known = held.get(passage);
    if (known !== undefined) return known;
    const chunk = hits[passage]?.chunk;
    const support = chunk === undefined ? undefined : supports(sentence.text, chunk, question);
    const result = support ?? { score: 0, supported: false, quote: { start: 0, end: 0 } };
    held.set(passage, result);
    return result;
  };
  const named = sentence.passages.filter((passage) => check(passage).supported);
  const others = hits.map((_, passage) => passage).filter((passage) => check(passage).supported);
  others.sort((a, b) => check(b).score - check(a).score || a - b);
  const passages = named.length > 0 ? named : others.slice(0, 1);
  return {
    text: sentence.text,
    evidence: passages.map((passage) => ({ passage, quote: check(passage).quote })),
  };
}

/**
 * Numbers the quoted places in order of first use, and adds markers to the sentences. Places in one passage share a
 * citation as long as one quote can show them all.
 */
export function citeSentences(checked: CheckedSentence[], hits: Hit[]): CitedText {
  const places: CheckedSentence['evidence'] = [];
  const numberOf = ({ passage, quote }: CheckedSentence['evidence'][number]): number => {
    for (const [index, place] of places.entries()) {
      const joint = joinQuotes(place.quote, quote);
      if (place.passage !== passage || joint === undefined) continue;
      place.quote = joint;
      return index + 1;
    }
    return places.push({ passage, quote });
  };
  const sentences = checked.map(({ text, evidence }): AnswerSentence => {
    const cited = [...new Set(evidence.map(numberOf))].sort((a, b) => a - b);
    return { text, citations: cited, supported: cited.length > 0 };
  });
  const citations = places.flatMap(({ passage, quote: span }, index): Citation[] => {
    const chunk = hits[passage]?.chunk;
    if (chunk === undefined) return [];
    const quote = chunk.text.slice(span.start, span.end);
    return [
      {
        number: index + 1,
        chunkId: chunk.id,
        title: chunk.title,
        section: chunk.section.join(' > '),
        url: citationUrl(chunk, quote),
        quote,
        supported: true,
        licence: licenceLine(chunk),
      },
    ];
  });
  return { text: sentences.map((sentence, index) => joined(sentence, index)).join(''), sentences, citations };
}

/** A sentence as it appears in the text, with its markers and the space before it. */
function joined({ text, citations, supported }: AnswerSentence, index: number): string {
  const marks = supported ? citations.map((number) => `[${number}]`).join('') : UNSUPPORTED;
  return `${index === 0 ? '' : ' '}${text} ${marks}`;
}

/** One quote that covers both places; undefined if it would be too long. */
function joinQuotes(known: Span, quote: Span): Span | undefined {
  const cover = { start: Math.min(known.start, quote.start), end: Math.max(known.end, quote.end) };
  return cover.end - cover.start <= LONGEST_QUOTE ? cover : undefined;
}

function numbersOf(list: string): number[] {
  return list.split(/[,;]/).flatMap((part) => {
    const [first = 0, last = first] = part.split(/[–-]/).map(Number);
    // A range of more than a handful is a year or a page, not a list of passages.
    if (last < first || last - first > 20) return [];
    return Array.from({ length: last - first + 1 }, (_, index) => first + index);
  });
}

/** Only citations carry addresses: one that a model writes may point anywhere. */
function withoutLinks(text: string): string {
  return text
    .replace(/!\[[^\]]*\]\([^)]*\)/g, '')
    .replace(/\[(\d[\d, –-]*)\]\([^)]*\)/g, '[$1]') // a citation written as a link
    .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
    .replace(/<\/?[a-z][^>]*>/gi, '')
    .replace(/<?\b(?:[a-z][a-z0-9+.-]*:\/\/|www\.)[^\s<>]*[^\s<>.,;:!?)\]]>?/gi, '');
}

/** What small models say before they answer. */
const LEAD_IN =
  /^(?:the (?:correct )?answer(?: to (?:the|this) question)? is:|the passages? (?:states?|says?|mentions?) that|according to (?:the )?passages?(?: \d+)?,)\s*/iu;

/** One line without lead-in, passage fences, and the marks of lists, headings and emphasis. */
function tidy(text: string): string {
  const plain = text
    .replace(/^\s*(?:#{1,6}|[-*•]|\d{1,2}[.)](?=\s))\s*/u, '')
    .replace(/\*\*|__|`|<{3}|>{3}/g, '')
    .replace(/\s+/gu, ' ')
    .replace(/\s+([.,;:!?])/gu, '$1')
    .trim();
  const told = plain.replace(LEAD_IN, '');
  return told === plain || told === '' ? plain : told.charAt(0).toUpperCase() + told.slice(1);
}
