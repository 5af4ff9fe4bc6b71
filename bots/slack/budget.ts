/**
 * How often each kind of call may be made, so that Slack rarely has to refuse one. Knows rates and time; nothing about
 * what is sent.
 *
 * Source: Slack's rate limits (https://docs.slack.dev/apis/web-api/rate-limits): posting 1/s a channel, `chat.update` and
 * `chat.delete` 50/min, starting a stream 20/min, appending to one 100/min.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { CoreError } from '../../core/index.ts';

export type Spending = 'post' | 'update' | 'start' | 'append';

export interface Budget {
  /**
   * Resolves once the call may be made. A patient caller waits for its turn; another throws `network` (retryable, with
   * `details.retryAfterMs`) at once where it would have to wait, and leaves a part of the rate to the patient.
   */
  spend(on: Spending, channel: string, patient: boolean): Promise<void>;
}

const RATES: Record<Spending, { most: number; perMs: number }> = {
  post: { most: 1, perMs: 1_000 },
  update: { most: 48, perMs: 60_000 },
  start: { most: 18, perMs: 60_000 },
  append: { most: 96, perMs: 60_000 },
};
/** Part of a rate that calls which can be left out may use. */
const IMPATIENT = 0.75;
/** Channels whose last post is remembered; the oldest give way. */
const CHANNELS = 1_000;

export function openBudget(now: () => number = Date.now): Budget {
  /** Times of the calls within the window, oldest first. */
  const spent = new Map<string, number[]>();
  /** Patient callers that wait for their turn: no other goes before them. */
  const waiting = new Map<string, number>();

  const waitMs = (on: Spending, key: string, patient: boolean): number => {
    const { most, perMs } = RATES[on];
    const recent = (spent.get(key) ?? []).filter((at) => at > now() - perMs);
    const allowed = patient ? most : Math.max(1, Math.floor(most * IMPATIENT));
    const blocking = recent[recent.length - allowed];
    if (blocking !== undefined) return Math.max(1, blocking + perMs - now());
    spent.delete(key);
    spent.set(key, [...recent, now()]);
    for (const oldest of spent.keys()) {
      if (spent.size <= CHANNELS) break;
      spent.delete(oldest);
    }
    return 0;
  };

  return {
    async spend(on, channel, patient) {
      const key = on === 'post' ? `post ${channel}` : on;
      const line = waiting.get(key) ?? 0;
      let wait = !patient && line > 0 ? RATES[on].perMs / RATES[on].most : waitMs(on, key, patient);
      if (wait === 0) return;
      if (!patient)
        throw new CoreError('network', 'Too many calls to Slack at the moment.', {
          retryable: true,
          details: { retryAfterMs: Math.ceil(wait) },
        });
      waiting.set(key, line + 1);
      for (; wait > 0; wait = waitMs(on, key, patient)) await delay(wait);
      const left = (waiting.get(key) ?? 1) - 1;
      if (left > 0) waiting.set(key, left);
      else waiting.delete(key);
    },
  };
}
