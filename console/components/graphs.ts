/**
 * Numbers as marks: a bar, a row of columns. Pure text; knows no screen.
 */

const EIGHTHS = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'];
const LEVELS = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/** The filled part of a bar of `width` columns, to an eighth of a column, and the rest of it. */
export function bar(share: number, width: number): { filled: string; rest: string } {
  const eighths = Math.round(Math.max(0, Math.min(1, share)) * width * 8);
  const filled = '█'.repeat(Math.floor(eighths / 8)) + (EIGHTHS[eighths % 8] ?? '');
  return { filled, rest: '·'.repeat(Math.max(0, width - Math.ceil(eighths / 8))) };
}

/** The last `width` values as columns of eight heights above `from`. */
export function sparkline(values: number[], width: number, from = 0): string {
  const shown = values.slice(-Math.max(0, width));
  const most = Math.max(...shown.map((value) => value - from), Number.MIN_VALUE);
  const level = (value: number) => Math.min(7, Math.max(0, Math.ceil(((value - from) / most) * 8) - 1));
  return shown.map((value) => LEVELS[level(value)]).join('');
}
