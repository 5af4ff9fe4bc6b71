/** What the console draws, at three sizes: kept as text in test/fixtures/console, and the same with and without colour. */
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import stringWidth from 'string-width';
import { describe, expect, it } from 'vitest';
import type { Answer } from '../../core/index.ts';
import { drawn, everyScreen, SIZES } from '../fixtures/console.tsx';

const KEPT = join(import.meta.dirname, '../fixtures/console');
/** Drawn at every size; the others at the smallest. */
const SCREENS = ['overview', 'builds', 'index', 'ask', 'compare', 'traffic', 'settings'];
const COLOUR = '\u001b[3';
const clean = (text: string) =>
  stripVTControlCharacters(text)
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n');

describe.each(SIZES)('at $columns x $rows', (size) => {
  const states = Object.entries(everyScreen(size)).filter(
    ([name]) => size === SIZES[0] || SCREENS.includes(name),
  );
  it.each(states)(
    '%s is drawn as it was, inside the terminal, and says the same in colour',
    async (name, state) => {
      const text = drawn(state);
      await expect(`${text}\n`).toMatchFileSnapshot(join(KEPT, `${name}-${size.columns}x${size.rows}.txt`));
      const lines = clean(text).split('\n');
      expect(lines).toHaveLength(size.rows);
      expect(Math.max(...lines.map((line) => stringWidth(line)))).toBeLessThanOrEqual(size.columns);
      expect(text).not.toContain(COLOUR);
      expect(clean(drawn(state, { colour: true }))).toBe(clean(text));
    },
  );
});

it('a trace says whether a model wrote the answer, or that it is made of quotes', () => {
  const { trace } = everyScreen({ columns: 80, rows: 24 });
  const by = (more: Partial<Answer>) => {
    const { run } = trace?.ask ?? {};
    if (trace === undefined || run?.answer === undefined) throw new Error('Nothing was answered.');
    const answer = { ...run.answer, ...more };
    return drawn({ ...trace, ask: { ...trace.ask, run: { ...run, answer } } });
  };
  expect(by({})).toContain('written by SmolLM2-135M');
  expect(by({ generator: 'extractive' })).toContain('made of quotes');
  expect(by({ generator: 'extractive', abstained: true })).toContain('none was found');
});

it.each(Object.entries(everyScreen({ columns: 80, rows: 24 })))(
  '%s is words without frames and bars for a screen reader',
  (_name, state) => {
    expect(drawn(state, { spoken: true })).not.toMatch(/[╭╰│█▁▂▃▄▅▆▇·⠁-⣿]{3}/u);
  },
);
