/**
 * The queue's visible side: tells the people waiting when their place changes, without flooding a platform.
 * Knows places and times; nothing about questions or views.
 */

/** Changes are gathered this long before people are told, in ms. */
const GATHER_MS = 100;
/** The first `NEAR` places are told of every change, the others at most every `FAR_MS`. */
const NEAR = 3;
const FAR_MS = 15_000;

export interface Positions {
  /** Says that places may have changed. */
  refresh(): void;
  stop(): void;
}

export function openPositions<T extends object>(parts: {
  /** Who waits, next one first. */
  order(): T[];
  /** Seconds until each of the first `count` begins; undefined where nothing was measured. */
  waits(count: number): number[] | undefined;
  /** `position` counts from 1. */
  tell(waiting: T, position: number, waitSeconds: number | undefined): void;
}): Positions {
  const told = new WeakMap<T, { position: number; at: number }>();
  let gathering: NodeJS.Timeout | undefined;
  let stopped = false;

  const tellAll = () => {
    gathering = undefined;
    const order = parts.order();
    const waits = parts.waits(order.length);
    order.forEach((waiting, ahead) => {
      const position = ahead + 1;
      const last = told.get(waiting);
      const due = last === undefined || position <= NEAR || Date.now() - last.at >= FAR_MS;
      if (last?.position === position || !due) return;
      told.set(waiting, { position, at: Date.now() });
      parts.tell(waiting, position, waits?.[ahead]);
    });
  };

  return {
    refresh() {
      if (!stopped) gathering ??= setTimeout(tellAll, GATHER_MS);
    },
    stop() {
      stopped = true;
      clearTimeout(gathering);
    },
  };
}
