/** Every colour that the console draws in can be read on a light and on a dark background, whatever terminal it is. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { LOOKS } from '../../console/theme.ts';
import { fixedColour } from '../fixtures/terminal-colours.ts';

/** The least that large or bold text needs (WCAG 2.2, 1.4.3); below it words are searched for. */
const READABLE = 3;

interface Palette {
  backgrounds: string[];
  red: string;
  green: string;
  yellow: string;
  blue: string;
  magenta: string;
  cyan: string;
}

/** As the terminals ship them: xterm's XTerm-col.ad, VS Code's terminalColorRegistry.ts, Schoonover's Solarized. */
const PALETTES: Record<string, Palette> = {
  xterm: {
    backgrounds: ['#000000', '#ffffff'],
    ...{
      red: '#cd0000',
      green: '#00cd00',
      yellow: '#cdcd00',
      blue: '#0000ee',
      magenta: '#cd00cd',
      cyan: '#00cdcd',
    },
  },
  'VS Code dark': {
    backgrounds: ['#1e1e1e', '#1f1f1f'],
    ...{
      red: '#cd3131',
      green: '#0dbc79',
      yellow: '#e5e510',
      blue: '#2472c8',
      magenta: '#bc3fbc',
      cyan: '#11a8cd',
    },
  },
  'VS Code light': {
    backgrounds: ['#ffffff', '#f8f8f8'],
    ...{
      red: '#cd3131',
      green: '#107c10',
      yellow: '#949800',
      blue: '#0451a5',
      magenta: '#bc05bc',
      cyan: '#0598bc',
    },
  },
  Solarized: {
    backgrounds: ['#002b36', '#fdf6e3'],
    ...{
      red: '#dc322f',
      green: '#859900',
      yellow: '#b58900',
      blue: '#268bd2',
      magenta: '#d33682',
      cyan: '#2aa198',
    },
  },
};

const bytesOf = (hex: string): number[] => [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16));

/** Relative luminance of sRGB bytes, 0 to 1 (WCAG 2.2). */
function luminance(bytes: number[]): number {
  const [red = 0, green = 0, blue = 0] = bytes
    .map((byte) => byte / 255)
    .map((share) => (share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4));
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

/** From 1 to 21 (WCAG 2.2). */
function contrast(one: number[], other: number[]): number {
  const [darker = 0, lighter = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (lighter + 0.05) / (darker + 0.05);
}

/** A colour's bytes in a palette; its name is what Ink takes. */
function bytesIn(palette: Palette, color: string): number[] {
  const number = /^ansi256\((\d+)\)$/.exec(color)?.[1];
  return number === undefined
    ? bytesOf(palette[color as Exclude<keyof Palette, 'backgrounds'>])
    : fixedColour(Number(number));
}

const least = (palette: Palette, color: string): number =>
  Math.min(
    ...palette.backgrounds.map((background) => contrast(bytesIn(palette, color), bytesOf(background))),
  );

describe.each([16, 256] as const)('in %i colours', (colours) => {
  const tones = Object.entries(LOOKS[colours]).flatMap(([tone, { color }]) =>
    color === undefined ? [] : [{ tone, color }],
  );
  it.each(tones)('$tone can be read on light and dark backgrounds', ({ color }) => {
    for (const [name, palette] of Object.entries(PALETTES))
      expect(least(palette, color), name).toBeGreaterThanOrEqual(READABLE);
  });

  it('what is good, what wants a look and what is bad are told apart', () => {
    const { good, warn, bad } = LOOKS[colours];
    expect(new Set([good, warn, bad].map((look) => JSON.stringify(look))).size).toBe(3);
  });
});

it('none of the terminals’ own colours but red and magenta can be read on both: why the others are fixed ones', () => {
  const names = ['red', 'green', 'yellow', 'blue', 'magenta', 'cyan'];
  const everywhere = names.filter((name) =>
    Object.values(PALETTES).every((palette) => least(palette, name) >= READABLE),
  );
  expect(everywhere).toEqual(['red', 'magenta']);
});

it('no text is drawn in a colour of its own', () => {
  const folder = join(import.meta.dirname, '../../console');
  const drawing = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(
    (name) => name.endsWith('.tsx') && name !== 'terminal.tsx', // which draws nothing but what Ink is asked by
  );
  expect(drawing.length).toBeGreaterThan(10);
  const OWN = /\b(color|backgroundColor|dimColor|borderColor)=|\bdimColor\b(?!\s*&&)/;
  for (const name of drawing) expect(readFileSync(join(folder, name), 'utf8'), name).not.toMatch(OWN);
});
