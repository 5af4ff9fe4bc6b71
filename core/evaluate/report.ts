/**
 * What a report shows beside the figures: which questions methods disagree about, and which none of them gets right.
 * Knows rows, ranks and passages; nothing about how a report looks.
 */
import type { Chunk, ChunkId } from '../types.ts';
import type { Evaluation } from './evaluation.ts';
import type { Question } from './question.ts';
import { type Measured, pairsOf } from './summary.ts';

export interface Report {
  evaluation: Evaluation;
  overlaps: Overlap[];
  /** Where two methods differ most, for each pair. */
  differ: Differing[];
  /** Questions that no method has right among its first 10. */
  missed: Shown[];
  missedCount: number;
}

/** How many questions two methods have right among their first 10. */
export interface Overlap {
  first: string;
  second: string;
  both: number;
  firstOnly: number;
  secondOnly: number;
  neither: number;
}

export interface Differing {
  first: string;
  second: string;
  questions: Shown[];
}

/** One question with each method's result. */
export interface Shown {
  qid: string;
  question: string;
  answers: string[];
  goldTitle?: string;
  shows?: string;
  sides: Side[];
}

export interface Side {
  method: string;
  /** Rank of the first right passage; absent if there is none. */
  rank?: number;
  /** What it ranked first; absent if it found nothing. */
  top?: { title: string; section: string; url: string; excerpt: string };
}

const TOP = 10;
const SHOWN_OF_PAIR = 5;
const SHOWN_MISSED = 10;
const EXCERPT_CHARACTERS = 240;

/** @param chunksOf looks passages up by id */
export async function reportOf(
  evaluation: Evaluation,
  methods: { method: string; asked: Measured[] }[],
  chunksOf: (ids: ChunkId[]) => Promise<Chunk[]>,
): Promise<Report> {
  const pairs = methods.flatMap((first, index) =>
    methods.slice(index + 1).map((second) => ({ first, second, both: pairsOf(first.asked, second.asked) })),
  );
  const mostDifferent = pairs.map(({ first, second, both }) => ({
    names: [first.method, second.method] as const,
    pairs: [...both]
      .map((pair) => ({ pair, gap: Math.abs(pair[0].measures.mrrAt10 - pair[1].measures.mrrAt10) }))
      .filter(({ gap }) => gap > 0)
      .sort((a, b) => b.gap - a.gap) // stable: equal gaps stay in the order of the set
      .slice(0, SHOWN_OF_PAIR)
      .map(({ pair }) => pair),
  }));
  const missed = missedByAll(methods.map(({ asked }) => asked));
  const shownMissed = missed.slice(0, SHOWN_MISSED);

  const tops = [...mostDifferent.flatMap((one) => one.pairs.flat()), ...shownMissed.flat()];
  const ids = [...new Set(tops.flatMap(({ row }) => row.ids.slice(0, 1)))];
  const chunks = new Map((await chunksOf(ids)).map((chunk) => [chunk.id, chunk]));
  return {
    evaluation,
    overlaps: pairs.map(({ first, second, both }) => overlapOf(first.method, second.method, both)),
    differ: mostDifferent.map(({ names, pairs: some }) => ({
      first: names[0],
      second: names[1],
      questions: some.map((pair) => shown(pair, [...names], chunks)),
    })),
    missed: shownMissed.map((list) =>
      shown(
        list,
        methods.map(({ method }) => method),
        chunks,
      ),
    ),
    missedCount: missed.length,
  };
}

function overlapOf(first: string, second: string, both: [Measured, Measured][]): Overlap {
  const count = (one: boolean, two: boolean) =>
    both.filter(([a, b]) => isRight(a) === one && isRight(b) === two).length;
  return {
    ...{ first, second, both: count(true, true), neither: count(false, false) },
    ...{ firstOnly: count(true, false), secondOnly: count(false, true) },
  };
}

/** For each question that every method was asked and none has right: each method's result. */
function missedByAll(methods: Measured[][]): Measured[][] {
  const byQuestion = methods.map((asked) => new Map(asked.map((one) => [one.question.qid, one])));
  return (methods[0] ?? []).flatMap(({ question }) => {
    const all = byQuestion.map((asked) => asked.get(question.qid));
    const known = all.filter((one) => one !== undefined);
    return known.length === all.length && !known.some(isRight) ? [known] : [];
  });
}

function isRight({ row }: Measured): boolean {
  return (row.right[0]?.[0] ?? Number.POSITIVE_INFINITY) <= TOP;
}

function shown(list: Measured[], methods: string[], chunks: Map<ChunkId, Chunk>): Shown {
  const { qid, question, answers, goldTitle, shows } = (list[0] as Measured).question satisfies Question;
  return {
    ...{ qid, question, answers },
    ...(goldTitle !== undefined && { goldTitle }),
    ...(shows !== undefined && { shows }),
    sides: list.map(({ row }, index): Side => {
      const rank = row.right[0]?.[0];
      const chunk = chunks.get(row.ids[0] as ChunkId);
      return {
        method: methods[index] as string,
        ...(rank !== undefined && { rank }),
        ...(chunk !== undefined && { top: topOf(chunk) }),
      };
    }),
  };
}

function topOf({ title, section, url, text }: Chunk): Side['top'] {
  const plain = text.replace(/\s+/g, ' ').trim();
  const excerpt =
    plain.length <= EXCERPT_CHARACTERS ? plain : `${plain.slice(0, EXCERPT_CHARACTERS).toWellFormed()}…`;
  return { title, section: section.join(' › '), url, excerpt };
}
