/**
 * How the console looks: tones by meaning, and marks. Every colour can be read on a light and on a dark background, since a
 * terminal does not tell which it has. Knows no screen.
 */
import { createContext, useContext } from 'react';

/** What a text means; the theme says how that looks. */
export type Tone = 'plain' | 'quiet' | 'accent' | 'good' | 'warn' | 'bad' | 'title' | 'chosen' | 'key';

export interface Look {
  color?: string;
  dimColor?: boolean;
  bold?: boolean;
  inverse?: boolean;
}

export interface Theme {
  look(tone: Tone): Look;
  /** Without frames, bars and plots, for a screen reader. */
  spoken: boolean;
}

/** How many colours are used. */
export type Colours = 0 | 16 | 256;

/** Weight, dimness and inversion say what colour says elsewhere. */
const COLOURLESS: Record<Tone, Look> = {
  plain: {},
  quiet: { dimColor: true },
  accent: {},
  good: {},
  warn: { bold: true },
  bad: { bold: true },
  title: { bold: true },
  chosen: { inverse: true },
  key: { bold: true },
};

export const LOOKS: Record<Colours, Record<Tone, Look>> = {
  0: COLOURLESS,
  /** Each terminal defines the first sixteen: in some, green, yellow, blue, cyan are unreadable on white or black. */
  16: {
    ...COLOURLESS,
    warn: { color: 'magenta' },
    bad: { color: 'red', bold: true },
  },
  /** Colours from 16 on are the same everywhere; these have a medium brightness. */
  256: {
    ...COLOURLESS,
    quiet: { color: 'ansi256(244)' },
    accent: { color: 'ansi256(31)' },
    good: { color: 'ansi256(64)' },
    warn: { color: 'ansi256(136)' },
    bad: { color: 'ansi256(196)', bold: true },
    chosen: { color: 'ansi256(31)', inverse: true },
    key: { color: 'ansi256(31)', bold: true },
  },
};

export function themeOf({ colours, spoken }: { colours: Colours; spoken: boolean }): Theme {
  return { look: (tone) => LOOKS[colours][tone], spoken };
}

export const ThemeContext = createContext<Theme>(themeOf({ colours: 256, spoken: false }));
export const useTheme = (): Theme => useContext(ThemeContext);
