/**
 * Rows under a heading, cut to the room there is, with one chosen. Knows columns and rows; nothing about what is listed.
 */
import { windowOf } from '../state/list.ts';
import { useTheme } from '../theme.ts';
import { columnsOf, inColumns, Line, type Span } from './line.tsx';

export interface Column {
  title: string;
  align?: 'left' | 'right';
  /** Takes the width that the others leave. */
  grows?: boolean;
  /** Where there is no room, the highest rank is left out first; columns without a rank stay. */
  rank?: number;
}

export interface TableProps {
  columns: Column[];
  rows: Span[][];
  /** Position of the chosen row; none where absent. */
  chosen?: number | undefined;
  width: number;
  height: number;
}

const GAP = 2;

export function Table({ columns, rows, chosen, width, height }: TableProps) {
  const { spoken } = useTheme();
  const { from, shown } = windowOf(rows, chosen ?? 0, height - 1);
  if (spoken)
    return shown.map((row, index) => (
      <Line
        // biome-ignore lint/suspicious/noArrayIndexKey: a row is its place
        key={index}
        spans={[from + index === chosen ? 'chosen: ' : '', said(columns, row)]}
        width={10_000}
      />
    ));
  const widths = columnWidths(columns, rows, width);
  const cells = (row: Span[]): Span[] =>
    columns.flatMap(({ align }, index): Span[] => {
      const room = widths[index] ?? 0;
      if (room === 0) return [];
      const cell = row[index] ?? { text: '' };
      return [{ ...cell, text: inColumns(cell.text, room, align) }, { text: ' '.repeat(GAP) }];
    });
  return (
    <>
      <Line spans={cells(columns.map(({ title }) => ({ text: title, tone: 'quiet' })))} width={width} />
      {shown.map((row, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a row is its place
        <Line key={index} spans={cells(row)} width={width} chosen={from + index === chosen} />
      ))}
    </>
  );
}

function said(columns: Column[], row: Span[]): string {
  return row
    .map(({ text }, index) => (text === '' ? '' : `${columns[index]?.title ?? ''} ${text}`.trim()))
    .filter(Boolean)
    .join(', ');
}

/** Each as wide as its widest cell; if that is too much, the highest ranks go, then the growing column shrinks. */
function columnWidths(columns: Column[], rows: Span[][], width: number): number[] {
  const widths = columns.map(({ title }, index) =>
    Math.max(columnsOf(title), ...rows.map((row) => columnsOf(row[index]?.text ?? ''))),
  );
  const taken = () => widths.reduce((sum, own) => sum + (own === 0 ? 0 : own + GAP), 0) - GAP;
  const least = (index: number) =>
    columns[index]?.grows ? Math.min(16, widths[index] ?? 0) : (widths[index] ?? 0);
  const excess = () => taken() - width;
  const grower = columns.findIndex(({ grows }) => grows);
  const shrinkable = grower < 0 ? 0 : (widths[grower] ?? 0) - least(grower);
  const byRank = columns.map(({ rank = 0 }, index) => ({ rank, index })).sort((a, b) => b.rank - a.rank);
  for (const { rank, index } of byRank) {
    if (rank === 0 || excess() <= shrinkable) break;
    widths[index] = 0;
  }
  if (grower >= 0) widths[grower] = Math.max(least(grower), (widths[grower] ?? 0) - excess());
  return widths;
}
