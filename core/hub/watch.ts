/**
 * A signal that aborts when the caller's does, or when something expected takes too long. Knows time only.
 */

/** What did not happen in time. */
export interface Late {
  what: 'answer' | 'body';
  ms: number;
}

export interface Watch {
  signal: AbortSignal;
  /** Set once a limit has run out. */
  late: Late | undefined;
  /** Expects the next thing within `ms` from now; replaces the previous expectation. */
  expect(ms: number, what: Late['what']): void;
  /** Expects nothing for now. */
  rest(): void;
}

export function startWatch(caller: AbortSignal | undefined): Watch {
  const controller = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const watch: Watch = {
    signal: caller ? AbortSignal.any([caller, controller.signal]) : controller.signal,
    late: undefined,
    expect(ms, what) {
      clearTimeout(timer);
      timer = setTimeout(() => {
        watch.late = { what, ms };
        controller.abort();
      }, ms);
    },
    rest: () => clearTimeout(timer),
  };
  return watch;
}
