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
    dropsOther(claim, evidence) ||
    dropsBound(claim, evidence) ||
    turnsRange(claim, evidence)
  );
}

const HEDGES = wordSet(
  `alleged allegedly apocryphal believe believed believes claim claimed claiming claims legendary
  might perhaps possibly probably purported purportedly reputedly rumour rumoured rumor rumored speculated
  supposed supposedly regarded considered viewed suspected hypothesized hypothesised reportedly uncertain disputed unlikely`,
);

/** "Some believe that she met the king" does not say that she did. */
function dropsHedge(claim: Word[], evidence: Word[]): boolean {
  return isHedged(evidence) && !isHedged(claim);
}

/** "Invented" is a hedge where it says nothing of what was invented ("a story that he calls invented"). */
function isHedged(words: Word[]): boolean {
  const invented = words.some(({ text, end }, index) => {
    const next = words[index + 1];
    return text.toLowerCase() === 'invented' && (next === undefined || next.start - end > 1);
  });
  return invented || has(words, HEDGES);
}

const WHOLE = wordSet('all every each always entire entirely whole wholly completely');
const ONLY = wordSet('only solely exclusively');
const MOST = wordSet('most mostly majority mainly predominantly largely');
const FIRST = wordSet('first 1st earliest initial initially');
const SECOND = wordSet('second 2nd');
const LAST = wordSet('last final latest');
const BROAD = [WHOLE, ONLY, MOST, FIRST, SECOND, LAST];

/** "All", "only", "most" and "first" must be in the evidence too; not as part of a name ("the First Crusade"). */
function widens(claim: Word[], evidence: Word[]): boolean {
  const said = claim.filter(({ kind }) => kind !== 'name');
  return BROAD.some((words) => has(said, words) && !has(evidence, words));
}

const EITHER = wordSet('either');
const OR = wordSet('or');

/** "Either rises or falls" says neither. */
function dropsOther(claim: Word[], evidence: Word[]): boolean {
  return has(evidence, EITHER) && has(evidence, OR) && !has(claim, OR);
}

const ORDINALS = wordSet('second third fourth fifth sixth seventh eighth ninth tenth');

/** "The second highest" is not the highest. */
function dropsOrdinal(claim: Word[], evidence: Word[]): boolean {
  const superlatives = evidence.filter(({ text }) => /est$|^most$/i.test(text));
  const ordinalBefore = (words: Word[], word: Word) => {
    const before = words[words.indexOf(word) - 1];
    return before !== undefined && ORDINALS.has(before.text.toLowerCase()) ? before.key : '';
  };
  return claim.some((word, index) => {
    const ordinals = superlatives
      .filter(({ key }) => key === word.key)
      .map((one) => ordinalBefore(evidence, one));
    if (ordinals.length === 0) return false;
    const said = claim[index - 1]?.key;
    return ordinals.every((ordinal) => ordinal !== '' && ordinal !== said);
  });
}

/** "At least two" are not two. */
function dropsBound(claim: Word[], evidence: Word[]): boolean {
  const bounds = (words: Word[], wanted: string) =>
    words.flatMap(({ key }, index) => {
      const [before = '', last = ''] = words.slice(Math.max(0, index - 2), index).map(({ text }) => text);
      const bounded = /^(at (least|most)|up to|(more|less|fewer) than)$/i.test(`${before} ${last}`);
      return key === wanted ? [bounded] : [];
    });
  return claim.some(({ kind, key }) => {
    const found = kind === 'number' ? bounds(evidence, key) : [];
    return found.length > 0 && found.every(Boolean) && !bounds(claim, key).includes(true);
  });
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
