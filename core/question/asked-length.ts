/**
 * The answer length that the question asks for ("in one sentence", "kurz", "详细"), and the question without that
 * request, which is not searched for. Knows a few phrases in six languages, at the beginning or end of a question.
 */

export interface AskedLength {
  /** Most sentences of the answer. */
  sentences: number;
  /** The question without the request. */
  question: string;
}

/** Without a request: beyond this, small models only repeat themselves, and quotes stray from the point. */
const USUAL = 3;
const LONG = 6;

const NUMBERS: [number, string][] = [
  [1, 'one|a single|just one|1|einem|un[ae]? seule?|un[ae]?|una sola|一|１'],
  [2, 'two|2|zwei|deux|dos|二|两|２'],
  [3, 'three|3|drei|trois|tres|三|３'],
];
const SENTENCE: ((number: string) => string)[] = [
  (number) => `in (?:${number}) (?:short )?sentences?`,
  (number) => `in (?:${number}) (?:kurzen )?(?:satz|sätzen)`,
  (number) => `en (?:${number}) (?:courtes? )?phrases?`,
  (number) => `en (?:${number}) (?:frases?|oraci(?:ón|ones))`,
  (number) => `(?:${number})文で`,
  (number) => `用?(?:${number})句话`,
];
/** Words that may belong to the question itself ("Who reigned briefly?"): at its end they count only after a mark. */
const ADVERBS: [number, string][] = [
  [1, 'briefly|in brief|in short|in a few words|in a word|keep it short|kurz(?: gesagt| gefasst)?|in kürze'],
  [
    1,
    'brièvement|en bref|en quelques mots|brevemente|en breve|en pocas palabras|一言で|簡潔に|简要(?:地)?|简短',
  ],
  [LONG, 'in (?:great |more )?detail|at length|ausführlich|im detail|en détail|detalladamente|en detalle'],
  [LONG, '詳しく|详细(?:地)?'],
];
const MARKS = ',.;:!?–—()，。？！';
/** White space is collapsed beforehand. No two repeated parts can match the same text, so matching stays fast. */
const GAP = `[\\s${MARKS}]*`;
/** What follows a request at the beginning, so that "In Brief Encounter, who …" is none: a mark, or what begins a question. */
const QUESTION_WORDS =
  'what who whom whose when where why how which explain describe tell summari[sz]e define wer wie wo wann warum welche\\p{L}? erkläre? beschreibe? qui que quel\\p{L}* où quand comment pourquoi expliquez? qué quién\\p{L}* cuál\\p{L}* dónde cuándo cómo explica'.replaceAll(
    ' ',
    '|',
  );
const BEGINS = `\\s?[,:;，–—]|\\p{sc=Han}|\\s(?:${QUESTION_WORDS})(?!\\p{L})`;
const PATTERNS = [
  ...NUMBERS.flatMap(([sentences, number]) =>
    SENTENCE.map((phrase) => patternOf(sentences, phrase(number), `[\\s${MARKS}]`)),
  ),
  ...ADVERBS.map(([sentences, phrase]) => patternOf(sentences, phrase, `[${MARKS}]\\s?`)),
];

/** Matches the request at the beginning of a question, or after `before` at its end. */
function patternOf(sentences: number, phrase: string, before: string): { sentences: number; wish: RegExp } {
  const first = `^(?:please |bitte )?(?:${phrase})(?=${BEGINS})${GAP}`;
  const last = `${before}(?:please,? |bitte )?(?:${phrase})(?:,? please| bitte)?${GAP}$`;
  return { sentences, wish: new RegExp(`${first}|${last}`, 'iu') };
}

/** @param asked with its white space collapsed */
export function askedLength(asked: string): AskedLength {
  for (const { sentences, wish } of PATTERNS) {
    const found = wish.exec(asked);
    if (found === null) continue;
    const rest = asked.slice(0, found.index) + asked.slice(found.index + found[0].length);
    if (!/[\p{L}\p{N}]/u.test(rest)) continue;
    const question = rest
      .trim()
      .replace(/[,;:–—(，]$/u, '')
      .trimEnd();
    const mark = /[?？]$/u.test(question) ? '' : (/[?？]/u.exec(found[0])?.[0] ?? '');
    return { sentences, question: `${question}${mark}` };
  }
  return { sentences: USUAL, question: asked };
}
