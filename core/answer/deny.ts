/**
 * Knows what a text denies: negations, and verbs and nouns that say that something did not happen. Knows words of a few
 * languages; never what share of a claim is covered.
 */
import { contentKeys, isAmong, JOINS, NEGATIONS, type Word, wordSet } from './words.ts';

/** What follows them did not happen. */
const UNDONE = wordSet('cancelled canceled myth misconception');
/** The same before "to" and a verb. */
const UNDONE_TO = wordSet('failed fails fail refused refuses declined declines unable');
/** More than a space between two words: a comma, a dash, a bracket. */
const NEXT = 1;

/** Whether the claim denies what the evidence does not, or affirms what the evidence denies. */
export function deniesOtherwise(claim: Word[], evidence: Word[]): boolean {
  const [denied, found] = [denials(claim), denials(evidence)];
  const [deniedKeys, foundKeys] = [contentKeys(denied.flat()), contentKeys(found.flat())];
  const said = contentKeys(claim);
  return (
    denied.some(([first]) => first !== undefined && !isAmong(foundKeys, first)) ||
    found.some((clause) => {
      // "Never formally ratified" denies "ratified", although the claim leaves out "formally".
      const first = clause.find((word) => isAmong(said, word));
      return first !== undefined && !isAmong(deniedKeys, first);
    })
  );
}

/** The content words that each denial reaches, up to the end of its clause; "not only" and "not … until" affirm. */
function denials(words: Word[]): Word[][] {
  const lower = words.map(({ text }) => text.toLowerCase().replaceAll('’', "'"));
  return lower.flatMap((word, index) => {
    const undone =
      UNDONE.has(word) || (UNDONE_TO.has(word) && lower[index + 1] === 'to' && isVerb(words[index + 2]));
    if (!undone && !NEGATIONS.has(word) && !word.endsWith("n't")) return [];
    if (lower[index + 1] === 'only' || lower.slice(index + 1, index + 10).includes('until')) return [];
    return [clauseAfter(words, index)];
  });
}

const isVerb = (word: Word | undefined) => word?.kind === 'content';

/** Content words behind `index`, at least the first one, up to a joining word or a comma. */
function clauseAfter(words: Word[], index: number): Word[] {
  const clause: Word[] = [];
  for (let at = index + 1; at < words.length; at++) {
    const word = words[at] as Word;
    const apart = word.start - (words[at - 1] as Word).end > NEXT;
    if (clause.length > 0 && (apart || JOINS.has(word.text.toLowerCase()))) break;
    if (word.kind !== 'function') clause.push(word);
  }
  return clause;
}
