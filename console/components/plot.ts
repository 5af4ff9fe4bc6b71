/**
 * Points in a plane as Braille dots, two by four to a character. Pure text; knows no screen.
 */

export interface Point {
  x: number;
  y: number;
}

export interface PlotOptions {
  /** In characters. */
  width: number;
  height: number;
  x: { from: number; to: number; log?: boolean };
  y: { from: number; to: number };
}

/** Dots of a Braille character by column and row, as Unicode numbers them (block 2800). */
const DOTS = [
  [0x01, 0x02, 0x04, 0x40],
  [0x08, 0x10, 0x20, 0x80],
] as const;

/** Rows of text with the points joined by lines, the first point to the last. */
export function plot(points: Point[], { width, height, x, y }: PlotOptions): string[] {
  const [across, down] = [width * 2, height * 4];
  const cells = Array.from({ length: height }, () => new Uint8Array(width));
  const scale = (value: number, from: number, to: number, log = false) => {
    const [a, b, c] = log ? [Math.log(value), Math.log(from), Math.log(to)] : [value, from, to];
    return c === b ? 0.5 : Math.max(0, Math.min(1, (a - b) / (c - b)));
  };
  const placed = points.map((point) => ({
    column: Math.round(scale(point.x, x.from, x.to, x.log) * (across - 1)),
    row: Math.round((1 - scale(point.y, y.from, y.to)) * (down - 1)),
  }));
  const dot = (column: number, row: number) => {
    const cell = cells[Math.floor(row / 4)];
    const at = Math.floor(column / 2);
    if (cell !== undefined) cell[at] = (cell[at] ?? 0) | (DOTS[column % 2]?.[row % 4] ?? 0);
  };
  placed.forEach((to, index) => {
    const from = placed[index - 1] ?? to;
    const steps = Math.max(1, Math.abs(to.column - from.column), Math.abs(to.row - from.row));
    for (let step = 0; step <= steps; step++)
      dot(
        Math.round(from.column + ((to.column - from.column) * step) / steps),
        Math.round(from.row + ((to.row - from.row) * step) / steps),
      );
  });
  return cells.map((row) => String.fromCodePoint(...[...row].map((bits) => 0x2800 + bits)));
}
