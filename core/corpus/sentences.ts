/**
 * Knows where sentences end, in any language: Unicode's rules (Intl.Segmenter), corrected if a full stop belongs to an
 * abbreviation, an initial or an ordinal number. Pure: text in, spans out.
 */

export interface Span {
  /** First character. */
  start: number;
  /** One past the last character. */
  end: number;
}

// Unicode's sentence rules are the same for every language but Greek, whose question mark is a semicolon.
const SEGMENTERS = {
  greek: new Intl.Segmenter('el', { granularity: 'sentence' }),
  any: new Intl.Segmenter('en', { granularity: 'sentence' }),
};

const set = (words: string) => new Set(words.split(' '));

/** Abbreviations before a name or further words: the sentence always continues. Case-sensitive. */
const GOES_ON = set(
  'Mr Mrs Ms Dr Prof St Ste Mt Ft Gen Col Lt Capt Cmdr Sgt Maj Adm Gov Sen Rep Hon Rev Fr Sr Sra Mme Mlle MM Hl ' +
    'vs v c ca cf fl r b d approx est viz subsp ssp sp spp var bzw vgl geb gest u z dt engl hrsg Hrsg bl tzn tzv tj např ' +
    'mj kl ul św tzw prof inż dott sig г гг в вв н э т е ул лат англ',
);

/** Abbreviations that belong to the number after them. */
const BEFORE_NUMBER = set(
  'No no Nos nos Nr nr Vol vol Vols vols Bd p pp P Pp S s Fig fig Figs Ch ch Sec sec Art art Op op Abb núm pág',
);

/** Abbreviations that may also end a sentence: it ends there only before one of the words in OPENERS. */
const MAY_END = set(
  'Jr Sr Inc Ltd Co Corp Bros etc Esq Ph.D Ave Blvd Rd al usw np Jan Feb Mar Apr Jun Jul Aug Sep Sept Oct Nov Dec',
);

/** Words that, capitalised after an abbreviation, hardly ever continue a name. */
const OPENERS = set(
  'the a an in on at by for from with after before during since when while where although as if it its he she his her they their ' +
    'this that these those there however but and some many most other another both each one two all no not under according ' +
    'der die das ein eine er sie es im am in el la los las un una en le les il elle au lo gli i',
);

/** Languages that write an ordinal number with a full stop ("3. Oktober"). */
const ORDINAL_STOP = set('de da no nb nn fi et cs sk hu hr bs sr sl lv ltg is fo lb als bar nds hsb dsb tr');

/** A last word with its full stop: "Dr.", "J.", "U.S.", "12.". */
const LAST_WORD = /(?:^|[\s("'“‘«[–—/-])((?:\p{L}\.)*(?:\p{L}[\p{L}\p{M}]*|\d+))\.$/u;
const LOOK = 60;
const WINDOW = 1_000;
const WORDLIKE = /[\p{L}\p{N}]/u;
const FIRST_WORD = /^[\s"'“‘«([]*([\p{L}\p{M}]+)/u;

/**
 * Sentences of `text` in order, white space around them left out; a line end always ends one.
 * @param language BCP 47 tag; empty where unknown
 */
export function sentenceSpans(text: string, language: string): Span[] {
  const tag = language.toLowerCase().split('-')[0] ?? '';
  const spans: Span[] = [];
  let joined: Span | undefined;
  for (const { start, end } of segments(text, SEGMENTERS[tag === 'el' ? 'greek' : 'any'])) {
    const current = joined === undefined ? { start, end } : { start: joined.start, end };
    joined = undefined;
    const before = text.slice(Math.max(current.start, end - LOOK), end);
    if (goesOn(before, text.slice(end, end + LOOK), tag)) joined = current;
    else if (WORDLIKE.test(text.slice(current.start, end)) || spans.length === 0) spans.push(current);
    else (spans.at(-1) as Span).end = end;
  }
  if (joined !== undefined) spans.push(joined);
  return spans;
}

/** Unicode's sentences without surrounding white space, by windows: the segmenter takes time quadratic in its input. */
function* segments(text: string, segmenter: Intl.Segmenter): Generator<Span> {
  let from = 0;
  let width = WINDOW;
  while (from < text.length) {
    const piece = text.slice(from, from + width);
    const atEnd = from + width >= text.length;
    const found = [...segmenter.segment(piece)];
    // The last one may continue past the window.
    if (!atEnd) found.pop();
    width = found.length === 0 ? width * 2 : WINDOW;
    for (const { segment, index } of found) {
      const start = from + index + segment.length - segment.trimStart().length;
      const end = from + index + segment.trimEnd().length;
      if (start < end) yield { start, end };
    }
    const last = found.at(-1);
    if (last !== undefined) from += last.index + last.segment.length;
  }
}

/** Whether `after` continues the sentence: it starts in lower case, or the full stop belongs to the word before it. */
function goesOn(before: string, after: string, tag: string): boolean {
  if (/^[^\S\n]*(?:\n|$)/.test(after)) return false;
  if (/^\s+\p{Ll}/u.test(after)) return true;
  const word = LAST_WORD.exec(before)?.[1];
  if (word === undefined) return false;
  if (/^\d+$/.test(word)) return ORDINAL_STOP.has(tag) && word.length <= 2 && /^\s*\p{L}/u.test(after);
  const next = FIRST_WORD.exec(after)?.[1] ?? '';
  const opens = OPENERS.has(next.toLowerCase());
  if (BEFORE_NUMBER.has(word) && /^\s*[\dIVXLC]/.test(after)) return true;
  if (GOES_ON.has(word)) return true;
  if (word.includes('.') || MAY_END.has(word)) return next !== '' && !opens;
  return /^\p{Lu}$/u.test(word) && next !== '' && !(opens && next.length > 1);
}
