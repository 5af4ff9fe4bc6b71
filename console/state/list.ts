/**
 * A list to move through and to filter. Knows positions and words; nothing about what is listed.
 */
import { edit, emptyField, type Field } from './field.ts';

export interface List {
  /** Position in what the filter leaves. */
  selected: number;
  filter: Field;
}

export const emptyList: List = { selected: 0, filter: emptyField };

const MOVES = ['up', 'down', 'page-up', 'page-down', 'first', 'last'] as const;
export type Move = (typeof MOVES)[number];

/** Whether an action moves through the list. */
export const isMove = (action: string): action is Move => (MOVES as readonly string[]).includes(action);

const PAGE = 10;

/** The list after a move among `count` entries. */
export function move(list: List, by: Move, count: number): List {
  const last = Math.max(0, count - 1);
  const target = {
    up: list.selected - 1,
    down: list.selected + 1,
    'page-up': list.selected - PAGE,
    'page-down': list.selected + PAGE,
    first: 0,
    last,
  }[by];
  return { ...list, selected: Math.max(0, Math.min(last, target)) };
}

/** The list after `count` has changed. */
export const within = (list: List, count: number): List => ({
  ...list,
  selected: Math.max(0, Math.min(list.selected, count - 1)),
});

/** The list after a key in its filter; a changed filter selects the first entry. */
export function filterBy(list: List, key: string): List {
  const filter = edit(list.filter, key);
  return filter.text === list.filter.text ? { ...list, filter } : { selected: 0, filter };
}

/** Those of `items` whose text contains every word of the filter, ignoring case. */
export function filtered<Item>(list: List, items: Item[], textOf: (item: Item) => string): Item[] {
  const words = list.filter.text.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return items;
  return items.filter((item) => {
    const text = textOf(item).toLowerCase();
    return words.every((word) => text.includes(word));
  });
}

/** The part of a list that fits into `room` rows, with the selected one in it, and where it begins. */
export function windowOf<Item>(
  items: Item[],
  selected: number,
  room: number,
): { from: number; shown: Item[] } {
  const most = Math.max(1, room);
  const from = Math.max(0, Math.min(selected - Math.floor(most / 2), items.length - most));
  return { from, shown: items.slice(from, from + most) };
}
