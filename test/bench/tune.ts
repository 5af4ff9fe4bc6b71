/**
 * The ablation of core/retrieve/README.md, out of what tune-candidates.ts kept: `tsx test/bench/tune.ts`. No model runs.
 * Weights are chosen on all titles but one, and reported on that one; the figures count each title alike (45 questions each), and the open
 * questions together as one more. Parts were read of the best of blend(3, 2): other plans' parts count where they are the same passages.
 */
import { readSettings } from '../../core/index.ts';
import { blend, comparable, fuse, mixScores, toUnit } from '../../core/retrieve/fuse.ts';
import { higherLogits } from '../../core/retrieve/rerank.ts';
import type { Scored } from '../../core/types.ts';
import { readJsonLines } from '../fixtures/json-lines.ts';
import { markdown } from './table.ts';
import { type Candidates, cacheFiles, type Logit, OPEN } from './tune-candidates.ts';

interface Asked extends Candidates {
  logits: Map<number, number>;
  /** Of best parts. */
  parts: Map<number, number>;
}

type Ranking = (asked: Asked) => Scored[];

const { settings } = readSettings();
const files = cacheFiles(settings.data);
const logits = new Map<string, Pick<Asked, 'logits' | 'parts'>>();
for (const { qid, id, logit, part } of readJsonLines<Logit>(files.logits)) {
  const known = logits.get(qid) ?? { logits: new Map<number, number>(), parts: new Map<number, number>() };
  known.logits.set(id, logit);
  if (part !== undefined) known.parts.set(id, part);
  logits.set(qid, known);
}
const all: Asked[] = readJsonLines<Candidates>(files.candidates).flatMap((one) => {
  const known = logits.get(one.qid);
  return known === undefined ? [] : [{ ...one, ...known }];
});
const titles = [...new Set(all.map(({ title }) => title))];

const scored = (list: [number, number][]): Scored[] => list.map(([id, score]) => ({ id, score }));
const dense: Ranking = (asked) => scored(asked.dense);
const keyword: Ranking = (asked) => scored(asked.keyword);
const titled: Ranking = (asked) => scored(asked.titled);

const fused =
  (...weights: number[]): Ranking =>
  (asked) =>
    fuse([dense(asked), keyword(asked)], weights);
const ranged =
  (...weights: number[]): Ranking =>
  (asked) =>
    blend([toUnit(dense(asked)), toUnit(keyword(asked))], weights);
const blended =
  (...weights: number[]): Ranking =>
  (asked) => {
    const lists = [comparable('cosine', dense(asked)), comparable('bm25', keyword(asked))];
    if (weights.length > 2) lists.push(comparable('other', titled(asked)));
    return blend(lists, weights);
  };

/** The article's other passages speak for a passage: `weight` of the score is its article's share of the first 30. */
const supported =
  (first: Ranking, weight: number): Ranking =>
  (asked) => {
    const list = first(asked);
    const articles = new Map<string, number>();
    const of = (id: number) => asked.article[id] as string;
    for (const { id, score } of list.slice(0, 30)) articles.set(of(id), (articles.get(of(id)) ?? 0) + score);
    const most = Math.max(...articles.values());
    return list
      .map(({ id, score }) => ({ id, score: score + (weight * (articles.get(of(id)) ?? 0)) / most }))
      .sort((a, b) => b.score - a.score);
  };

/** The first `depth`, as far as they were scored, by the mix of scores; of the `parts` best the higher logit counts. */
const reranked =
  (first: Ranking, depth: number, share: number, parts = 0): Ranking =>
  (asked) => {
    const list = first(asked);
    const head = list.slice(0, depth).filter(({ id }) => asked.logits.has(id));
    const known = new Set(head.map(({ id }) => id));
    const rest = list.filter(({ id }) => !known.has(id));
    const of = new Map(head.map(({ id }) => [id, asked.logits.get(id) as number]));
    const once = mixScores([...head, ...rest], Float32Array.from(of.values()), share);
    const again = once.slice(0, Math.min(parts, head.length)).flatMap(({ id }): [number, number][] => {
      const part = asked.parts.get(id);
      return part === undefined ? [] : [[id, part]];
    });
    return mixScores([...head, ...rest], higherLogits(of, new Map(again)), share);
  };

interface Figures {
  top1: number;
  top10: number;
  mrr: number;
}

/** Ranks that were found before: choosing plans by title asks for each of them many times. */
const ranksOf = new WeakMap<Ranking, Map<Asked, number>>();

/** Of the first right passage among ten, from 1; infinite where there is none. */
function rankOf(asked: Asked, ranking: Ranking): number {
  const known = ranksOf.get(ranking) ?? new Map<Asked, number>();
  ranksOf.set(ranking, known);
  let rank = known.get(asked);
  if (rank === undefined) {
    const right = new Set(asked.right);
    const place = ranking(asked)
      .slice(0, 10)
      .findIndex(({ id }) => right.has(id));
    rank = place < 0 ? Infinity : place + 1;
    known.set(asked, rank);
  }
  return rank;
}

function figures(asked: Asked[], ranking: Ranking): Figures {
  const ranks = asked.map((one) => rankOf(one, ranking));
  const mean = (worth: (rank: number) => number) =>
    ranks.reduce((sum, rank) => sum + worth(rank), 0) / Math.max(1, ranks.length);
  return {
    top1: mean((rank) => (rank === 1 ? 1 : 0)),
    top10: mean((rank) => (rank <= 10 ? 1 : 0)),
    mrr: mean((rank) => 1 / rank),
  };
}

const shown = (asked: Asked[], ranking: Ranking) => {
  const { top1, top10, mrr } = figures(asked, ranking);
  return { 'top 1': top1.toFixed(3), 'top 10': top10.toFixed(3), 'MRR@10': mrr.toFixed(3) };
};

/** A plan and what it is called. */
type Named = [string, Ranking];

const blendOf = (...weights: number[]): Named => [`blend(${weights.join(', ')})`, blended(...weights)];
const thenRerank = ([plan, first]: Named, depth: number, share = 1, parts = 0): Named => [
  `${plan} > rerank(${depth}${parts > 0 ? `, ${parts} parts` : ''}${share < 1 ? `, ${share}` : ''})`,
  reranked(first, depth, share, parts),
];

const FUSE: Named = ['fuse', fused(1, 1)];
const RANGES: Named = ['blend, each list by its own range', ranged(1, 1)];
const FAST = blendOf(3, 2);
const [, DEFAULT] = thenRerank(FAST, 25, 0.9);
const [, DEFAULT_WITH_PARTS] = thenRerank(FAST, 25, 0.9, 10);
const ABLATION: Named[] = [
  ['dense', dense],
  ['keyword', keyword],
  FUSE,
  ['fuse(1, 2)', fused(1, 2)],
  RANGES,
  blendOf(2, 3),
  blendOf(1, 1),
  FAST,
  blendOf(2, 1),
  blendOf(3, 1),
  ['blend(1, 1, 0.2) with title', blended(1, 1, 0.2)],
  ['blend, the article’s other passages at 0.1', supported(blended(1, 1), 0.1)],
  thenRerank(FUSE, 25),
  thenRerank(blendOf(1, 1), 25, 0.9),
  thenRerank(blendOf(2, 1), 25, 0.9),
  ...[5, 10, 15].map((depth) => thenRerank(FAST, depth, 0.9)),
  ...[1, 0.9, 0.8, 0.5].map((share) => thenRerank(FAST, 25, share)),
  thenRerank(FAST, 15, 0.9, 10),
  thenRerank(FAST, 25, 0.9, 10),
  ...[0, 5, 10, 20].map((parts) => thenRerank(FAST, 60, 0.9, parts)),
];
const squad = all.filter(({ title }) => title !== OPEN);
const shares = squad.map(({ shared }) => shared).sort((a, b) => a - b);
const least = shares[Math.floor(shares.length / 3)] as number;
for (const [asked, which] of [
  [squad, `of ${titles.length - 1} titles`],
  [squad.filter(({ shared }) => shared <= least), 'that share the fewest words with their passages'],
  [all.filter(({ title }) => title === OPEN), 'asked without a passage'],
] as const)
  console.log(
    markdown({
      name: `${asked.length} questions ${which}`,
      rows: ABLATION.map(([plan, ranking]) => ({ plan, ...shown(asked, ranking) })),
    }),
  );

const GRID: Named[] = [
  FUSE,
  RANGES,
  blendOf(1, 1),
  blendOf(2, 3),
  FAST,
  blendOf(2, 1),
  blendOf(3, 1),
].flatMap((first) =>
  [15, 25].flatMap((depth) =>
    [0, 10].flatMap((parts) =>
      [0.6, 0.7, 0.8, 0.9, 1].map((share) => thenRerank(first, depth, share, parts)),
    ),
  ),
);
/** Each title counts alike. */
const worth = (asked: Asked[], ranking: Ranking) => {
  const worths = titles.flatMap((title) => {
    const own = asked.filter((one) => one.title === title);
    const { top1, top10, mrr } = figures(own, ranking);
    return own.length === 0 ? [] : top1 + top10 + mrr;
  });
  return worths.reduce((sum, one) => sum + one, 0) / worths.length;
};
/** The plan that was best for such questions on the other titles. */
function chosenFor(title: string, such: (one: Asked) => boolean): Named {
  const others = all.filter((one) => one.title !== title && such(one));
  const scores = GRID.map(([, ranking]) => worth(others, ranking));
  return GRID[scores.indexOf(Math.max(...scores))] as Named;
}

const chosen = titles.map((title) => {
  const [plan, ranking] = chosenFor(title, () => true);
  return { title, plan, ranking, asked: all.filter((one) => one.title === title) };
});
console.log(
  markdown({
    name: 'Chosen on the other titles',
    rows: chosen.map(({ title, plan, ranking, asked }) => ({ title, plan, ...shown(asked, ranking) })),
  }),
);
const held = new Map(chosen.map(({ title, ranking }) => [title, ranking]));
const heldOut: Ranking = (asked) => (held.get(asked.title) as Ranking)(asked);

/** Questions of up to 8 words, up to 12, and longer ones each get their own plan. */
const sizeOf = ({ question }: Asked) => [8, 12].filter((most) => question.split(' ').length > most).length;
const bySize = new Map(
  titles.flatMap((title) =>
    [0, 1, 2].map((size) => [`${title} ${size}`, chosenFor(title, (one) => sizeOf(one) === size)[1]]),
  ),
);
const auto: Ranking = (asked) => (bySize.get(`${asked.title} ${sizeOf(asked)}`) as Ranking)(asked);
console.log(
  markdown({
    name: 'Held out, all titles of SQuAD',
    rows: [
      { plan: 'chosen title by title', ...shown(squad, heldOut) },
      { plan: 'chosen title by title and by the length of the question', ...shown(squad, auto) },
      { plan: 'the default', ...shown(squad, DEFAULT) },
      { plan: 'the default with 10 parts', ...shown(squad, DEFAULT_WITH_PARTS) },
    ],
  }),
);
