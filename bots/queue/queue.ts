/**
 * Who is answered next: users take turns, each with their oldest question, and a thread has one question at a time.
 * Pure state. Knows ids; nothing about time, answers or platforms.
 */

export interface Waiting {
  id: string;
  user: string;
  /** When it was asked; questions of a user, and of a lane, are served in this order. */
  askedAt: number;
  /** Thread, DM or channel in which questions are answered one after the other; absent where they need not be. */
  lane?: string | undefined;
}

export interface FairQueue<T extends Waiting> {
  readonly size: number;
  add(item: T): void;
  /** Takes out the item that is served next; undefined if none waits or every lane with a question is busy. */
  take(): T | undefined;
  /** Frees the lane of an item that was taken. */
  release(item: T): void;
  /** Takes an item out before it is served. */
  remove(id: string): T | undefined;
  /** All waiting items in the order in which they would be served now, if no lane held one up. */
  order(): T[];
  waitingOf(user: string): number;
}

export function openQueue<T extends Waiting>(): FairQueue<T> {
  /** Each user's questions, oldest first; users in the order of their turns. */
  const turns = new Map<string, T[]>();
  /** The waiting questions of each lane, oldest first. */
  const lanes = new Map<string, T[]>();
  const busy = new Set<string>();
  let size = 0;

  const insert = (lists: Map<string, T[]>, name: string, item: T): void => {
    const list = lists.get(name) ?? [];
    const at = list.findLastIndex((other) => other.askedAt <= item.askedAt) + 1;
    lists.set(name, list.toSpliced(at, 0, item));
  };
  const erase = (lists: Map<string, T[]>, name: string, item: T): void => {
    const rest = (lists.get(name) ?? []).filter((other) => other !== item);
    if (rest.length === 0) lists.delete(name);
    else lists.set(name, rest);
  };
  const isFree = (item: T): boolean =>
    item.lane === undefined || (!busy.has(item.lane) && lanes.get(item.lane)?.[0] === item);

  const drop = (item: T): void => {
    erase(turns, item.user, item);
    if (item.lane !== undefined) erase(lanes, item.lane, item);
    size -= 1;
  };

  return {
    get size() {
      return size;
    },
    add(item) {
      insert(turns, item.user, item);
      if (item.lane !== undefined) insert(lanes, item.lane, item);
      size += 1;
    },
    take() {
      for (const [user, items] of turns) {
        const item = items.find(isFree);
        if (item === undefined) continue;
        drop(item);
        const rest = turns.get(user);
        if (rest !== undefined) {
          turns.delete(user); // to the end of the round
          turns.set(user, rest);
        }
        if (item.lane !== undefined) busy.add(item.lane);
        return item;
      }
      return undefined;
    },
    release({ lane }) {
      if (lane !== undefined) busy.delete(lane);
    },
    remove(id) {
      for (const items of turns.values()) {
        const item = items.find((other) => other.id === id);
        if (item === undefined) continue;
        drop(item);
        return item;
      }
      return undefined;
    },
    order() {
      const order: T[] = [];
      const rounds = [...turns.values()];
      for (let round = 0; order.length < size; round++)
        for (const items of rounds) {
          const item = items[round];
          if (item !== undefined) order.push(item);
        }
      return order;
    },
    waitingOf: (user) => turns.get(user)?.length ?? 0,
  };
}
