/**
 * The language that a person uses Slack in. Knows users; an answer never waits for it longer than a second.
 */
import { soon } from '../soon.ts';
import { attempt, type Calls } from './calls.ts';
import { remembered } from './remembered.ts';

export type Locales = (user: string) => Promise<string>;

const UNKNOWN = 'en-US';
const WAIT_MS = 1_000;
const KEPT = { keepMs: 3_600_000, most: 5_000 };

/** Asks Slack once an hour for each user. */
export function openLocales(calls: Calls): Locales {
  const locales = remembered({
    ...KEPT,
    now: calls.now,
    async look(user) {
      const info = await attempt(calls, 'users.info', () =>
        calls.client.users.info({ user, include_locale: true }),
      );
      return info === undefined ? undefined : (info.user?.locale ?? UNKNOWN);
    },
  });
  return async (user) => (await soon(locales(user), WAIT_MS)) ?? UNKNOWN;
}
