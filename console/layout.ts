/**
 * How the terminal is divided: what is left to a screen, and to the content of a panel. Numbers only; draws nothing.
 */

/** Rows of header, notice and keys. */
export const AROUND_ROWS = 2 + 1 + 1;

/** The smallest terminal in which there is room for a screen. */
const LEAST = { columns: 40, rows: 10 };

/** Columns and rows between the header and the keys. */
export function screenSize({ columns, rows }: { columns: number; rows: number }) {
  return { width: Math.max(LEAST.columns, columns), height: Math.max(LEAST.rows, rows) - AROUND_ROWS };
}

/** Columns and rows that a panel's frame takes. */
export const FRAME = { columns: 4, rows: 2 };

/** Rows of the panel that a question is typed in, its frame included. */
export const QUESTION_ROWS = 1 + FRAME.rows;
