/**
 * One row of the screen, made of spans that are cut and padded to columns. Knows widths; nothing about what is said.
 */
import cliTruncate from 'cli-truncate';
import { Text } from 'ink';
import stringWidth from 'string-width';
import { type Tone, useTheme } from '../theme.ts';

export interface Span {
  text: string;
  tone?: Tone;
  /** A bar or a graph, which is not read out. */
  mark?: boolean;
}

const ASCII = /^[\x20-\x7e]*$/;

/** Columns that a text takes; most texts are ASCII, for which the length is enough. */
export function columnsOf(text: string): number {
  return ASCII.test(text) ? text.length : stringWidth(text);
}

/** Text in exactly `width` columns. */
export function inColumns(text: string, width: number, align: 'left' | 'right' = 'left'): string {
  if (width <= 0) return '';
  const cut = columnsOf(text) > width ? cliTruncate(text, width) : text;
  const room = ' '.repeat(Math.max(0, width - columnsOf(cut)));
  return align === 'left' ? cut + room : room + cut;
}

/** Spans in exactly `width` columns, cut or padded with spaces. */
function fitSpans(spans: Span[], width: number): Span[] {
  let left = width;
  const fitted: Span[] = [];
  for (const span of spans) {
    if (left <= 0) break;
    const columns = columnsOf(span.text);
    fitted.push(columns > left ? { ...span, text: cliTruncate(span.text, left) } : span);
    left -= Math.min(left, columns);
  }
  return left > 0 ? [...fitted, { text: ' '.repeat(left) }] : fitted;
}

export interface LineProps {
  spans: (Span | string)[];
  width: number;
  /** Shown as the line that keys act on. */
  chosen?: boolean;
}

export function Line({ spans, width, chosen = false }: LineProps) {
  const { look, spoken } = useTheme();
  const all = spans.map((span) => (typeof span === 'string' ? { text: span } : span));
  if (spoken) {
    const said = all.map(({ text, mark }) => (mark ? '' : text)).join('');
    return <Text>{said.replace(/ {2,}/g, ' ').trim()}</Text>;
  }
  const fitted = fitSpans(all, width);
  if (chosen)
    return (
      <Text {...look('chosen')} wrap="truncate">
        {fitted.map(({ text }) => text).join('')}
      </Text>
    );
  return (
    <Text wrap="truncate">
      {fitted.map(({ text, tone = 'plain' }, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: spans have no other identity than their place
        <Text key={index} {...look(tone)}>
          {text}
        </Text>
      ))}
    </Text>
  );
}
