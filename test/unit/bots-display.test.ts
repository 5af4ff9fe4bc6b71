import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { openDisplay } from '../../bots/queue/display.ts';
import type { View } from '../../bots/surface.ts';
import { CoreError } from '../../core/errors.ts';
import { openChat } from '../fakes/chat.ts';

const partial = (text: string): View => ({ kind: 'partial', text, language: 'en', buttons: [] });
const end: View = { kind: 'refused', sentence: 'No.', language: 'en', buttons: [] };
const retry = { retries: 3, minTimeout: 1, maxTimeout: 5 };
const busy = (retryAfterMs: number) =>
  new CoreError('network', 'Too many requests.', { retryable: true, details: { retryAfterMs } });

const open = (everyMs = 40) => {
  const chat = openChat(everyMs);
  const display = openDisplay(chat.surface('m'), { answerId: 'a', everyMs, log: () => undefined, retry });
  return { chat, display };
};

describe('a display', () => {
  it('shows the first view at once, then only the newest, at its pace', async () => {
    const { chat, display } = open();
    for (let n = 0; n < 200; n++) {
      display.show(partial(String(n)));
      await delay(1);
    }
    await display.finish(end);
    const texts = chat.views('m').map((view) => (view.kind === 'partial' ? view.text : view.kind));
    expect(texts[0]).toBe('0');
    expect(texts.at(-1)).toBe('refused');
    expect(texts.length).toBeLessThan(200);
    expect(texts.length).toBeGreaterThan(3);
    expect(chat.broken).toEqual([]);
  });

  it('delivers the last view although every second edit is refused with a time to wait', async () => {
    const { chat, display } = open(5);
    let edits = 0;
    chat.trouble = () => {
      if (edits++ % 2 === 0) throw busy(10);
    };
    for (let n = 0; n < 30; n++) {
      display.show(partial(String(n)));
      await delay(2);
    }
    expect(await display.finish(end)).toBe('delivered');
    expect(chat.last('m')).toEqual(end);
    expect(chat.broken).toEqual([]);
  });

  it('waits as long as the platform asks before the next edit', async () => {
    const { chat, display } = open(5);
    const tries: number[] = [];
    chat.trouble = () => {
      tries.push(Date.now());
      if (tries.length === 1) throw busy(120);
    };
    display.show(partial('1'));
    await delay(20);
    display.show(partial('2'));
    await display.idle();
    expect((tries[1] ?? 0) - (tries[0] ?? 0)).toBeGreaterThanOrEqual(115);
  });

  it('does not wait for its pace with the last view', async () => {
    const { chat, display } = open(60_000);
    display.show(partial('1'));
    await chat.until('m', 'partial');
    display.show(partial('2'));
    expect(await display.finish(end)).toBe('delivered');
    expect(chat.views('m').map(({ kind }) => kind)).toEqual(['partial', 'refused']);
  });

  it('tells a platform that cannot be reached from a message that is gone', async () => {
    const unreachable = open();
    unreachable.chat.trouble = () => Promise.reject(busy(0));
    expect(await unreachable.display.finish(end)).toBe('unreachable');
    const gone = open();
    let tries = 0;
    gone.chat.trouble = () => {
      tries += 1;
      throw new CoreError('not-found', 'Unknown message.');
    };
    expect(await gone.display.finish(end)).toBe('gone');
    expect(tries).toBe(1);
  });

  it('shows nothing more once it has ended', async () => {
    const { chat, display } = open();
    await display.finish(end);
    display.show(partial('late'));
    expect(await display.finish(end)).toBe('gone');
    await delay(60);
    expect(chat.views('m')).toEqual([end]);
  });
});
