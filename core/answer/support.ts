/**
 * Decides whether a passage supports a sentence, and which words of the passage show it.
 * Knows two texts; never sees a model, a citation number or a platform.
 *
 * A strict lexical check: nearly all of the sentence's words, and every number and name, must be in one sentence of the
 * passage (or in its title), with the same negation, direction and order. Words that the sentence adds to its question
 * are held to a higher threshold. A sentence that joins two facts may find each in a different place. The thresholds
 * were measured on test/fixtures/support.json and the drafts of `npm run bench -- drafts`.
 */
import { type Span, sentenceSpans } from '../corpus/sentences.ts';
import { addedWords, holdsFormula, isBrokenOff, isFragment } from './claim.ts';
import { contradicts, splitClauses, subjectOf } from './contradict.ts';
import { contentKeys, isAmong, type Word, wordsOf } from './words.ts';

export interface Support {
  /** 0..1: share of the sentence's claim that the quote carries. */
  score: number;
  supported: boolean;
  /** Where the best evidence is in the passage's text; empty if there is none. */
  quote: Span;
}

/** What a sentence is checked against; every sentence of the text counts as saying the title too. */
export interface Evidence {
  title: string;
  text: string;
  language: string;
}

/** Counts the changes of what is judged, so that kept evaluations of another judge are not taken for this one's. */
export const JUDGE_VERSION = 4;
const THRESHOLD = 0.83;
/** The same for the words that a sentence adds to its question: an unsupported one is usually the answer itself. */
const ADDED_THRESHOLD = 0.9;
/** A name or a number says more than another word. */
const WEIGHT = { name: 1.5, number: 1.5, content: 1, function: 0 };
/** A sentence with fewer content words is a one-word answer ("Ulm."), which is read together with its question. */
const SHORT = 3;
const NONE: Support = { score: 0, supported: false, quote: { start: 0, end: 0 } };

/**
 * Whether `passage` supports `sentence`; never true without content words or if it only repeats its question.
 * @param question words beyond it are checked more strictly; it completes a sentence too short to be a claim by itself
 */
export function supports(sentence: string, passage: Evidence, question = ''): Support {
  const { language } = passage;
  const claim = wordsOf(sentence, language);
  const asked = wordsOf(question, language);
  const added = addedWords(claim, asked, question);
  if (added?.length === 0 || isBrokenOff(sentence, claim) || isFragment(claim)) return NONE;
  if (holdsFormula(sentence) && !passage.text.includes(sentence)) return NONE;
  const isShort = contentKeys(claim).size < SHORT;
  const held: Held = {
    statements: statementsOf(passage),
    topic: contentKeys(wordsOf(passage.title, language)),
    added: contentKeys(added ?? []),
    asked: contentKeys(isShort ? asked : []),
  };
  const whole = bestStatement(claim, sentence, held);
  if (whole.supported) return whole;

  const clauses = splitClauses(claim, SHORT);
  if (clauses.length < 2) return whole;
  const subject = subjectOf(claim);
  const parts = clauses.map((clause, index) =>
    bestStatement(index > 0 && leansOn(clause) ? [...subject, ...clause] : clause, sentence, held),
  );
  if (parts.some(({ supported }) => !supported)) return whole;
  const quote = {
    start: Math.min(...parts.map((part) => part.quote.start)),
    end: Math.max(...parts.map((part) => part.quote.end)),
  };
  return { score: Math.min(...parts.map(({ score }) => score)), supported: true, quote };
}

/** Share of a quote's words that a sentence says too if it restates the quote. */
const RESTATED = 0.8;

/** Whether a sentence says nearly all that a quote from a passage says, as a slip of the pen or a word left out does. */
export function restates(sentence: string, quote: string, { title, language }: Evidence): boolean {
  const topic = contentKeys(wordsOf(title, language));
  const told = wordsOf(quote, language).filter(({ key }) => !topic.has(key));
  return shareHeld(told, contentKeys(wordsOf(sentence, language))) >= RESTATED;
}

/** Whether a clause has no subject of its own ("and developed relativity"). */
function leansOn(clause: Word[]): boolean {
  const [first] = clause;
  return first !== undefined && first.kind === 'content';
}

/** What a claim is checked against, and which of its keys are checked more strictly. */
interface Held {
  statements: Statement[];
  /** Keys of the title. */
  topic: Set<string>;
  /** Keys of what the claim adds to its question. */
  added: Set<string>;
  /** Keys of the question if the claim is a one-word answer; else empty. */
  asked: Set<string>;
}

/** A sentence of a passage; if it has a pronoun ("he", "it"), the names of the sentence before count as its own. */
interface Statement {
  span: Span;
  words: Word[];
  keys: Set<string>;
  /** Start of the sentence before and the names in it, if this one refers back to it. */
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

function bestStatement(claim: Word[], sentence: string, { statements, topic, added, asked }: Held): Support {
  const fresh = claim.filter(({ key }) => added.has(key));
  const named = new Set(
    fresh.filter(({ kind, key }) => kind === 'name' && topic.has(key)).map(({ key }) => key),
  );
  const must = claim.filter((word, index) => mustOccur(word, claim[index + 1], sentence));
  let best = NONE;
  for (const { span, words, keys, before } of statements) {
    const lent = before?.names ?? new Set<string>();
    const said = new Set([...keys, ...lent]);
    const share = overlap(asked, new Set([...said, ...topic]));
    const score = coverage(claim, said, topic) * share;
    if (score <= best.score && (best.supported || score < THRESHOLD)) continue; // it cannot be better
    const grounded = must.every(
      (word) => isAmong(said, word) || (word.kind === 'name' && isAmong(topic, word)),
    );
    const borrowed =
      before !== undefined && must.some((word) => !isAmong(keys, word) && !isAmong(topic, word));
    const ambiguous = borrowed && (score < 1 || namesAnother(words, claim, topic));
    const supported =
      grounded &&
      !ambiguous &&
      score >= THRESHOLD &&
      shareHeld(fresh, new Set([...said, ...named])) >= ADDED_THRESHOLD &&
      !contradicts(claim, words, topic);
    if (supported === best.supported ? score <= best.score : best.supported) continue;
    best = { score, supported, quote: { start: borrowed ? before.start : span.start, end: span.end } };
  }
  return best;
}

/** Share of the weight of the claim's words besides the title's that `keys` contain; 0 if it has no others. */
function coverage(claim: Word[], keys: Set<string>, topic: Set<string>): number {
  const others = claim.filter((word) => word.kind !== 'function' && !topic.has(word.key));
  return others.length === 0 ? 0 : shareHeld(others, keys);
}

/** Share of the words' weight that `keys` contain; 1 if they have no weight. */
function shareHeld(words: Word[], keys: Set<string>): number {
  let total = 0;
  let held = 0;
  for (const word of words) {
    const weight = WEIGHT[word.kind];
    total += weight;
    if (weight > 0 && isAmong(keys, word)) held += weight;
  }
  return total === 0 ? 1 : held / total;
}

/** Share of `wanted` in `keys`; 1 if `wanted` is empty. */
function overlap(wanted: Set<string>, keys: Set<string>): number {
  if (wanted.size === 0) return 1;
  return [...wanted].filter((key) => keys.has(key)).length / wanted.size;
}

/** Whether the word is a number or a name; a sentence's first word before a comma ("However, …") is not a name. */
function mustOccur(word: Word, next: Word | undefined, sentence: string): boolean {
  if (word.kind === 'number') return true;
  if (word.kind !== 'name') return false;
  return !(word.initial && sentence[word.end] === ',' && next?.kind !== 'name');
}

/** Whether the evidence names someone whom the claim does not: "he" may then be that person. */
function namesAnother(evidence: Word[], claim: Word[], topic: Set<string>): boolean {
  const said = contentKeys(claim);
  return evidence.some(
    (word) => word.kind === 'name' && !word.initial && !said.has(word.key) && !isAmong(topic, word),
  );
}
