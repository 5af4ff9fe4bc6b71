/**
 * All fixed texts of the bots in six languages, and the language that a user's locale selects.
 * Knows no platform; texts are plain (no markup), with `{placeholders}`.
 */
import { de } from './de.ts';
import { en } from './en.ts';
import { es } from './es.ts';
import { fr } from './fr.ts';
import { ja } from './ja.ts';
import { zh } from './zh.ts';

export type Phrase = keyof typeof en;
export type Phrases = Record<Phrase, string>;

export const PHRASES = { en, de, fr, es, ja, zh } satisfies Record<string, Phrases>;

export type Language = keyof typeof PHRASES;

/** For each of our languages, the locales of Discord (https://discord.com/developers/docs/reference#locales). */
export const DISCORD_LOCALES: Record<Exclude<Language, 'en'>, string[]> = {
  de: ['de'],
  fr: ['fr'],
  es: ['es-ES', 'es-419'],
  ja: ['ja'],
  zh: ['zh-CN', 'zh-TW'],
};

/** The language for a locale such as `de`, `pt-BR`, `zh_TW`; English if it is none of ours. */
export function languageOf(locale: string): Language {
  const primary = locale.toLowerCase().split(/[-_]/)[0] ?? '';
  return Object.hasOwn(PHRASES, primary) ? (primary as Language) : 'en';
}

/** The phrase in a language with its placeholders filled in. */
export function say(
  language: Language,
  phrase: Phrase,
  values: Record<string, string | number> = {},
): string {
  return PHRASES[language][phrase].replace(/\{(\w+)\}/g, (whole, name) => String(values[name] ?? whole));
}

/** A waiting time in a readable unit: `40 s`, `3 min`. */
export function duration(language: Language, seconds: number): string {
  const [value, unit]: [number, 'second' | 'minute' | 'hour'] =
    seconds < 90
      ? [Math.max(1, Math.round(seconds)), 'second']
      : seconds < 5_400
        ? [Math.round(seconds / 60), 'minute']
        : [Math.round(seconds / 3600), 'hour'];
  return formatOf(language, unit).format(value);
}

/** A number as the language writes it, with at most three decimals. */
export function number(language: Language, value: number): string {
  return formatOf(language).format(value);
}

const formats = new Map<string, Intl.NumberFormat>();

/** Cached: making a formatter takes as long as using it a thousand times. */
function formatOf(language: Language, unit?: 'second' | 'minute' | 'hour'): Intl.NumberFormat {
  const key = `${language} ${unit}`;
  let format = formats.get(key);
  if (format === undefined) {
    format = new Intl.NumberFormat(
      language,
      unit === undefined ? { maximumFractionDigits: 3 } : { style: 'unit', unit, unitDisplay: 'short' },
    );
    formats.set(key, format);
  }
  return format;
}
