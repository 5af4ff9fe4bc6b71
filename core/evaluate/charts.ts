/**
 * The plots of a report as SVG. Knows what is drawn; Vega draws, without a browser.
 */
import type { Mark, Spec } from 'vega';
import type { Evaluation } from './evaluation.ts';
import { DEPTHS } from './measures.ts';
import { colours, dots, frame, legend, lines, plot, shares } from './plot.ts';
import type { Overlap } from './report.ts';
import { READING } from './report-text.ts';

export interface Chart {
  title: string;
  /** How to read it. */
  about: string;
  svg: string;
}

export async function chartsOf(evaluation: Evaluation, overlaps: Overlap[]): Promise<Chart[]> {
  const { parse, View } = await import('vega'); // takes a third of a second; only reports need it
  const draw = async (title: string, about: string, spec: Spec): Promise<Chart> => {
    const view = new View(parse(spec), { renderer: 'none' });
    try {
      return { title, about, svg: await view.toSVG() };
    } finally {
      view.finalize();
    }
  };
  const charts = [
    draw('Quality against latency', READING.latency, latency(evaluation)),
    draw('Recall against depth', READING.depth, depth(evaluation)),
  ];
  if (overlaps.length > 0)
    charts.push(draw('Where methods disagree', READING.overlap, disagreement(overlaps)));
  if (evaluation.methods.some(({ answers }) => answers !== undefined))
    charts.push(draw('Risk against coverage', READING.risk, risk(evaluation)));
  return Promise.all(charts);
}

function latency({ methods }: Evaluation): Spec {
  const values = methods.map(({ method, p50Ms, recallAt10, recallAt1, ci95 }) => ({
    method,
    ms: Math.max(0.1, p50Ms),
    ...{ ten: recallAt10, tenLow: ci95.recallAt10[0], tenHigh: ci95.recallAt10[1] },
    ...{ one: recallAt1, oneLow: ci95.recallAt1[0], oneHigh: ci95.recallAt1[1] },
  }));
  const x = { scale: 'x', field: 'ms' };
  const y = (field: string) => ({ scale: 'y', field });
  const points = (field: 'ten' | 'one', shape: string): Mark[] => [
    {
      type: 'rule',
      from: { data: 'table' },
      encode: {
        enter: {
          ...{
            x,
            y: y(`${field}Low`),
            y2: y(`${field}High`),
            opacity: { value: 0.5 },
            strokeWidth: { value: 2 },
          },
          stroke: { scale: 'colour', field: 'method' },
        },
      },
    },
    {
      type: 'symbol',
      from: { data: 'table' },
      encode: {
        enter: {
          ...{ x, y: y(field), shape: { value: shape }, size: { value: 90 } },
          fill: { scale: 'colour', field: 'method' },
        },
      },
    },
  ];
  return plot({
    data: [{ name: 'table', values }],
    scales: [
      {
        name: 'x',
        type: 'log',
        domain: { data: 'table', field: 'ms' },
        range: 'width',
        nice: true,
        padding: 30,
      },
      shares(['oneLow', 'tenHigh']),
      colours(methods.map(({ method }) => method)),
    ],
    x: 'ms a question, median',
    y: 'right in first 1 (square) and 10 (dot)',
    marks: [...points('one', 'square'), ...points('ten', 'circle')],
  });
}

function depth({ methods }: Evaluation): Spec {
  const values = methods.flatMap((one) =>
    DEPTHS.map((k) => ({ method: one.method, k, recall: one[`recallAt${k}`] })),
  );
  return plot({
    data: [{ name: 'table', values }],
    scales: [
      { name: 'x', type: 'log', domain: [1, 100], range: 'width' },
      shares(['recall']),
      colours(methods.map(({ method }) => method)),
    ],
    ticks: [...DEPTHS],
    x: 'first k passages',
    y: 'questions with a right one',
    marks: [lines('k', 'recall'), dots('k', 'recall')],
  });
}

function risk({ methods }: Evaluation): Spec {
  const answered = methods.filter(({ answers }) => answers !== undefined);
  const values = answered.flatMap(({ method, answers }) =>
    (answers?.risk.points ?? []).map((point) => ({ method, ...point })),
  );
  const ends = answered.map(({ method, answers }) => ({ method, ...answers?.risk }));
  return plot({
    data: [
      { name: 'table', values },
      { name: 'ends', values: ends },
    ],
    scales: [
      { name: 'x', type: 'linear', domain: [0, 1], range: 'width' },
      { name: 'y', type: 'linear', domain: [0, 1], range: 'height' },
      colours(answered.map(({ method }) => method)),
    ],
    x: 'questions answered',
    xFormat: '.0%',
    y: 'wrong among them',
    marks: [lines('coverage', 'risk'), dots('coverage', 'risk', 'ends')],
  });
}

/** A bar to the left for what only the first has right, to the right for what only the second has. */
function disagreement(overlaps: Overlap[]): Spec {
  const values = overlaps.flatMap(({ first, second, firstOnly, secondOnly }) => {
    const pair = `${first}  |  ${second}`;
    return [
      { pair, method: first, questions: -firstOnly, count: firstOnly, isLeft: true },
      { pair, method: second, questions: secondOnly, count: secondOnly, isLeft: false },
    ];
  });
  const names = [...new Set(overlaps.flatMap(({ first, second }) => [first, second]))];
  return {
    ...frame(Math.max(80, 46 * overlaps.length)),
    data: [{ name: 'table', values }],
    scales: [
      {
        name: 'x',
        type: 'linear',
        domain: { data: 'table', field: 'questions' },
        range: 'width',
        nice: true,
        padding: 30,
      },
      { name: 'y', type: 'band', domain: { data: 'table', field: 'pair' }, range: 'height', padding: 0.35 },
      colours(names),
    ],
    axes: [
      {
        orient: 'bottom',
        scale: 'x',
        title: 'questions right in the first 10 of one method alone',
        tickMinStep: 1,
        encode: { labels: { update: { text: { signal: "format(abs(datum.value), ',')" } } } },
      },
      { orient: 'left', scale: 'y', ticks: false, domain: false, labelLimit: 260 },
    ],
    legends: legend(),
    marks: [
      {
        type: 'rect',
        from: { data: 'table' },
        encode: {
          enter: {
            ...{ x: { scale: 'x', value: 0 }, x2: { scale: 'x', field: 'questions' } },
            ...{ y: { scale: 'y', field: 'pair' }, height: { scale: 'y', band: 1 } },
            fill: { scale: 'colour', field: 'method' },
          },
        },
      },
      {
        type: 'text',
        from: { data: 'table' },
        encode: {
          enter: {
            x: { scale: 'x', field: 'questions', offset: { signal: 'datum.isLeft ? -5 : 5' } },
            y: { scale: 'y', field: 'pair', band: 0.5 },
            ...{ text: { field: 'count' }, baseline: { value: 'middle' }, fontSize: { value: 12 } },
            align: { signal: "datum.isLeft ? 'right' : 'left'" },
          },
        },
      },
    ],
  };
}
