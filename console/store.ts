/**
 * Holds the console's state, and decides when it is drawn: keys show at once, events a few times a second.
 * Knows when; view-state.ts knows what follows from a message.
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

/** Longest delays before drawing: for answers to what was asked, and for what is only watched, which costs less. */
const DRAW_MS = { answered: 100, watched: 500 };
const WATCHED: Message['type'][] = ['run', 'builds', 'processes', 'traffic', 'tick', 'bots-event'];

/** @param effects carries out what a message asks for */
export function openStore(first: ViewState, effects: (effect: Effect) => void): Store {
  let state = first;
  let drawn = first;
  let timer: NodeJS.Timeout | undefined;
  let due = 0;
  const listeners = new Set<() => void>();
  const draw = () => {
    clearTimeout(timer);
    timer = undefined;
    if (drawn === state) return;
    drawn = state;
    for (const listener of listeners) listener();
  };
  const drawWithin = (ms: number) => {
    const at = performance.now() + ms;
    if (timer !== undefined && due <= at) return;
    clearTimeout(timer);
    due = at;
    timer = setTimeout(draw, ms);
  };
  return {
    state: () => drawn,
    send(message) {
      const [next, wanted] = update(state, message);
      state = next;
      if (message.type === 'key' || message.type === 'resize') draw();
      else if (state !== drawn)
        drawWithin(WATCHED.includes(message.type) ? DRAW_MS.watched : DRAW_MS.answered);
      for (const effect of wanted) effects(effect);
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    close: () => clearTimeout(timer),
  };
}
