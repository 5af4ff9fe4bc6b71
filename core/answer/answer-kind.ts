/**
 * Knows what kind of thing a question asks for, and whether a sentence holds one: a name, a time, a place, a number,
 * a reason. Knows question words of a few languages; a question without one asks for no kind.
 */
import type { Word } from './words.ts';

/** @param wanted keys of the question's words; a word of the question does not count as an answer */
export type KindTest = (text: string, words: Word[], wanted: Set<string>) => boolean;

const newName: KindTest = (_, words, wanted) =>
  words.some(({ kind, initial, key }) => kind === 'name' && !initial && !wanted.has(key));

const MONTH =
  /\b(january|february|march|april|may|june|july|august|september|october|november|december|januar|februar|märz|mai|juni|juli|oktober|dezember|janvier|février|mars|avril|juin|juillet|août|septembre|octobre|novembre|décembre|enero|febrero|marzo|abril|mayo|junio|julio|agosto|septiembre|octubre|noviembre|diciembre)\b/iu;
const time: KindTest = (text, words, wanted) =>
  words.some(({ key }) => /^#[12]\d{3}$/.test(key) && !wanted.has(key)) ||
  (MONTH.test(text) && /\d/.test(text)) ||
  /\b\d{1,2}(st|nd|rd|th) century\b/i.test(text);

const PLACE =
  /\b(?:in|at|near|from|on|of|to|im|bei|aus|à|en|au|aux|près de|cerca de)\s+(?:(?:the|der|dem|den|la|le|les|el|los|las)\s+)?(?:\p{Ll}+\s+){0,2}(\p{Lu}[\p{L}\p{M}'’-]+)/gu;
const place: KindTest = (text, words, wanted) =>
  [...text.matchAll(PLACE)].some((match) => {
    const at = (match.index ?? 0) + match[0].length;
    const word = words.find(({ end }) => end >= at);
    return word !== undefined && !wanted.has(word.key) && !MONTH.test(match[1] ?? '');
  });

const number: KindTest = (_, words, wanted) =>
  words.some(({ kind, key }) => kind === 'number' && !wanted.has(key));

const reason: KindTest = (text) =>
  /\b(because|since|due to|so that|in order to|as a result|caused by|weil|denn|wegen|damit|parce que|car|afin de|porque|debido a|para que)\b/iu.test(
    text,
  );

/** The first match wins, so "How many … when …?" asks for a number. */
const KINDS: [RegExp, KindTest][] = [
  [
    /\bhow (many|much|long|tall|high|far|old|large|big|deep|fast|often)\b|\bwie (viele?|lange?|hoch|alt|groß|weit)\b|\bcombien\b|\bcuánt[oa]s?\b/iu,
    number,
  ],
  [/\b(what|which|welche[mns]?|quelle|qué) (year|date|day|month|century|jahr|tag|année|año)\b/iu, time],
  [/^\W*(when|wann|quand|cuándo)\b|\bwhen (was|were|did|is|does|do|will)\b/iu, time],
  [
    /\b(where|wo|woher|wohin|où|dónde)\b|\b(what|which) (city|country|town|state|place|continent|county|province|village|region)\b/iu,
    place,
  ],
  [/\b(who|whom|whose|wer|wem|wen|wessen|qui|quién|quiénes)\b/iu, newName],
  [/\b(why|warum|weshalb|wieso|pourquoi|por qué)\b/iu, reason],
];

/** The test for the kind of answer that the question asks for; undefined where it asks for none of them. */
export function wantedKind(question: string): KindTest | undefined {
  return KINDS.find(([pattern]) => pattern.test(question))?.[1];
}
