/**
 * Which of the allowed user groups a person belongs to. Knows groups and time; asks Slack only if groups are set.
 */
import { attempt, type Calls } from './calls.ts';

export type Groups = (user: string) => Promise<string[]>;

const KEEP_MS = 300_000;
/** Ids of Slack user groups; Discord's role ids, which may be in the same setting, are numbers. */
const GROUP = /^S[A-Z0-9]+$/;

/** Asks Slack for each group's members at most once in five minutes; a group that cannot be read counts as empty. */
export function openGroups(calls: Calls, allowed: string[]): Groups {
  const groups = allowed.filter((id) => GROUP.test(id));
  const known = new Map<string, { members: Promise<Set<string>>; until: number }>();

  const look = async (group: string): Promise<Set<string>> => {
    const list = await attempt(calls, 'usergroups.users.list', () =>
      calls.client.usergroups.users.list({ usergroup: group }),
    );
    if (list === undefined) known.delete(group);
    return new Set(list?.users);
  };

  const members = (group: string): Promise<Set<string>> => {
    let entry = known.get(group);
    if (entry === undefined || entry.until < calls.now()) {
      entry = { members: look(group), until: calls.now() + KEEP_MS };
      known.set(group, entry);
    }
    return entry.members;
  };

  return async (user) => {
    const found = await Promise.all(
      groups.map(async (group) => ((await members(group)).has(user) ? [group] : [])),
    );
    return found.flat();
  };
}
