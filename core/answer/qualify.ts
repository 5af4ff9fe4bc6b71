/**
 * Knows the ways in which a passage may say less than its words suggest: hedges, part and whole, "second" before a
 * superlative, bounds, the ends of a range. Knows English words only; in other languages it finds nothing.
 */
import { type Word, wordSet } from './words.ts';

/** Whether the claim drops or reverses a limit that the evidence states. */
export function overstates(claim: Word[], evidence: Word[]): boolean {
  return (
    dropsHedge(claim, evidence) ||
    widens(claim, evidence) ||
    dropsOrdinal(claim, evidence) ||
    dropsBound(claim, evidence) ||
    turnsRange(claim, evidence)
  );
}

const HEDGES = wordSet(
  `alleged allegedly apocryphal believe believed believes claim claimed claiming claims legend legendary
  might perhaps possibly probably proposed purported purportedly reputedly rumour rumoured rumor rumored speculated
  supposed supposedly suspected theory hypothesized hypothesised reportedly invented uncertain disputed unlikely`,
);

/** "Some believe that she met the king" does not say that she did. */
function dropsHedge(claim: Word[], evidence: Word[]): boolean {
  return has(evidence, HEDGES) && !has(claim, HEDGES);
}

const WHOLE = wordSet('all every each always entire entirely whole wholly completely');
const ONLY = wordSet('only solely exclusively');

/** "All" and "only" must be in the evidence too. */
function widens(claim: Word[], evidence: Word[]): boolean {
  return (has(claim, WHOLE) && !has(evidence, WHOLE)) || (has(claim, ONLY) && !has(evidence, ONLY));
}

const ORDINALS = wordSet('second third fourth fifth sixth seventh eighth ninth tenth');

/** "The second highest" is not the highest. */
function dropsOrdinal(claim: Word[], evidence: Word[]): boolean {
  const lower = evidence.map(({ text }) => text.toLowerCase());
  return evidence.some((word, index) => {
    const ordinal = lower[index - 1] ?? '';
    if (!ORDINALS.has(ordinal) || !/est$|^most$/i.test(word.text)) return false;
    const at = claim.findIndex(({ key }) => key === word.key);
    return at >= 0 && claim[at - 1]?.text.toLowerCase() !== ordinal;
  });
}

/** "At least two" are not two. */
function dropsBound(claim: Word[], evidence: Word[]): boolean {
  const isBounded = (words: Word[], wanted: string) =>
    words.some(({ key }, index) => {
      const [before = '', last = ''] = words.slice(Math.max(0, index - 2), index).map(({ text }) => text);
      return key === wanted && /^(at (least|most)|up to|(more|less|fewer) than)$/i.test(`${before} ${last}`);
    });
  return claim.some(
    ({ kind, key }) => kind === 'number' && isBounded(evidence, key) && !isBounded(claim, key),
  );
}

/** "From October to April" is not "from April to October". */
function turnsRange(claim: Word[], evidence: Word[]): boolean {
  const joined = (words: Word[]) =>
    words.flatMap(({ text }, index) => {
      const [from, to] = [words[index - 1], words[index + 1]];
      return /^(to|until|till)$/i.test(text) && from !== undefined && to !== undefined
        ? [`${from.key} ${to.key}`, `${to.key} ${from.key}`]
        : [];
    });
  const said = joined(claim);
  const found = joined(evidence);
  return said.some((pair, index) => index % 2 === 0 && found.indexOf(pair) % 2 === 1);
}

function has(words: Word[], wanted: ReadonlySet<string>): boolean {
  return words.some(({ text }) => wanted.has(text.toLowerCase()));
}
