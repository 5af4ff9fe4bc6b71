/**
 * How long an answer the asker wishes for, in their own words ("in one sentence", "kurz", "详细"), and the question without
 * that wish, which is no part of what is searched for. Knows a few phrases of six languages, where they begin or end a question.
 */

export interface AskedLength {
  /** Sentences of the answer at most. */
  sentences: number;
  /** The question without the wish. */
  question: string;
}

/** Where nothing is wished: small models only repeat themselves from there, and quotes stray. */
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
/** Words that may belong to the question itself ("Who reigned briefly?"): at its end they follow a mark. */
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
/** White space is collapsed before; no pattern repeats what another may match too, so that no question takes long. */
const GAP = `[\\s${MARKS}]*`;
const PATTERNS = [
  ...NUMBERS.flatMap(([sentences, number]) =>
    SENTENCE.map((phrase) => patternOf(sentences, phrase(number), `[\\s${MARKS}]`)),
  ),
  ...ADVERBS.map(([sentences, phrase]) => patternOf(sentences, phrase, `[${MARKS}]\\s?`)),
];

/** The wish at the beginning of a question, or behind `before` at its end. */
function patternOf(sentences: number, phrase: string, before: string): { sentences: number; wish: RegExp } {
  const first = `^(?:please |bitte )?(?:${phrase})(?=[\\s,:，]|\\p{sc=Han})${GAP}`;
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
