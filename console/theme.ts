/**
 * How the console looks: tones by meaning, and marks. The terminal's own sixteen colours only, so that they suit a light and
 * a dark background. Knows no screen.
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

const COLOURED: Record<Tone, Look> = {
  plain: {},
  quiet: { dimColor: true },
  accent: { color: 'cyan' },
  good: { color: 'green' },
  warn: { color: 'yellow' },
  bad: { color: 'red', bold: true },
  title: { bold: true },
  chosen: { color: 'cyan', inverse: true },
  key: { color: 'cyan', bold: true },
};

/** Weight alone says what colour says elsewhere. */
const COLOURLESS: Record<Tone, Look> = {
  ...COLOURED,
  accent: {},
  good: {},
  warn: { bold: true },
  bad: { bold: true },
  chosen: { inverse: true },
  key: { bold: true },
};

export function themeOf({ colour, spoken }: { colour: boolean; spoken: boolean }): Theme {
  const looks = colour ? COLOURED : COLOURLESS;
  return { look: (tone) => looks[tone], spoken };
}

export const ThemeContext = createContext<Theme>(themeOf({ colour: true, spoken: false }));
export const useTheme = (): Theme => useContext(ThemeContext);
