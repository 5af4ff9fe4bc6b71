/** Whether a stream takes cursor movements. Knows streams and TERM; imports nothing, so that it costs no start time. */

/** False for what is no terminal, and for a terminal that prints what would move its cursor. */
export function canDraw({ isTTY }: { isTTY?: boolean | undefined }): boolean {
  return isTTY === true && process.env.TERM !== 'dumb';
}
