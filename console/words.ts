/**
 * Numbers, times and places in words for a person, and untrusted text made harmless. Knows no terminal and no command.
 */
import { stripVTControlCharacters } from 'node:util';
import prettyBytes from 'pretty-bytes';
import prettyMilliseconds from 'pretty-ms';

/** `1234567` as `1,234,567`. */
export function number(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}

/** A count with its unit: `1,234 chunks`, `1 chunk`, or `45.3 MB` if the unit is bytes. */
export function amount(value: number, unit: string): string {
  if (unit === 'bytes') return bytes(value);
  return `${number(value)} ${value === 1 ? unit.replace(/s$/, '') : unit}`;
}

/** What recall was measured with: `1,000 sentences` of the corpus, or `1,000 questions of asked.jsonl`. */
export function askedOf({ queries, set }: { queries: number; set?: string }): string {
  return set === undefined
    ? amount(queries, 'sentences')
    : `${amount(queries, 'questions')} of ${plain(set)}`;
}

/** `45300000` as `45.3 MB`. */
export function bytes(value: number): string {
  return prettyBytes(value);
}

/** Milliseconds as `340ms`, `2.1s`, `49s`, `1m 7s` or `1h 3m`. */
export function duration(ms: number): string {
  return prettyMilliseconds(ms, { unitCount: 2, secondsDecimalDigits: ms < 10_000 ? 1 : 0 });
}

/** `0.532` as `.532`. */
export function share(value: number): string {
  return value.toFixed(3).replace(/^0\./, '.');
}

/** A difference of two shares as `+.014` or `−.008`. */
export function signed(value: number): string {
  return `${value < 0 ? '−' : '+'}${share(Math.abs(value))}`;
}

/** A day as `2011-03-01`, from any ISO 8601 time. */
export function day(iso: string): string {
  return iso.slice(0, 10);
}

/** Where a passage is, `Title › Section › Subsection`; a citation's section is one text, its parts joined by ` > `. */
export function placeOf({ title, section }: { title: string; section: string | string[] }): string {
  const parts = typeof section === 'string' ? section.split(' > ').filter(Boolean) : section;
  return [title, ...parts].map(plain).join(' › ');
}

/** Control and direction-changing characters, which could rewrite what a terminal shows. */
const UNSEEN = /[\p{Cc}\u200e\u200f\u202a-\u202e\u2066-\u2069]+/gu;

/** Text of an article, a user or a model on one line, without anything that a terminal would obey. */
export function plain(text: string): string {
  return stripVTControlCharacters(text).replace(/\s+/g, ' ').replace(UNSEEN, '').trim();
}
