/**
 * Answers, passages and tables as text for a person. Knows width and colour; never writes it anywhere itself.
 */
import { styleText } from 'node:util';
import stringWidth from 'string-width';
import wrapAnsi from 'wrap-ansi';
import type { Answer, Citation, Hit, SearchResult } from '../core/index.ts';
import { duration, placeOf, plain } from './words.ts';

/** Text wider than this is tiring to read. */
const WIDEST = 100;

/** Columns to wrap at: the terminal's up to 100, or no wrapping without a terminal. */
export function readingWidth(columns: number | undefined): number {
  return columns === undefined ? Number.POSITIVE_INFINITY : Math.min(columns, WIDEST);
}

/** The answer, its citations, and where it comes from. */
export function showAnswer(answer: Answer, width: number): string {
  const unverified = answer.sentences.filter(({ supported }) => !supported);
  const parts = [wrap(plain(answer.text), width)];
  if (!answer.abstained && unverified.length > 0)
    parts.push(
      styleText(
        'yellow',
        wrap(`No passage says so: ${unverified.map(({ text }) => `“${plain(text)}”`).join(' ')}`, width),
      ),
    );
  if (answer.citations.length > 0)
    parts.push(answer.citations.map((citation) => showCitation(citation, width)).join('\n'));
  parts.push(styleText('dim', footer(answer)));
  return parts.join('\n\n');
}

/** `[1] Title › Section — “quote”` and the address below. */
function showCitation(citation: Citation, width: number): string {
  const { number, quote, url } = citation;
  const mark = `[${number}] `;
  const lines = [
    `${styleText('bold', placeOf(citation))} — “${plain(quote)}”`,
    ...(url === '' ? [] : [styleText('cyan', plain(url))]),
  ];
  const [first = '', ...rest] = lines.flatMap((line, index) =>
    index === 0 ? wrap(line, width - mark.length).split('\n') : line,
  );
  return [`${mark}${first}`, ...rest.map((line) => ' '.repeat(mark.length) + line)].join('\n');
}

function footer({ build, method, generator, timings, citations }: Answer): string {
  const made = `${plain(build)} · ${plain(method)} · ${plain(generator)} · ${duration(timings.totalMs)}`;
  const licences = [...new Set(citations.map(({ licence }) => plain(licence)).filter(Boolean))];
  return [made, ...licences].join('\n');
}

/** Passages, best first, each with its place, text and address. */
export function showHits({ hits, build, method, timings }: SearchResult, width: number): string {
  const found = hits.map((hit) => showHit(hit, width));
  const made = styleText('dim', `${plain(build)} · ${plain(method)} · ${duration(timings.totalMs)}`);
  return [...(found.length > 0 ? found : ['Nothing found.']), made].join('\n\n');
}

function showHit({ rank, score, chunk }: Hit, width: number): string {
  const mark = `${rank}. `;
  const indent = ' '.repeat(mark.length);
  const body = wrap(plain(chunk.text), width - mark.length).split('\n');
  const address = chunk.url === '' ? [] : [styleText('cyan', plain(chunk.url))];
  return [
    `${mark}${styleText('bold', placeOf(chunk))} ${styleText('dim', score.toFixed(3))}`,
    ...[...body, ...address].map((line) => indent + line),
  ].join('\n');
}

/** Rows under a heading, columns as wide as their widest cell; the last one is not padded. */
export function table(heading: string[], rows: string[][]): string {
  const widths = heading.map((_, column) =>
    Math.max(...[heading, ...rows].map((row) => stringWidth(row[column] ?? ''))),
  );
  const line = (row: string[]) =>
    row
      .map((cell, column) =>
        column === row.length - 1 ? cell : cell + ' '.repeat((widths[column] ?? 0) - stringWidth(cell)),
      )
      .join('  ')
      .trimEnd();
  return [styleText('dim', line(heading)), ...rows.map(line)].join('\n');
}

function wrap(text: string, width: number): string {
  return Number.isFinite(width) ? wrapAnsi(text, Math.max(20, width), { trim: true }) : text;
}
