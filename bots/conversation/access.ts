/**
 * Who may ask, where, how often: allow lists, cooldowns, the day's budget.
 * Knows settings and times; nothing about queues, texts or platforms.
 */
import type { Settings } from '../../core/index.ts';
import type { Request } from '../surface.ts';

export type Refusal =
  | { phrase: 'refusedPlace' | 'refusedUser' }
  | { phrase: 'refusedCooldown' | 'refusedBudget'; waitSeconds: number };

export type AccessSettings = Pick<
  Settings,
  | 'allowChannels'
  | 'allowRoles'
  | 'allowUsers'
  | 'userCooldown'
  | 'channelCooldown'
  | 'guildCooldown'
  | 'dailyQuestions'
>;

export interface Access {
  /** Why the request is refused, or undefined; an allowed one counts against cooldowns and budget at once. */
  admit(request: Request): Promise<Refusal | undefined>;
  /** Whether the request may come from this person and place at all. */
  refusal(request: Request): Refusal | undefined;
}

/** Stores the day's count so that it survives a restart. */
export interface DayCount {
  count(name: string): Promise<number>;
  setCount(name: string, count: number): Promise<void>;
}

/** Cooldowns remembered at the same time; the oldest are dropped. */
const REMEMBERED = 50_000;

export function openAccess(settings: AccessSettings, days: DayCount, now: () => number = Date.now): Access {
  /** When each user, channel or guild may ask again, in the order of their last questions. */
  const readyAt = new Map<string, number>();
  let today: { name: string; count: number } | undefined;

  const cooldowns = ({ platform, user, place }: Request): [string, number][] => [
    [`user:${platform}:${user}`, settings.userCooldown],
    ...(place.direct
      ? []
      : ([[`channel:${platform}:${place.channel}`, settings.channelCooldown]] as [string, number][])),
    ...(place.guild === undefined
      ? []
      : ([[`guild:${platform}:${place.guild}`, settings.guildCooldown]] as [string, number][])),
  ];

  const spend = async (): Promise<Refusal | undefined> => {
    const limit = settings.dailyQuestions;
    if (limit === undefined) return undefined;
    const date = new Date(now());
    const name = `questions-${date.toISOString().slice(0, 10)}`;
    if (today?.name !== name) {
      const count = await days.count(name);
      // Another question may have been counted while this one waited for the store.
      if (today?.name !== name) today = { name, count };
    }
    if (today.count >= limit) {
      const midnight = Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate() + 1);
      return { phrase: 'refusedBudget', waitSeconds: (midnight - now()) / 1000 };
    }
    today.count += 1;
    await days.setCount(name, today.count);
    return undefined;
  };

  const refusal = ({ user, roles, place }: Request): Refusal | undefined => {
    const { allowChannels, allowRoles, allowUsers } = settings;
    const listed = allowChannels.includes(place.channel) || allowChannels.includes(place.thread ?? '');
    if (allowChannels.length > 0 && !place.direct && !listed) return { phrase: 'refusedPlace' };
    const known = allowUsers.includes(user) || roles.some((role) => allowRoles.includes(role));
    if (allowUsers.length + allowRoles.length > 0 && !known) return { phrase: 'refusedUser' };
    return undefined;
  };

  return {
    refusal,
    async admit(request) {
      const refused = refusal(request);
      if (refused !== undefined) return refused;
      const limits = cooldowns(request).filter(([, seconds]) => seconds > 0);
      const until = Math.max(0, ...limits.map(([name]) => readyAt.get(name) ?? 0));
      if (until > now()) return { phrase: 'refusedCooldown', waitSeconds: (until - now()) / 1000 };
      for (const [name, seconds] of limits) {
        readyAt.delete(name);
        readyAt.set(name, now() + seconds * 1000);
      }
      for (const name of readyAt.keys()) {
        if (readyAt.size <= REMEMBERED) break;
        readyAt.delete(name);
      }
      const spent = await spend();
      // Only a question that is taken counts.
      if (spent !== undefined) for (const [name] of limits) readyAt.delete(name);
      return spent;
    },
  };
}
