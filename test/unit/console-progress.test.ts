/** What a progress line says, and how often. */
import { describe, expect, it } from 'vitest';
import { progressLine, startProgress } from '../../console/progress.ts';

const state = (done: number, total?: number) => ({ label: 'embedding', done, total, unit: 'chunks' });

/** A screen that keeps what is written, and a clock that is set by hand. */
function recorded(isTTY: boolean) {
  const written: string[] = [];
  let time = 0;
  const screen = { isTTY, columns: 60, write: (text: string) => written.push(text) };
  const progress = startProgress(screen, () => time);
  return {
    written,
    progress,
    at(ms: number) {
      time = ms;
    },
  };
}

describe('a progress line', () => {
  it('tells done, total, share, rate and time left', () => {
    expect(progressLine(state(1_250, 5_000), 50)).toBe(
      'embedding 1,250 of 5,000 chunks, 25 %, 50.0/s, 1m 15s left',
    );
  });
  it('tells only what is known', () => {
    expect(progressLine(state(1_250))).toBe('embedding 1,250 chunks');
  });
  it('writes bytes as such', () => {
    const line = progressLine(
      { label: 'fetching', done: 45_000_000, total: 90_000_000, unit: 'bytes' },
      9_000_000,
    );
    expect(line).toBe('fetching  45 MB of 90 MB, 50 %, 9 MB/s, 5s left');
  });
  it('never goes past 100 %', () => {
    expect(progressLine(state(12, 10))).toContain('100 %');
  });
});

describe('on a terminal', () => {
  it('rewrites one line, and takes it away before a line that stays', () => {
    const { progress, written, at } = recorded(true);
    progress.update(state(1, 100));
    at(1_000);
    progress.update(state(11, 100));
    progress.note('done');
    expect(written[0]?.startsWith('\r\u001b[K')).toBe(true);
    expect(written[1]).toContain('10.0/s, 8.9s left');
    expect(written.slice(2)).toEqual(['\r\u001b[K', 'done\n']);
  });
  it('shows the end of a text that is longer than its columns', () => {
    const { progress, written } = recorded(true);
    progress.passing(`${'x'.repeat(500)} the end`);
    const shown = written.join('').replace('\r\u001b[K', '');
    expect(shown).toMatch(/the end$/);
    expect(shown.length).toBeLessThan(60);
  });
});

describe('elsewhere', () => {
  it('writes one plain line every five seconds', () => {
    const { progress, written, at } = recorded(false);
    for (let ms = 0; ms <= 11_000; ms += 100) {
      at(ms);
      progress.update(state(ms / 100, 1_000));
    }
    expect(written).toEqual([
      'embedding 50 of 1,000 chunks, 5 %, 10.0/s, 1m 35s left\n',
      'embedding 100 of 1,000 chunks, 10 %, 10.0/s, 1m 30s left\n',
    ]);
  });
  it('writes nothing that only passes', () => {
    const { progress, written } = recorded(false);
    progress.passing('Searching …');
    progress.clear();
    expect(written).toEqual([]);
  });
  it('measures the rate from where a resumed stage began', () => {
    const { progress, written, at } = recorded(false);
    progress.update(state(900, 1_000));
    at(5_000);
    progress.update(state(905, 1_000));
    expect(written).toEqual(['embedding 905 of 1,000 chunks, 90 %, 1.0/s, 1m 35s left\n']);
  });
});
