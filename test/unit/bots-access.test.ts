import { describe, expect, it } from 'vitest';
import { type AccessSettings, openAccess } from '../../bots/conversation/access.ts';
import type { Request } from '../../bots/surface.ts';

const open: AccessSettings = {
  allowChannels: [],
  allowRoles: [],
  allowUsers: [],
  userCooldown: 0,
  channelCooldown: 0,
  guildCooldown: 0,
};
const from = (user: string, place: Partial<Request['place']> = {}, roles: string[] = []): Request => ({
  platform: 'discord',
  event: 'e',
  user,
  roles,
  place: { channel: 'c1', guild: 'g1', direct: false, ...place },
  locale: 'en',
});
const days = () => {
  const counts = new Map<string, number>();
  return {
    count: async (name: string) => counts.get(name) ?? 0,
    setCount: async (name: string, count: number) => void counts.set(name, count),
  };
};

describe('access', () => {
  it('is everyone’s, everywhere, unless it is limited', async () => {
    expect(await openAccess(open, days()).admit(from('ann'))).toBeUndefined();
  });

  it('keeps to the allowed channels, their threads, and direct messages', () => {
    const { refusal } = openAccess({ ...open, allowChannels: ['c1', 't9'] }, days());
    expect(refusal(from('ann'))).toBeUndefined();
    expect(refusal(from('ann', { channel: 'c1', thread: 't1' }))).toBeUndefined();
    expect(refusal(from('ann', { channel: 'c2', thread: 't9' }))).toBeUndefined();
    expect(refusal(from('ann', { channel: 'd1', direct: true }))).toBeUndefined();
    expect(refusal(from('ann', { channel: 'c2' }))).toEqual({ phrase: 'refusedPlace' });
  });

  it('is for the listed users and for those who have a listed role', () => {
    const { refusal } = openAccess({ ...open, allowUsers: ['ann'], allowRoles: ['staff'] }, days());
    expect(refusal(from('ann'))).toBeUndefined();
    expect(refusal(from('bob', {}, ['other', 'staff']))).toBeUndefined();
    expect(refusal(from('bob', {}, ['other']))).toEqual({ phrase: 'refusedUser' });
  });

  it.each([
    ['userCooldown', from('ann', { channel: 'c2', guild: 'g2' }), from('bob')],
    ['channelCooldown', from('bob'), from('bob', { channel: 'c2' })],
    ['guildCooldown', from('bob', { channel: 'c2' }), from('bob', { guild: 'g2' })],
  ] as const)('%s refuses until it is over, and says how long that is', async (name, again, other) => {
    let now = 0;
    const access = openAccess({ ...open, [name]: 60 }, days(), () => now);
    expect(await access.admit(from('ann'))).toBeUndefined();
    now = 20_000;
    expect(await access.admit(again)).toEqual({ phrase: 'refusedCooldown', waitSeconds: 40 });
    expect(await access.admit(other)).toBeUndefined();
    now = 60_000;
    expect(await access.admit(again)).toBeUndefined();
  });

  it('ends with the day’s budget, also over a restart, and begins again at midnight', async () => {
    let now = Date.UTC(2026, 0, 1, 23, 0);
    const counts = days();
    const start = () => openAccess({ ...open, dailyQuestions: 2 }, counts, () => now);
    expect(await start().admit(from('ann'))).toBeUndefined();
    const access = start();
    expect(await access.admit(from('bob'))).toBeUndefined();
    expect(await access.admit(from('cy'))).toEqual({ phrase: 'refusedBudget', waitSeconds: 3_600 });
    now += 3_600_000;
    expect(await access.admit(from('cy'))).toBeUndefined();
  });

  it('counts questions that come at the same moment one by one', async () => {
    const access = openAccess({ ...open, dailyQuestions: 3 }, days());
    const results = await Promise.all(Array.from({ length: 8 }, () => access.admit(from('ann'))));
    expect(results.filter((result) => result === undefined)).toHaveLength(3);
  });
});
