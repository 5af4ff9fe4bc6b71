/**
 * The progress of long work: one line that rewrites itself on a terminal, elsewhere a plain line every few seconds.
 * Knows counts and times; nothing about the work.
 */

import cliTruncate from 'cli-truncate';
import { canDraw } from './can-draw.ts';
import { amount, duration, number } from './words.ts';

export interface ProgressState {
  /** What is being done, e.g. `embedding`. */
  label: string;
  done: number;
  /** Absent if unknown. */
  total?: number | undefined;
  unit: string;
}

/** What a progress line is written to; `process.stderr` is one. */
export interface Screen {
  isTTY?: boolean;
  columns?: number;
  write(text: string): unknown;
}

export interface Progress {
  /** Shows a new state, when it is time to. */
  update(state: ProgressState): void;
  /** Shows the end of a growing text in place of the counts; on a terminal only. */
  passing(text: string): void;
  /** Removes the progress line and prints `line`, which stays. */
  note(line: string): void;
  /** Removes the progress line. */
  clear(): void;
}

const TERMINAL_MS = 100;
const PLAIN_MS = 5_000;
/** Rates are measured over this long, so that they follow a change of pace without jitter. */
const RATE_WINDOW_MS = 30_000;
const CLEAR_LINE = '\r\u001b[K';

/** A progress line on `screen`. @param now the clock, in ms */
export function startProgress(screen: Screen, now: () => number = Date.now): Progress {
  const terminal = canDraw(screen);
  let samples: { at: number; done: number }[] = [];
  let label = '';
  let shownAt = Number.NEGATIVE_INFINITY;
  let visible = false;

  const clear = () => {
    if (visible) screen.write(CLEAR_LINE);
    visible = false;
  };
  const isDue = () => {
    if (now() - shownAt < (terminal ? TERMINAL_MS : PLAIN_MS)) return false;
    shownAt = now();
    return true;
  };
  const show = (text: string, keep: 'start' | 'end') => {
    if (!terminal) return screen.write(`${text}\n`);
    const position = keep === 'start' ? 'end' : 'start';
    screen.write(CLEAR_LINE + cliTruncate(text, Math.max(20, (screen.columns ?? 80) - 1), { position }));
    visible = true;
  };

  return {
    update(state) {
      if (state.label !== label) {
        samples = [];
        label = state.label;
        if (!terminal) shownAt = now(); // a stage that ends within seconds needs no line of its own
      }
      samples = samples.filter(({ at }) => now() - at <= RATE_WINDOW_MS);
      if (samples.length === 0 || now() - (samples.at(-1)?.at ?? 0) >= TERMINAL_MS)
        samples.push({ at: now(), done: state.done });
      if ((terminal || state.done > 0) && isDue())
        show(progressLine(state, rateOf(samples, state.done, now())), 'start');
    },
    passing(text) {
      if (terminal && isDue()) show(text, 'end');
    },
    note(line) {
      clear();
      screen.write(`${line}\n`);
    },
    clear,
  };
}

/** Units per second since the first sample; undefined while there is too little to measure. */
function rateOf(samples: { at: number; done: number }[], done: number, at: number): number | undefined {
  const first = samples[0];
  if (first === undefined || at - first.at < 500 || done <= first.done) return undefined;
  return ((done - first.done) / (at - first.at)) * 1_000;
}

/** `embedding 1,234 of 5,000 chunks, 25 %, 56.2/s, 1m 7s left`. @param rate units per second */
export function progressLine({ label, done, total, unit }: ProgressState, rate?: number): string {
  const parts = [total === undefined ? amount(done, unit) : ofTotal(done, total, unit)];
  if (total !== undefined && total > 0) parts.push(`${Math.floor((100 * Math.min(done, total)) / total)} %`);
  if (rate !== undefined) {
    const perSecond = rate < 100 && unit !== 'bytes' ? rate.toFixed(1) : undefined;
    parts.push(`${perSecond ?? (unit === 'bytes' ? amount(rate, unit) : number(rate))}/s`);
    if (total !== undefined && total > done) parts.push(`${duration(((total - done) / rate) * 1_000)} left`);
  }
  return `${label.padEnd(LABEL_WIDTH)} ${parts.join(', ')}`;
}

/** Columns of a label, so that the lines of stages align. */
export const LABEL_WIDTH = 9;

function ofTotal(done: number, total: number, unit: string): string {
  if (unit === 'bytes') return `${amount(done, unit)} of ${amount(total, unit)}`;
  return `${number(done)} of ${amount(total, unit)}`;
}
