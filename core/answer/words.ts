/**
 * Knows how a text is split into words that can be compared: stems, numbers, names, negations, opposites.
 * Knows no passage, question or answer.
 */
import { stemmer } from 'stemmer';
import stopwords from 'stopword';
import { numberKey, SIGNS, scaledKey, unitKey } from './numbers.ts';

export interface Word {
  /** As written. */
  text: string;
  /** What equal words share: a stem, or the normal form of a number. */
  key: string;
  /**
   * `function` words carry no claim of their own (the, of, and); a `name` is any other capitalised word; a sign or unit
   * that belongs to a number is a `number` too.
   */
  kind: 'content' | 'name' | 'number' | 'function';
  /** First word of its sentence, where a capital means little. */
  initial: boolean;
  start: number;
  end: number;
}

/** Stop-word lists of the `stopword` package by BCP 47 primary tag. */
const STOP_LISTS: Record<string, readonly string[]> = {
  ar: stopwords.ara,
  cs: stopwords.ces,
  da: stopwords.dan,
  de: stopwords.deu,
  en: [
    ...stopwords.eng,
    ...'against although among because does doing done down its off per she than theirs themselves though thus until upon us via when whether whom whose why within yet'.split(
      ' ',
    ),
  ],
  es: stopwords.spa,
  fi: stopwords.fin,
  fr: stopwords.fra,
  hi: stopwords.hin,
  hu: stopwords.hun,
  it: stopwords.ita,
  ja: stopwords.jpn,
  ko: stopwords.kor,
  nl: stopwords.nld,
  no: stopwords.nob,
  pl: stopwords.pol,
  pt: stopwords.por,
  ro: stopwords.ron,
  ru: stopwords.rus,
  sv: stopwords.swe,
  tr: stopwords.tur,
  uk: stopwords.ukr,
  vi: stopwords.vie,
  zh: stopwords.zho,
};

export const NEGATIONS = new Set(
  'not no never none neither nor without cannot nobody nothing nicht kein keine keinen nie niemals ohne ne pas jamais aucun sans nunca ningún sin non senza'.split(
    ' ',
  ),
);

/** Words that join two clauses. */
export const JOINS = wordSet('and but while although whereas und aber während et mais y pero e ma');

/** Pairs that reverse a claim even if all its other words are in the passage. */
const OPPOSITES: [string, string][] = [
  'after before',
  'above below',
  'more fewer',
  'more less',
  'most least',
  'first last',
  'largest smallest',
  'larger smaller',
  'biggest smallest',
  'highest lowest',
  'higher lower',
  'longest shortest',
  'tallest shortest',
  'oldest youngest',
  'older younger',
  'earliest latest',
  'earlier later',
  'north south',
  'northern southern',
  'northeast southwest',
  'northwest southeast',
  'east west',
  'eastern western',
  'left right',
  'upper lower',
  'increased decreased',
  'increase decrease',
  'rose fell',
  'gained lost',
  'won lost',
  'victory defeat',
  'accepted rejected',
  'accepted refused',
  'allowed forbidden',
  'allowed prohibited',
  'bought sold',
  'born died',
  'opened closed',
  'began ended',
  'supported opposed',
  'possible impossible',
  'legal illegal',
  'male female',
  'he she',
  'him her',
  'his her',
  'mother father',
  'son daughter',
  'brother sister',
  'husband wife',
  'king queen',
  'major minor',
  'hot cold',
  'warm cold',
  'best worst',
  'wet dry',
  'maximum minimum',
  'half twice',
  'half double',
].map((pair) => pair.split(' ') as [string, string]);

const segmenters = new Map<string, Intl.Segmenter>();
const stopSets = new Map<string, ReadonlySet<string>>();

/** Names that are also function words in lower case. */
const ACRONYMS = new Set(['US', 'WHO', 'IT']);

/** The words of a text in order; scripts without spaces are split into dictionary words. */
export function wordsOf(text: string, language: string): Word[] {
  const tag = primaryTag(language);
  const stops = stopSet(tag);
  const words: Word[] = [];
  let atStart = true;
  for (const { segment, index, isWordLike } of segmenter(tag).segment(text)) {
    if (!isWordLike) {
      const sign = SIGNS[segment];
      const end = index + segment.length;
      if (sign !== undefined)
        words.push({ text: segment, key: sign, kind: 'number', initial: atStart, start: index, end });
      if (/[.!?:。！？]/.test(segment)) atStart = true;
      continue;
    }
    const plain = withoutDots(segment.normalize('NFKC').replace(/[’']s?$/u, ''));
    const lower = plain.toLowerCase().replaceAll('’', "'");
    const before = words.at(-1);
    const scaled = before?.kind === 'number' ? scaledKey(before.key, lower) : undefined;
    if (before !== undefined && scaled !== undefined) before.key = scaled;
    const number = numberKey(lower, tag);
    const unit = unitKey(lower);
    const isCounted = number !== undefined || (unit !== undefined && words.slice(-REACH).some(isNumber));
    const isSilent = scaled !== undefined || isFunction(plain, lower, { before, atStart, stops });
    const sign = isNegative(text, index) ? '-' : '';
    words.push({
      text: segment,
      key: number === undefined ? (unit ?? stem(lower, tag)) : `#${sign}${number.slice(1)}`,
      kind: isCounted ? 'number' : isSilent ? 'function' : /^\p{Lu}/u.test(plain) ? 'name' : 'content',
      initial: atStart,
      start: index,
      end: index + segment.length,
    });
    atStart = false;
  }
  return words;
}

/** "U.S" as "US". */
function withoutDots(word: string): string {
  return word.includes('.') && /^(?:\p{Lu}\.)+\p{Lu}$/u.test(word) ? word.replaceAll('.', '') : word;
}

/** Words between a number and its unit ("5.5 million square kilometres"), and the number. */
const REACH = 3;
const isNumber = ({ kind }: Word) => kind === 'number';

interface Place {
  before: Word | undefined;
  atStart: boolean;
  stops: ReadonlySet<string>;
}

/**
 * Whether a word says nothing by itself. A single capital names something after a word ("vitamin C", "World War I"),
 * but not as a pronoun or at the start.
 */
function isFunction(plain: string, lower: string, { before, atStart, stops }: Place): boolean {
  if (!/^\p{Lu}$/u.test(plain)) return (stops.has(lower) && !ACRONYMS.has(plain)) || NEGATIONS.has(lower);
  if (atStart || before === undefined || before.kind === 'function') return true;
  return plain === 'I' && before.kind !== 'name';
}

/** Whether a minus stands before the number; between two numbers or words it is a dash. */
function isNegative(text: string, at: number): boolean {
  return /(?:^|[^\p{L}\p{N}])[-−]$/u.test(text.slice(Math.max(0, at - 2), at));
}

/** The keys of the words that carry a claim. */
export function contentKeys(words: Word[]): Set<string> {
  return new Set(words.filter(({ kind }) => kind !== 'function').map(({ key }) => key));
}

/** Whether the word's key is in `keys` or, for a name, its adjective's ("Germany"/"German", "Austria"/"Austrian"). */
export function isAmong(keys: Set<string>, word: Word): boolean {
  if (keys.has(word.key)) return true;
  if (word.kind !== 'name' || word.key.length < 5) return false;
  for (const key of keys) {
    const [short, long] = key.length < word.key.length ? [key, word.key] : [word.key, key];
    if (
      short.length >= 5 &&
      long.startsWith(short) &&
      /^(n|an|ian|ic|ish|i|y)$/.test(long.slice(short.length))
    )
      return true;
  }
  return false;
}

/** Whether one text says "largest" where the other says "smallest". */
export function hasOpposite(claim: Word[], evidence: Word[]): boolean {
  const said = new Set(claim.map(({ text }) => text.toLowerCase()));
  const found = new Set(evidence.map(({ text }) => text.toLowerCase()));
  const turned = (a: string, b: string) => said.has(a) && !said.has(b) && found.has(b) && !found.has(a);
  return OPPOSITES.some(([a, b]) => turned(a, b) || turned(b, a));
}

/**
 * Porter's stems for English; elsewhere the first six letters, which does nearly as well over European languages
 * (McNamee and Mayfield, "Character n-gram tokenization for European language text retrieval", 2004).
 */
function stem(lower: string, tag: string): string {
  return tag === 'en' ? stemmer(lower) : lower.slice(0, 6);
}

function primaryTag(language: string): string {
  return language.toLowerCase().split('-')[0] || 'en';
}

function segmenter(tag: string): Intl.Segmenter {
  let found = segmenters.get(tag);
  if (found === undefined) {
    found = new Intl.Segmenter(supported(tag), { granularity: 'word' });
    segmenters.set(tag, found);
  }
  return found;
}

function supported(tag: string): string {
  return /^[a-z]{2,8}$/.test(tag) ? tag : 'en';
}

function stopSet(tag: string): ReadonlySet<string> {
  let found = stopSets.get(tag);
  if (found === undefined) {
    found = new Set(STOP_LISTS[tag] ?? []);
    stopSets.set(tag, found);
  }
  return found;
}

/** The words of a list that is separated by white space. */
export function wordSet(words: string): ReadonlySet<string> {
  return new Set(words.trim().split(/\s+/));
}
