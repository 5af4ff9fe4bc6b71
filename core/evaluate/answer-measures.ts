/**
 * The measures of one answer. Knows texts, sentences and passages; the caller judges if a passage supports a sentence.
 */
import { folded } from './judge.ts';

/** As SQuAD's own evaluation does: lower case, without punctuation, articles and extra white space. */
function normalized(text: string): string {
  return text
    .toLowerCase()
    .replace(/[!-/:-@[-`{-~]/g, '')
    .replace(/\b(a|an|the)\b/g, ' ')
    .replace(/\s+/g, ' ')
    .trim();
}

/** 1 if the normalised answer equals one of those wanted; else 0. */
export function exactMatch(answer: string, wanted: string[]): number {
  return wanted.some((one) => normalized(one) === normalized(answer)) ? 1 : 0;
}

/** Harmonic mean of precision and recall over normalised words, for the best match (SQuAD: Rajpurkar et al. 2016). */
export function f1(answer: string, wanted: string[]): number {
  return Math.max(0, ...wanted.map((one) => wordOverlap(normalized(answer), normalized(one))));
}

/** 1 if the answer contains one of those wanted, case folded: a fair measure for full sentences. */
export function contained(answer: string, wanted: string[]): number {
  const text = folded(answer);
  return wanted.some((one) => text.includes(folded(one))) ? 1 : 0;
}

function wordOverlap(answer: string, wanted: string): number {
  const given = answer.split(' ').filter(Boolean);
  const gold = wanted.split(' ').filter(Boolean);
  if (given.length === 0 || gold.length === 0) return given.length === gold.length ? 1 : 0;
  const left = new Map<string, number>();
  for (const word of gold) left.set(word, (left.get(word) ?? 0) + 1);
  let common = 0;
  for (const word of given) {
    const count = left.get(word) ?? 0;
    if (count === 0) continue;
    common += 1;
    left.set(word, count - 1);
  }
  if (common === 0) return 0;
  const precision = common / given.length;
  const recall = common / gold.length;
  return (2 * precision * recall) / (precision + recall);
}

/** A sentence of an answer and the passages it cites. */
export interface CitedSentence<Passage> {
  text: string;
  cited: Passage[];
}

/** Whether all the passages together support the sentence. */
export type Judge<Passage> = (sentence: string, passages: Passage[]) => boolean | Promise<boolean>;

export interface CitationQuality {
  /** Share of sentences that their citations together support; a sentence without a citation is unsupported. */
  recall: number;
  /** Share of citations that are needed; undefined if nothing is cited. */
  precision: number | undefined;
}

/**
 * Citation recall and precision of one answer, as ALCE defines them (Gao et al. 2023, section 3). A citation counts for
 * precision if its sentence is supported and it is relevant: it supports the sentence alone, or without it the others
 * do not. An answer without sentences has recall 0.
 */
export async function citationQuality<Passage>(
  sentences: CitedSentence<Passage>[],
  judge: Judge<Passage>,
): Promise<CitationQuality> {
  let supported = 0;
  let needed = 0;
  let citations = 0;
  for (const { text, cited } of sentences) {
    citations += cited.length;
    if (cited.length === 0 || !(await judge(text, cited))) continue;
    supported += 1;
    if (cited.length === 1) needed += 1;
    else
      for (const passage of cited) {
        const others = cited.filter((other) => other !== passage);
        if ((await judge(text, [passage])) || !(await judge(text, others))) needed += 1;
      }
  }
  return {
    recall: sentences.length === 0 ? 0 : supported / sentences.length,
    precision: citations === 0 ? undefined : needed / citations,
  };
}

/** One question's place on the curve of risk against coverage. */
export interface Risked {
  /** How confident the system was; higher is more confident. */
  confidence: number;
  /** False where it abstained by itself. */
  answered: boolean;
  /** False for a wrong answer, and for any answer to a question that has none. */
  right: boolean;
}

export interface RiskCurve {
  /** Share of questions answered, and share of wrong answers among these, with the system's own abstentions. */
  coverage: number;
  risk: number;
  /** The same if only the most confident answers were given, from a few to all of them; at most 50 points. */
  points: { coverage: number; risk: number }[];
}

const POINTS = 50;

/** Risk against coverage (El-Yaniv, Wiener 2010): what abstaining more often would buy. */
export function riskCurve(list: Risked[]): RiskCurve {
  const given = list.filter(({ answered }) => answered).sort((a, b) => b.confidence - a.confidence);
  let wrong = 0;
  const all = given.map(({ right }, index) => {
    if (!right) wrong += 1;
    return { coverage: (index + 1) / list.length, risk: wrong / (index + 1) };
  });
  const every = Math.max(1, Math.ceil(all.length / POINTS));
  const last = all.at(-1) ?? { coverage: 0, risk: 0 };
  return { ...last, points: all.filter((_, index) => (index + 1) % every === 0 || index === all.length - 1) };
}
