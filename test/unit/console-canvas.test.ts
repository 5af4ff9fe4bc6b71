/** What the console writes to a terminal between two frames: nothing that could be seen as flicker. */
import xterm from '@xterm/headless';
import { describe, expect, it } from 'vitest';
import { openCanvas } from '../../console/canvas.ts';
import type { Message } from '../../console/state/types.ts';
import { drawn, embedding, everyScreen, furnished, NOON, SIZES, told } from '../fixtures/console.tsx';

const [BEGIN, END] = ['\u001b[?2026h', '\u001b[?2026l'];
/** Of the screen below the cursor, above it, whole, and with what was scrolled away. */
const CLEARS = ['J', '0J', '1J', '2J', '3J'].map((clear) => `\u001b[${clear}`);
const clears = (text: string) => CLEARS.some((clear) => text.includes(clear));
const [SIZE] = SIZES as [(typeof SIZES)[number]];

/** A canvas on a terminal that keeps each write, and shows what it all comes to. */
function onTerminal() {
  const writes: string[] = [];
  const canvas = openCanvas({
    ...SIZE,
    write: (text: string) => writes.push(text),
  } as unknown as NodeJS.WriteStream);
  const shown = async () => {
    const terminal = new xterm.Terminal({ cols: SIZE.columns, rows: SIZE.rows, allowProposedApi: true });
    await new Promise<void>((done) => terminal.write(writes.join(''), done));
    const { active } = terminal.buffer;
    return Array.from({ length: SIZE.rows }, (_, row) => active.getLine(row)?.translateToString(true));
  };
  return { canvas, writes, shown, draw: (frame: string) => canvas.stream.write(frame) };
}

const progressed = (seconds: number): Message => ({
  ...{ type: 'run', name: 'rivers', alive: true },
  entries: [
    {
      ...{ at: NOON + seconds * 1_000, type: 'stage-progress', stage: 'embed', unit: 'chunks' },
      ...{ done: 1_000 + 52 * seconds, total: 3_000 },
    },
  ],
});

/** Frames of a build that is watched. */
const WATCHED = (() => {
  let state = told(furnished(SIZE), { type: 'key', key: '2' });
  return Array.from({ length: 12 }, (_, second) => {
    state = told(state, { type: 'tick', now: NOON + second * 1_000 }, progressed(second));
    return drawn(state, { colour: true });
  });
})();

describe('a terminal on which a build is watched', () => {
  it('is cleared for the first frame, and by no update after it', () => {
    const { writes, draw } = onTerminal();
    for (const frame of WATCHED) draw(frame);
    expect(writes).toHaveLength(WATCHED.length);
    expect(writes.map(clears)).toEqual([true, ...writes.slice(1).map(() => false)]);
  });

  it('is given each frame in one synchronised update, and only the lines that changed', () => {
    const { writes, draw } = onTerminal();
    for (const frame of WATCHED) draw(frame);
    for (const write of writes) {
      expect(write.startsWith(BEGIN)).toBe(true);
      expect(write.indexOf(END)).toBe(write.length - END.length);
    }
    const whole = Math.max(...WATCHED.map((frame) => frame.length));
    for (const write of writes.slice(1)) expect(write.length).toBeLessThan(whole / 4);
  });

  it('is written nothing for a frame in which nothing changed', () => {
    const { writes, draw } = onTerminal();
    const state = told(furnished(SIZE), {
      type: 'run',
      name: 'rivers',
      entries: embedding('rivers'),
      alive: true,
    });
    draw(drawn(state));
    draw(drawn(state));
    expect(writes).toHaveLength(1);
  });
});

it('what is on the terminal after any two screens is the second one whole', async () => {
  const screens = Object.values(everyScreen(SIZE)).map((state) => drawn(state));
  for (const [index, screen] of screens.entries()) {
    const { draw, shown } = onTerminal();
    draw(screens[(index + 1) % screens.length] ?? '');
    draw(screen);
    expect(await shown()).toEqual(screen.split('\n'));
  }
});

it('a frame is drawn whole again once what is on the terminal is forgotten', async () => {
  const { canvas, writes, draw, shown } = onTerminal();
  const frame = drawn(furnished(SIZE));
  draw(frame);
  canvas.redraw();
  expect(writes.map(clears)).toEqual([true, true]);
  expect(await shown()).toEqual(frame.split('\n'));
});
