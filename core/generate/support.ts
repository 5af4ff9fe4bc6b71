/**
 * Decides whether a passage supports a sentence, and which words of the passage carry it.
 * Knows two texts; never sees a model, a citation number or a platform.
 *
 * A lexical check, made hard to satisfy: nearly all of the sentence's words, and every number and name, must stand in one
 * sentence of the passage (or in its title), with the same negation, direction and order. A sentence that joins two
 * facts may find each in its own place. The threshold is measured over test/fixtures/support.json.
 */
import { type Span, sentenceSpans } from '../corpus/sentences.ts';
import { contradicts, splitClauses } from './contradict.ts';
import { contentKeys, isAmong, type Word, wordsOf } from './words.ts';

export interface Support {
  /** 0..1: share of the sentence's claim that the quote carries. */
  score: number;
  supported: boolean;
  /** Where the best evidence stands in the passage's text; empty where there is none. */
  quote: Span;
}

/** What a sentence is held against; title and section count as said by every sentence of the text. */
export interface Evidence {
  title: string;
  section: string[];
  text: string;
  language: string;
}

const THRESHOLD = 0.83;
/** A name or a number says more than another word. */
const WEIGHT = { name: 1.5, number: 1.5, content: 1, function: 0 };
/** With fewer content words a sentence is an answer in a word ("Ulm."), read together with its question. */
const SHORT = 3;
const NONE: Support = { score: 0, supported: false, quote: { start: 0, end: 0 } };

/**
 * Whether `passage` supports `sentence`. A sentence without a content word is not supported.
 * @param question completes a sentence too short to be a claim by itself
 */
export function supports(sentence: string, passage: Evidence, question = ''): Support {
  const { language } = passage;
  const topic = contentKeys(wordsOf([passage.title, ...passage.section].join(' : '), language));
  const statements = statementsOf(passage);
  const claim = wordsOf(sentence, language);
  const asked =
    contentKeys(claim).size < SHORT ? contentKeys(wordsOf(question, language)) : new Set<string>();
  const whole = bestStatement(claim, sentence, statements, topic, asked);
  if (whole.supported) return whole;

  const clauses = splitClauses(claim, SHORT);
  if (clauses.length < 2) return whole;
  const parts = clauses.map((clause) => bestStatement(clause, sentence, statements, topic, asked));
  if (parts.some(({ supported }) => !supported)) return whole;
  const quote = {
    start: Math.min(...parts.map((part) => part.quote.start)),
    end: Math.max(...parts.map((part) => part.quote.end)),
  };
  return { score: Math.min(...parts.map(({ score }) => score)), supported: true, quote };
}

/** A sentence of a passage; where it speaks of "he" or "it", the names of the sentence before are part of it. */
interface Statement {
  span: Span;
  words: Word[];
  keys: Set<string>;
  /** Start of the sentence before, and the names in it, where this one leans on it. */
  before?: { start: number; names: Set<string> };
}

const PRONOUNS = new Set(
  'he she it they him her them his hers its their this these er sie es ihr sein ihre seine il elle ils elles son sa ses'.split(
    ' ',
  ),
);

function statementsOf(passage: Evidence): Statement[] {
  const statements: Statement[] = [];
  for (const span of sentenceSpans(passage.text, passage.language)) {
    const words = wordsOf(passage.text.slice(span.start, span.end), passage.language);
    const previous = statements.at(-1);
    const leans = words.some(({ text }) => PRONOUNS.has(text.toLowerCase()));
    statements.push({
      span,
      words,
      keys: contentKeys(words),
      ...(leans &&
        previous !== undefined && {
          before: {
            start: previous.span.start,
            names: new Set(previous.words.filter(({ kind }) => kind === 'name').map(({ key }) => key)),
          },
        }),
    });
  }
  return statements;
}

function bestStatement(
  claim: Word[],
  sentence: string,
  statements: Statement[],
  topic: Set<string>,
  asked: Set<string>,
): Support {
  const must = claim.filter((word, index) => mustOccur(word, claim[index + 1], sentence));
  let best = NONE;
  for (const { span, words, keys, before } of statements) {
    const lent = before?.names ?? new Set<string>();
    const said = new Set([...keys, ...lent]);
    const share = overlap(asked, new Set([...said, ...topic]));
    const score = coverage(claim, said, topic) * share;
    if (score <= best.score) continue;
    const grounded = must.every(
      (word) => isAmong(said, word) || (word.kind === 'name' && isAmong(topic, word)),
    );
    const borrowed =
      before !== undefined && must.some((word) => !isAmong(keys, word) && !isAmong(topic, word));
    const ambiguous = borrowed && (score < 1 || namesAnother(words, claim, topic));
    const supported = grounded && !ambiguous && score >= THRESHOLD && !contradicts(claim, words, topic);
    if (best.supported && !supported) continue;
    best = { score, supported, quote: { start: borrowed ? before.start : span.start, end: span.end } };
  }
  return best;
}

/** Share of the claim's weight that `keys` or the topic hold; 0 where the topic alone holds it. */
function coverage(claim: Word[], keys: Set<string>, topic: Set<string>): number {
  let total = 0;
  let held = 0;
  let proven = false;
  for (const word of claim) {
    const weight = WEIGHT[word.kind];
    total += weight;
    const isHeld = weight > 0 && isAmong(keys, word);
    if (isHeld || isAmong(topic, word)) held += weight;
    if (isHeld && !topic.has(word.key)) proven = true;
  }
  return proven ? held / total : 0;
}

/** Share of `wanted` in `keys`; 1 where nothing is wanted. */
function overlap(wanted: Set<string>, keys: Set<string>): number {
  if (wanted.size === 0) return 1;
  return [...wanted].filter((key) => keys.has(key)).length / wanted.size;
}

/** A number or a name must be in the passage; a capital before a comma at a sentence's start ("However, …") is no name. */
function mustOccur(word: Word, next: Word | undefined, sentence: string): boolean {
  if (word.kind === 'number') return true;
  if (word.kind !== 'name') return false;
  return !(word.initial && sentence[word.end] === ',' && next?.kind !== 'name');
}

/** Whether the evidence names someone whom the claim does not: then "he" may be that one. */
function namesAnother(evidence: Word[], claim: Word[], topic: Set<string>): boolean {
  const said = contentKeys(claim);
  return evidence.some(
    (word) => word.kind === 'name' && !word.initial && !said.has(word.key) && !isAmong(topic, word),
  );
}
