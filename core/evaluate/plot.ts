/**
 * What a report's plots have in common: size, axes, colours, lines and dots by method. Knows Vega's form; no figures.
 */
import type { Data, Mark, Scale, Spec } from 'vega';

/** Distinguishable by colour-blind people too (Okabe, Ito 2008). */
const COLOURS = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#e69f00', '#56b4e9', '#8a6d00', '#555555'];
const WIDTH = 640;
const HEIGHT = 320;

interface Plot {
  data: Data[];
  scales: Scale[];
  marks: Mark[];
  x: string;
  y: string;
  ticks?: number[];
  xFormat?: string;
}

/** Two axes with a grid under the marks, shares upwards. */
export function plot({ data, scales, marks, x, y, ticks, xFormat = '~r' }: Plot): Spec {
  return {
    ...frame(HEIGHT),
    ...{ data, scales, marks },
    axes: [
      {
        orient: 'bottom',
        scale: 'x',
        title: x,
        grid: true,
        ...(ticks && { values: ticks }),
        labelOverlap: true,
        format: xFormat,
      },
      { orient: 'left', scale: 'y', title: y, grid: true, format: '.0%' },
    ],
    legends: legend(),
  };
}

export function frame(height: number): Spec {
  return {
    ...{ width: WIDTH, height, padding: 8, background: 'white', autosize: 'pad' },
    config: {
      axis: {
        gridColor: '#e4e4e4',
        labelFontSize: 12,
        titleFontSize: 12,
        titleFontWeight: 'normal',
        titlePadding: 8,
      },
      legend: { labelFontSize: 12, labelLimit: 300 },
    },
  };
}

export function legend(): NonNullable<Spec['legends']> {
  return [{ fill: 'colour', orient: 'bottom', columns: 4, symbolType: 'circle' }];
}

/** From just below the least to just above the greatest value, so that differences between methods show. */
export function shares(fields: string[]): Scale {
  return {
    name: 'y',
    type: 'linear',
    domain: { data: 'table', fields },
    range: 'height',
    nice: true,
    zero: false,
  };
}

export function colours(domain: string[]): Scale {
  return { name: 'colour', type: 'ordinal', domain, range: COLOURS };
}

export function lines(x: string, y: string): Mark {
  return {
    type: 'group',
    from: { facet: { name: 'series', data: 'table', groupby: 'method' } },
    marks: [
      {
        type: 'line',
        from: { data: 'series' },
        encode: {
          enter: {
            ...{ x: { scale: 'x', field: x }, y: { scale: 'y', field: y }, strokeWidth: { value: 2 } },
            stroke: { scale: 'colour', field: 'method' },
          },
        },
      },
    ],
  };
}

export function dots(x: string, y: string, data = 'table'): Mark {
  return {
    type: 'symbol',
    from: { data },
    encode: {
      enter: {
        ...{ x: { scale: 'x', field: x }, y: { scale: 'y', field: y }, size: { value: 60 } },
        fill: { scale: 'colour', field: 'method' },
      },
    },
  };
}
