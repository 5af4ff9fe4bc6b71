/**
 * The language that a person uses Slack in. Knows users and time; an answer never waits for it longer than a second.
 */
import { soon } from '../soon.ts';
import { attempt, type Calls } from './calls.ts';

export type Locales = (user: string) => Promise<string>;

const UNKNOWN = 'en-US';
const WAIT_MS = 1_000;
const KEEP_MS = 3_600_000;
const USERS = 5_000;

/** Asks Slack once an hour for each user. */
export function openLocales(calls: Calls): Locales {
  const known = new Map<string, { locale: Promise<string>; until: number }>();

  const look = async (user: string): Promise<string> => {
    const info = await attempt(calls, 'users.info', () =>
      calls.client.users.info({ user, include_locale: true }),
    );
    if (info === undefined) known.delete(user);
    return info?.user?.locale ?? UNKNOWN;
  };

  return async (user) => {
    let entry = known.get(user);
    if (entry === undefined || entry.until < calls.now()) {
      const locale = look(user);
      entry = { locale, until: calls.now() + KEEP_MS };
      known.delete(user);
      known.set(user, entry);
      const oldest = known.keys().next().value;
      if (known.size > USERS && oldest !== undefined) known.delete(oldest);
    }
    return (await soon(entry.locale, WAIT_MS)) ?? UNKNOWN;
  };
}
