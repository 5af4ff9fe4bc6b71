/** What the console makes of what it hears and shows, where a count or a text could go wrong. */
import { describe, expect, it } from 'vitest';
import { wrapped } from '../../console/screens/ask-passage.tsx';
import { hearBots, startingBots } from '../../console/state/bots.ts';

describe('questions that wait', () => {
  it('are those that came and those that were taken up again, less those whose end was shown', () => {
    const heard = ['question-resumed', 'question-resumed', 'question-taken', 'answer-shown'];
    expect(heard.reduce((bots, event) => hearBots(bots, event, {}, 0), startingBots).waiting).toBe(2);
  });
});

describe('a question whose end could not be shown', () => {
  it('is neither answered nor failed, and still waits', () => {
    const taken = hearBots(startingBots, 'question-taken', {}, 0);
    const shown = (arrived: string) => hearBots(taken, 'answer-shown', { view: 'answer', arrived }, 0);
    expect(shown('unreachable')).toMatchObject({ waiting: 1, answered: 0, failed: 0 });
    expect(shown('delivered')).toMatchObject({ waiting: 0, answered: 1, failed: 0 });
  });
});

describe('a passage in lines', () => {
  it('has each word once, also where letters are composed of several signs', () => {
    const text = 'Cafe\u0301 A\u030Angstro\u0308m '.repeat(6).trim();
    const lines = wrapped([{ text: text.slice(0, 20) }, { text: text.slice(20) }], 12);
    const shown = lines.map((line) => line.map((span) => span.text).join('')).join(' ');
    expect(shown.replace(/\s+/g, ' ')).toBe(text.normalize());
  });
});
