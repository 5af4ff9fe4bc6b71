/** Reports out of a small evaluation made here: what they show, and that nothing in them is obeyed. */
import { describe, expect, it } from 'vitest';
import { chartsOf } from '../../core/evaluate/charts.ts';
import type { Evaluation, RankedRow } from '../../core/evaluate/evaluation.ts';
import type { Question } from '../../core/evaluate/question.ts';
import { reportOf } from '../../core/evaluate/report.ts';
import { htmlReport } from '../../core/evaluate/report-html.ts';
import { markdownReport } from '../../core/evaluate/report-markdown.ts';
import { differencesOf, measured, summarize } from '../../core/evaluate/summary.ts';
import { seededRandom } from '../../core/index/train/random.ts';
import type { Chunk } from '../../core/types.ts';

const randoms = () => seededRandom(1);
const questions: Question[] = Array.from({ length: 12 }, (_, index) => ({
  ...{ qid: `q${index}`, question: index === 0 ? 'Who is <b>Ann</b>?' : `When did ${index} happen?` },
  ...{ answers: ['1850'], goldTitle: `Title ${index % 4}`, unanswerable: false },
}));
/** Rows with the first right passage at the given ranks; 0 for none. */
const rows = (ranks: number[]): Map<string, RankedRow> =>
  new Map(
    ranks.map((rank, index): [string, RankedRow] => [
      `q${index}`,
      {
        ...{
          qid: `q${index}`,
          ids: [index],
          steps: {},
          ms: { rewrite: 0, embed: 0, search: 1, rerank: 0, lookup: 0, total: 5 + index },
        },
        right: rank === 0 ? [] : [[rank, 1]],
      },
    ]),
  );
const asked = [
  { method: 'first', asked: measured(questions, rows([0, 1, 1, 2, 0, 1, 3, 1, 30, 1, 1, 1])) },
  { method: 'second', asked: measured(questions, rows([1, 1, 1, 2, 0, 1, 3, 0, 1, 1, 1, 1])) },
];
const evaluation: Evaluation = {
  ...{ set: 'set|one.jsonl', build: 'towns', model: 'm', articles: 4, chunks: 20, depth: 100, questions: 12 },
  ...{ titles: 4, unanswerable: 0, rows: 14, leftOut: { 'asked before': 2 }, where: 'in_1k' },
  methods: asked.map(({ method, asked: list }) => ({
    ...{ method, plan: `dense(100) > top 100`, sampled: false, cache: 'x' },
    ...summarize(list, randoms),
  })),
  differences: differencesOf(asked, randoms),
  ...{ peakMemoryBytes: 3e8, machine: '2 x Something', at: '2026-11-24T12:00:00.000Z' },
};
const chunksOf = async (ids: number[]) =>
  ids.map(
    (id) =>
      ({
        ...{ id, title: `Title ${id}`, section: ['<script>alert(1)</script>'], text: 'It was dug & built.' },
        url: id === 0 ? 'javascript:alert(1)' : `https://en.wikipedia.org/wiki/Title_${id}`,
      }) as Chunk,
  );

describe('a report', async () => {
  const report = await reportOf(evaluation, asked, chunksOf);
  const charts = await chartsOf(evaluation, report.overlaps);
  const html = htmlReport(report, charts);
  const markdown = markdownReport(report);

  it('counts what each of two methods has right alone', () => {
    expect(report.overlaps).toEqual([
      { first: 'first', second: 'second', both: 8, firstOnly: 1, secondOnly: 2, neither: 1 },
    ]);
  });
  it('shows where two methods differ most, and what none of them finds', () => {
    expect(report.differ[0]?.questions.map(({ qid }) => qid)).toEqual(['q0', 'q7', 'q8']);
    expect(report.differ[0]?.questions[2]?.sides.map(({ rank }) => rank)).toEqual([30, 1]);
    expect(report.missed.map(({ qid }) => qid)).toEqual(['q4']);
  });
  it('is one page without a script or anything to fetch, with a plot for each view of the figures', () => {
    expect(html.match(/<svg /g)).toHaveLength(3);
    expect(html).not.toMatch(/<script|<link|<img|@import|src=/);
    expect(html).not.toContain('javascript:');
    expect(html).toContain('Who is &lt;b&gt;Ann&lt;/b&gt;?');
    expect(html).toContain('href="https://en.wikipedia.org/wiki/Title_7"');
    for (const { svg } of charts) expect(svg).toContain('second');
  });
  it('says how the data were used, and what was left out', () => {
    for (const text of [html, markdown]) {
      expect(text).toContain('nothing else');
      expect(text).toContain('2 asked before');
      expect(text).toContain('4 articles are few');
    }
  });
  it('of one article does not speak of resampled articles', () => {
    const one = markdownReport({ ...report, evaluation: { ...evaluation, titles: 1 } });
    expect(one).toContain('resampled over questions');
    expect(one).not.toMatch(/articles are resampled|are few/);
  });
  it('as Markdown keeps names with bars in their cells', () => {
    expect(markdown).toMatch(/^# Evaluation: set\\\|one\.jsonl over towns$/m);
    const lines = markdown.split('\n').filter((line) => line.startsWith('| '));
    expect(lines.some((line) => line.startsWith('| second against first | MRR@10 |'))).toBe(true);
  });
});
