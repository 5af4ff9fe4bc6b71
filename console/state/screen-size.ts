/**
 * How much of the terminal a screen has. Pure.
 */

/** Rows of header, notice and keys. */
export const FRAME_ROWS = 2 + 1 + 1;

/** The smallest terminal in which there is room for a screen. */
const LEAST = { columns: 40, rows: 10 };

/** Columns and rows between the header and the keys. */
export function screenSize({ columns, rows }: { columns: number; rows: number }) {
  return { width: Math.max(LEAST.columns, columns), height: Math.max(LEAST.rows, rows) - FRAME_ROWS };
}
