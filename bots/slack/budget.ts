/**
 * How often each kind of call may be made, so that Slack rarely has to refuse one. Knows rates and time; nothing about
 * what is sent.
 *
 * Source: Slack's rate limits (https://docs.slack.dev/apis/web-api/rate-limits): posting 1/s per channel, `chat.update`
 * and `chat.delete` 50/min, starting a stream 20/min, appending to one 100/min.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { CoreError } from '../../core/index.ts';

export type Spending = 'post' | 'update' | 'start' | 'append';

export interface Budget {
  /**
   * Resolves once the call may be made. A patient caller waits for its turn. For another, it throws `network`
   * (retryable, with `details.retryAfterMs`) at once instead of waiting, and leaves part of the rate to patient ones.
   */
  spend(on: Spending, channel: string, patient: boolean): Promise<void>;
}

const RATES: Record<Spending, { most: number; perMs: number }> = {
  post: { most: 1, perMs: 1_000 },
  update: { most: 48, perMs: 60_000 },
  start: { most: 18, perMs: 60_000 },
  append: { most: 96, perMs: 60_000 },
};
/** Share of a rate that impatient callers may use. */
const IMPATIENT = 0.75;
/** Channels whose last post is remembered; the oldest are dropped. */
const CHANNELS = 1_000;

/** The calls that count against one rate: the posts in a channel, or all calls of another kind. */
interface Tally {
  /** Times of the last calls, oldest first, as many as the rate allows. */
  calls: number[];
  /** Patient callers that wait for their turn: no impatient one goes before them. */
  waiting: number;
}

export function openBudget(now: () => number = Date.now): Budget {
  const tallies = new Map<string, Tally>();

  const tallyOf = (key: string): Tally => {
    const tally = tallies.get(key) ?? { calls: [], waiting: 0 };
    tallies.delete(key);
    for (const [oldest, { waiting }] of tallies) {
      if (tallies.size < CHANNELS) break;
      if (waiting === 0) tallies.delete(oldest);
    }
    tallies.set(key, tally);
    return tally;
  };

  /** Time until one more call may be made if `most` of them are allowed, in ms; 0 if it may be made now. */
  const waitMs = ({ calls }: Tally, most: number, perMs: number): number => {
    const blocking = calls[calls.length - most];
    return blocking === undefined ? 0 : Math.max(0, blocking + perMs - now());
  };

  return {
    async spend(on, channel, patient) {
      const { most, perMs } = RATES[on];
      const tally = tallyOf(on === 'post' ? `post ${channel}` : on);
      if (patient) {
        tally.waiting++;
        for (let wait = waitMs(tally, most, perMs); wait > 0; wait = waitMs(tally, most, perMs))
          await delay(wait);
        tally.waiting--;
      } else {
        const spare = Math.max(1, Math.floor(most * IMPATIENT));
        const wait = tally.waiting > 0 ? perMs / most : waitMs(tally, spare, perMs);
        if (wait > 0)
          throw new CoreError('network', 'Too many calls to Slack at the moment.', {
            retryable: true,
            details: { retryAfterMs: Math.ceil(wait) },
          });
      }
      tally.calls = [...tally.calls, now()].slice(-most);
    },
  };
}
