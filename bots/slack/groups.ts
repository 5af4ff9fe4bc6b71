/**
 * Which of the user groups that may ask a person belongs to. Knows groups; asks Slack only where groups are set.
 */
import { attempt, type Calls } from './calls.ts';
import { remembered } from './remembered.ts';

export type Groups = (user: string) => Promise<string[]>;

/** Ids of Slack's user groups; the roles of Discord, which may stand in the same setting, are numbers. */
const GROUP = /^S[A-Z0-9]+$/;
const KEPT = { keepMs: 300_000, most: 1_000 };

/** Asks Slack for the members of each group once in five minutes; a group that cannot be read has none. */
export function openGroups(calls: Calls, allowed: string[]): Groups {
  const groups = allowed.filter((id) => GROUP.test(id));
  const members = remembered({
    ...KEPT,
    now: calls.now,
    async look(usergroup) {
      const list = await attempt(calls, 'usergroups.users.list', () =>
        calls.client.usergroups.users.list({ usergroup }),
      );
      return list && new Set(list.users);
    },
  });
  return async (user) => {
    const found = await Promise.all(
      groups.map(async (group) => ((await members(group))?.has(user) ? [group] : [])),
    );
    return found.flat();
  };
}
