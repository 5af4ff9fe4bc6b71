/**
 * Holds the console's state between messages and what is drawn: keys show at once, events a few times a second.
 * Knows when; what follows from a message is view-state.ts's.
 */
import type { Effect, Message, ViewState } from './state/types.ts';
import { update } from './view-state.ts';

export interface Store {
  state(): ViewState;
  send(message: Message): void;
  /** Calls `listener` when it is time to draw; the returned function ends that. */
  subscribe(listener: () => void): () => void;
  close(): void;
}

/** Events are drawn this often at most: as often as a person reads, and cheap while a thousand a second come. */
const DRAW_MS = 250;

/** @param effects carries out what a message asks for */
export function openStore(first: ViewState, effects: (effect: Effect) => void): Store {
  let state = first;
  let drawn = first;
  let timer: NodeJS.Timeout | undefined;
  const listeners = new Set<() => void>();
  const draw = () => {
    clearTimeout(timer);
    timer = undefined;
    if (drawn === state) return;
    drawn = state;
    for (const listener of listeners) listener();
  };
  return {
    state: () => drawn,
    send(message) {
      const [next, wanted] = update(state, message);
      state = next;
      if (message.type === 'key' || message.type === 'resize') draw();
      else if (state !== drawn) timer ??= setTimeout(draw, DRAW_MS);
      for (const effect of wanted) effects(effect);
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    close: () => clearTimeout(timer),
  };
}
