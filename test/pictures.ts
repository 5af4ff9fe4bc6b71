/**
 * `npm run pictures`: draws the console as it really runs into SVG pictures for the README. It is typed into in tmux, over the data folder of
 * the settings, in which a build has to be live and another running; a headless terminal makes cells of what it wrote, once on a dark
 * background and once on a light one.
 */
import { writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import xterm from '@xterm/headless';
import { readSettings } from '../core/index.ts';
import { fixedColour } from './fixtures/terminal-colours.ts';
import { openTerminal, type Terminal } from './fixtures/tmux.ts';

const [COLUMNS, ROWS] = [110, 30];
const CELL = { width: 8.43, height: 18 };
const MARGIN = 14;
const FONT = "ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace";

/** What the terminal that is drawn has behind and for text without a colour; the console's colours are the same in all. */
interface Ground {
  back: string;
  fore: string;
}

/** By what stands behind a picture's name. */
const GROUNDS: Record<string, Ground> = {
  '': { back: '#16181d', fore: '#d6d9de' },
  '-light': { back: '#fbfbfa', fore: '#2a2d33' },
};

interface Run {
  column: number;
  columns: number;
  text: string;
  style: string;
  back: string | undefined;
}

/** The screen, with its escape sequences, as rows of runs. */
async function runsOf(screen: string, ground: Ground): Promise<Run[][]> {
  const terminal = new xterm.Terminal({ cols: COLUMNS, rows: ROWS, allowProposedApi: true });
  await new Promise<void>((done) => terminal.write(screen.trimEnd().split('\n').join('\r\n'), done));
  const buffer = terminal.buffer.active;
  return Array.from({ length: ROWS }, (_, row) => {
    const line = buffer.getLine(row);
    const runs: Run[] = [];
    for (let column = 0; column < COLUMNS; column++) {
      const cell = line?.getCell(column);
      if (cell === undefined || cell.getWidth() === 0) continue; // the second half of a wide character
      const own = cell.isFgDefault() ? ground.fore : `rgb(${fixedColour(cell.getFgColor())})`;
      const [fore, back] = cell.isInverse() ? [ground.back, own] : [own, undefined];
      const style = `fill="${fore}"${cell.isBold() ? ' font-weight="bold"' : ''}${cell.isDim() ? ' opacity=".55"' : ''}`;
      const last = runs.at(-1);
      const text = cell.getChars() || ' ';
      if (last?.style === style && last.back === back && last.column + last.columns === column) {
        last.text += text;
        last.columns += cell.getWidth();
      } else runs.push({ column, columns: cell.getWidth(), text, style, back });
    }
    return runs;
  });
}

/** Spaces that no viewer collapses, since each stands for a cell. */
const escaped = (text: string) =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll(' ', '\u00a0');

function svg(rows: Run[][], ground: Ground): string {
  const [width, height] = [COLUMNS * CELL.width + 2 * MARGIN, ROWS * CELL.height + 2 * MARGIN];
  const number = (value: number) => String(Math.round(value * 10) / 10);
  const marks = rows.flatMap((runs, row) =>
    runs.flatMap(({ column, columns, text, style, back }) => {
      const x = number(MARGIN + column * CELL.width);
      const y = MARGIN + row * CELL.height;
      const wide = number(columns * CELL.width);
      const behind =
        back === undefined
          ? []
          : [`<rect x="${x}" y="${number(y)}" width="${wide}" height="${CELL.height}" fill="${back}"/>`];
      if (text.trim() === '') return behind;
      const size = `textLength="${wide}" lengthAdjust="spacingAndGlyphs"`;
      return [...behind, `<text x="${x}" y="${number(y + 13.5)}" ${size} ${style}>${escaped(text)}</text>`];
    }),
  );
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${number(width)} ${number(height)}" font-family="${FONT}" font-size="14">`,
    '<title>The console of Footnote</title>',
    `<rect width="100%" height="100%" rx="8" fill="${ground.back}"/>`,
    ...marks,
    '</svg>\n',
  ].join('\n');
}

/** The pictures, each with what is typed before it and what it has to show; texts of articles stay out of them. */
const PICTURES: { name: string; keys: string[]; shows: RegExp }[] = [
  { name: 'console-builds', keys: ['2', 'g'], shows: /pace .*\d\/s/ },
];

async function draw(terminal: Terminal, folder: string): Promise<void> {
  for (const { name, keys, shows } of PICTURES) {
    await terminal.press(...keys);
    await terminal.sees(shows, 120_000);
    const screen = await terminal.screen({ colours: true });
    for (const [end, ground] of Object.entries(GROUNDS)) {
      const path = join(folder, `${name}${end}.svg`);
      await writeFile(path, svg(await runsOf(screen, ground), ground));
      console.log(path);
    }
  }
}

const [folder = 'test/pictures'] = process.argv.slice(2);
const program = join(import.meta.dirname, '../deploy/footnote.mjs');
const { settings } = readSettings();
const command = [process.execPath, program, 'console', '--data', settings.data, '--generator', 'none'];
const env = { TERM: 'tmux-256color' };
const terminal = await openTerminal({ columns: COLUMNS, rows: ROWS, env, command });
try {
  await terminal.sees(/live/);
  await draw(terminal, resolve(folder));
} finally {
  await terminal.close();
}
