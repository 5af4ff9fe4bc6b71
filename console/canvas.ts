/**
 * Draws whole frames on a terminal by writing only the lines that changed, each at its place, in one synchronised update.
 * Ink writes its frames to it as to a terminal; Ink's incremental mode moves the cursor one line too far (ink 6.8).
 */
import { EventEmitter } from 'node:events';

export interface Canvas {
  /** What Ink takes for the terminal. */
  stream: NodeJS.WriteStream;
  /** Forgets what is on the terminal, so that the next frame is drawn whole. */
  forget(): void;
  /** Draws the last frame anew. */
  redraw(): void;
  /** Nothing is written from now on. */
  close(): void;
}

/** Between these a terminal that knows synchronised updates shows nothing half-drawn; others ignore them. */
const BEGIN = '\u001b[?2026h';
const END = '\u001b[?2026l';
const CLEAR_LINE = '\u001b[K';
const CLEAR = '\u001b[2J';

export function openCanvas(stdout: NodeJS.WriteStream): Canvas {
  let drawn: string[] | undefined;
  let last = '';
  let closed = false;
  const draw = (frame: string) => {
    last = frame;
    if (closed) return;
    const lines = frame.split('\n').slice(0, stdout.rows);
    const parts: string[] = drawn === undefined ? [CLEAR] : [];
    for (let row = 0; row < Math.max(lines.length, drawn?.length ?? 0); row++) {
      const line = lines[row] ?? '';
      if (line === (drawn?.[row] ?? '')) continue;
      // Cleared first: a full line leaves the cursor on its last column; measuring lines costs a twentieth of a frame.
      parts.push(`\u001b[${row + 1};1H${CLEAR_LINE}${line}`);
    }
    drawn = lines;
    if (parts.length > 0) stdout.write(BEGIN + parts.join('') + END);
  };
  const stream = Object.assign(new EventEmitter(), {
    isTTY: true,
    write(text: string) {
      draw(text);
      return true;
    },
  });
  // Ink measures the terminal again at each frame.
  Object.defineProperties(stream, {
    columns: { get: () => stdout.columns || 80 },
    rows: { get: () => stdout.rows || 24 },
  });
  const forget = () => {
    drawn = undefined;
  };
  return {
    stream: stream as unknown as NodeJS.WriteStream,
    forget,
    redraw() {
      forget();
      draw(last);
    },
    close() {
      closed = true;
    },
  };
}
