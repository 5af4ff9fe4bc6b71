/**
 * How the ask screen is divided, and the lines of its answer and its prompt with the rows that show them, so that scrolling
 * ends where the text does. Pure: knows columns and rows; draws nothing.
 */

import wrapAnsi from 'wrap-ansi';
import type { Span } from '../components/line.tsx';
import { FRAME, QUESTION_ROWS } from '../layout.ts';
import { plain } from '../words.ts';
import { type AskRun, type AskState, type Prompt, walked } from './ask.ts';

export interface PartProps {
  ask: AskState;
  /** Columns and rows of the panel, its frame included. */
  width: number;
  height: number;
}

/** Lines of which `room` are visible at once. */
export interface ScrolledText {
  lines: Span[];
  room: number;
}

/** The layout below the question: the passage beside the answer if there is the width, else under it. */
export function layoutOf(width: number, height: number) {
  const rest = height - QUESTION_ROWS;
  const wide = width >= 110;
  const answer = {
    width: wide ? Math.ceil(width * 0.55) : width,
    height: wide ? rest : Math.ceil(rest * 0.6),
  };
  const passage = wide
    ? { width: width - answer.width, height: rest }
    : { width, height: rest - answer.height };
  return { wide, whole: { width, height: rest }, answer, passage };
}

/** The answer, and the rows that are left for the list of what is walked through. */
export function answerText({ ask, width, height }: PartProps): ScrolledText & { listed: number } {
  const listed = Math.min(walked(ask).length, Math.max(3, Math.floor(height / 3)));
  const lines = ask.run === undefined ? [] : answerLines(ask.run, width - FRAME.columns);
  return { lines, room: Math.max(1, height - FRAME.rows - listed), listed };
}

export function promptText({ ask, width, height }: PartProps): ScrolledText {
  const prompt = ask.run?.prompt;
  const lines = prompt === undefined ? [] : promptLines(prompt, width - FRAME.columns);
  return { lines, room: height - FRAME.rows };
}

/** Most lines of the open pane that can be scrolled past; `width` and `height` are the screen's. */
export function lastScroll(ask: AskState, width: number, height: number): number {
  if (ask.pane === 'trace') return 0;
  const { whole, answer } = layoutOf(width, height);
  const { lines, room } =
    ask.pane === 'prompt' ? promptText({ ask, ...whole }) : answerText({ ask, ...answer });
  return Math.max(0, lines.length - room);
}

/** Wrapping a page takes tens of ms: done once per text and width, not at every draw and key. */
function keptLines<Text extends object>(linesOf: (text: Text, width: number) => Span[]): typeof linesOf {
  const kept = new WeakMap<Text, { width: number; lines: Span[] }>();
  return (text, width) => {
    const known = kept.get(text);
    if (known?.width === width) return known.lines;
    const lines = linesOf(text, width);
    kept.set(text, { width, lines });
    return lines;
  };
}

const answerLines = keptLines((run: AskRun, width) => {
  const wrapped = (text: string, tone: Span['tone'] = 'plain'): Span[] =>
    text === '' ? [] : wrappedLines(text, width).map((line) => ({ text: line, tone }));
  const unsupported = run.answer?.abstained
    ? []
    : (run.answer?.sentences ?? []).filter(({ supported }) => !supported).map(({ text }) => text);
  const failure = run.failure;
  return [
    ...wrapped(run.text),
    ...unsupported.flatMap((text) => wrapped(`No passage says so: “${text}”`, 'warn')),
    ...run.warnings.flatMap((warning) => wrapped(`! ${warning}`, 'warn')),
    ...(failure === undefined
      ? []
      : [...wrapped(`✗ ${failure.message}`, 'bad'), ...wrapped(failure.hint ?? '', 'quiet')]),
  ];
});

/** Each message under its role, its own line ends kept. */
const promptLines = keptLines(({ messages }: Prompt, width) =>
  messages.flatMap(({ role, content }): Span[] => [
    { text: role, tone: 'accent' },
    ...content
      .split('\n')
      .flatMap((line) => wrappedLines(line, width))
      .map((text): Span => ({ text })),
    { text: '' },
  ]),
);

const wrappedLines = (text: string, width: number): string[] =>
  wrapAnsi(plain(text), width, { hard: true }).split('\n');
