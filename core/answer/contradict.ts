/**
 * Knows the ways in which a sentence may use a passage's words and still say something else: negation, opposites,
 * swapped roles, torn dates, clauses mixed up, circles. Knows words only; never what share of a claim is covered.
 */
import { deniesOtherwise } from './deny.ts';
import { overstates } from './qualify.ts';
import { contentKeys, hasOpposite, isAmong, JOINS, type Word, wordSet } from './words.ts';

/** Whether the evidence contains the claim's words but says something else. */
export function contradicts(claim: Word[], evidence: Word[], topic: Set<string>): boolean {
  return (
    deniesOtherwise(claim, evidence) ||
    hasOpposite(claim, evidence) ||
    overstates(claim, evidence) ||
    tellsOfAnother(claim, evidence, topic) ||
    swapsRoles(claim, evidence) ||
    partsPairs(claim, evidence) ||
    turnsInCircles(claim, evidence) ||
    isScattered(claim, evidence, topic) ||
    crossesClauses(claim, evidence, topic)
  );
}

/** Whether parts of a date that are adjacent in the claim ("November 1902") are apart in the evidence. */
function partsPairs(claim: Word[], evidence: Word[]): boolean {
  return claim.some((word, index) => {
    const next = claim[index + 1];
    if (next === undefined || (word.kind !== 'number' && next.kind !== 'number')) return false;
    if (
      word.kind === 'content' ||
      word.kind === 'function' ||
      next.kind === 'content' ||
      next.kind === 'function'
    )
      return false;
    const places = (key: string) => evidence.flatMap((found, place) => (found.key === key ? [place] : []));
    const [left, right] = [places(word.key), places(next.key)];
    return left.length > 0 && right.length > 0 && !left.some((a) => right.some((b) => Math.abs(a - b) <= 2));
  });
}

/** Whether a pair of words recurs in the claim but not in the evidence ("the sum of that force and that force"). */
function turnsInCircles(claim: Word[], evidence: Word[]): boolean {
  const found = repeatedPairs(evidence);
  return [...repeatedPairs(claim)].some((pair) => !found.has(pair));
}

function repeatedPairs(words: Word[]): Set<string> {
  const keys = words.filter(({ kind }) => kind !== 'function').map(({ key }) => key);
  const pairs = keys.slice(1).map((key, index) => `${keys[index]} ${key}`);
  return new Set(pairs.filter((pair, index) => pairs.indexOf(pair) < index));
}

/** Content words of the evidence, none of them the claim's, between two that are. */
const APART = 7;

/** Whether the claim's words lie far apart in the evidence ("Perun was a rival … until … a son greater than his father"). */
function isScattered(claim: Word[], evidence: Word[], topic: Set<string>): boolean {
  const said = contentKeys(claim);
  const told = evidence.filter((word) => word.kind !== 'function' && !isAmong(topic, word));
  const places = told.flatMap((word, place) => (isAmong(said, word) ? [place] : []));
  return places.some((place, index) => place - (places[index - 1] ?? place) > APART + 1);
}

/** Whether adjacent words of the claim come from two clauses of the evidence in reverse order ("ended … 1902"). */
function crossesClauses(claim: Word[], evidence: Word[], topic: Set<string>): boolean {
  const clauseOf = new Map<string, number[]>();
  splitClauses(evidence, 1).forEach((clause, number) => {
    for (const { key } of clause) clauseOf.set(key, [...(clauseOf.get(key) ?? []), number]);
  });
  const told = claim.filter(({ kind, key }) => kind !== 'function' && !topic.has(key) && clauseOf.has(key));
  return told.some((word, index) => {
    const next = told[index + 1];
    if (next === undefined) return false;
    const [left, right] = [clauseOf.get(word.key) ?? [], clauseOf.get(next.key) ?? []];
    return Math.min(...left) > Math.max(...right);
  });
}

/** Runs of words between joining words, each with at least `least` content words. */
export function splitClauses(words: Word[], least: number): Word[][] {
  const clauses: Word[][] = [[]];
  for (const word of words) {
    if (JOINS.has(word.text.toLowerCase())) clauses.push([]);
    else clauses.at(-1)?.push(word);
  }
  const merged: Word[][] = [];
  for (const clause of clauses) {
    const last = merged.at(-1);
    if (last !== undefined && Math.min(contentKeys(clause).size, contentKeys(last).size) < least)
      last.push(...clause);
    else merged.push(clause);
  }
  return merged;
}

const PLACED_BY = new Set(
  'in at on of from to for with near into during after before since until over under as than unlike'.split(
    ' ',
  ),
);

/**
 * Whether two names that act on each other are in reverse order in the same voice, or in the same order in the other
 * voice ("Ada beat Bo" against "Bo beat Ada"). Checked only if exactly two such names are in both; English word order.
 */
function swapsRoles(claim: Word[], evidence: Word[]): boolean {
  const [said, found] = [actors(claim), actors(evidence)];
  const shared = [...new Set(said)].filter((key) => found.includes(key));
  const [a, b] = shared;
  if (a === undefined || b === undefined || shared.length !== 2) return false;
  const reversed = found.indexOf(a) > found.indexOf(b);
  return reversed !== (isPassive(claim) !== isPassive(evidence));
}

/** The names that a sentence begins with: whoever does what it says. */
export function subjectOf(words: Word[]): Word[] {
  const content = words.slice(words.findIndex(({ kind }) => kind !== 'function'));
  const end = content.findIndex(({ kind }) => kind !== 'name');
  return end < 0 ? content.filter(({ kind }) => kind === 'name') : content.slice(0, end);
}

const SUBJECTS = wordSet('he she it they who which');

/**
 * Whether the claim's subject (its first name) is no actor in the evidence: it follows a preposition ("the laboratory
 * of Weil"), or only the title has it and the evidence begins with another name. English; not if just one is passive.
 */
function tellsOfAnother(claim: Word[], evidence: Word[], topic: Set<string>): boolean {
  const names = subjectOf(claim);
  const [first, last] = [names[0], names.at(-1)];
  if (first === undefined || last === undefined || isPassive(claim) !== isPassive(evidence)) return false;
  if (PLACED_BY.has(claim[claim.indexOf(first) - 1]?.text.toLowerCase() ?? '')) return false;
  if (contentKeys(claim.slice(claim.indexOf(last) + 1)).size === 0) return false; // a one-word answer
  const subject = last.key;
  if (topic.has(subject)) {
    const other = evidence.find(({ kind }) => kind !== 'function');
    const pronoun = evidence.some(({ text }) => SUBJECTS.has(text.toLowerCase()));
    const said = contentKeys(claim);
    return (
      !evidence.some(({ key }) => key === subject) &&
      !pronoun &&
      other?.kind === 'name' &&
      !said.has(other.key) &&
      !topic.has(other.key)
    );
  }
  const isNamed = evidence.some(({ key, kind }) => key === subject && kind === 'name');
  return isNamed && !actors(evidence).includes(subject);
}

/** Whether something is done "by" a name; "by land", "by two goals" and "by 1910" say how, how much and when. */
function isPassive(words: Word[]): boolean {
  return words.some(
    ({ text }, index) =>
      text.toLowerCase() === 'by' &&
      words.slice(index + 1).find(({ kind }) => kind !== 'function')?.kind === 'name',
  );
}

/** Keys of the names that follow no preposition, and only the last word of each run ("Grace Bedell"). */
function actors(words: Word[]): string[] {
  const isActor = (word: Word, index: number) => {
    if (word.kind !== 'name' || words[index + 1]?.kind === 'name') return false;
    let before = index - 1;
    while (words[before]?.kind === 'name') before -= 1;
    const lead = words[before]?.text.toLowerCase();
    return lead === undefined || !PLACED_BY.has(lead);
  };
  return words.filter(isActor).map(({ key }) => key);
}
