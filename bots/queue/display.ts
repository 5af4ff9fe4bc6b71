/**
 * Shows one question's views on its surface at a pace that the platform allows: one edit in flight, the newest view wins,
 * the last view always delivered. Knows time and failures; nothing about what a view says.
 */
import { setTimeout as delay } from 'node:timers/promises';
import pRetry from 'p-retry';
import { toCoreError } from '../../core/index.ts';
import { drawing } from '../event-loop.ts';
import type { Log, Surface, View } from '../surface.ts';

export interface Display {
  /** Shows the view as soon as the pace allows, unless a newer one comes first. Never fails. */
  show(view: View): void;
  /**
   * Shows the view that ends the question, retrying for minutes. `unreachable`: trying later may help; `gone`: never.
   */
  finish(view: View): Promise<'delivered' | 'unreachable' | 'gone'>;
  /** Resolves once the views given to `show` are shown or given up. */
  idle(): Promise<void>;
}

export interface DisplaySettings {
  answerId: string;
  /** Least time between two views, in ms. */
  everyMs: number;
  log: Log;
  /** Called after each view that arrived: the surface may have moved to a new message. */
  onShown?: () => void;
  /** Attempts for the last view, and the waits between them in ms. */
  retry?: { retries: number; minTimeout: number; maxTimeout: number };
}

/** About three minutes in all. */
const RETRY = { retries: 8, minTimeout: 1_000, maxTimeout: 60_000 };
const LONGEST_COOL_OFF = 60_000;

export function openDisplay(surface: Surface, settings: DisplaySettings): Display {
  const { answerId, everyMs, log, onShown } = settings;
  let next: View | undefined;
  let running: Promise<void> | undefined;
  let notBefore = 0;
  let ended = false;
  const ending = new AbortController();

  const coolOff = (error: unknown) => {
    const { details, code } = toCoreError(error);
    const asked = Number(details.retryAfterMs ?? 0);
    notBefore = Date.now() + Math.min(Math.max(asked, 2 * everyMs), LONGEST_COOL_OFF);
    return { code, asked };
  };

  /** Shows what is newest until there is nothing new. */
  const work = async (): Promise<void> => {
    while (next !== undefined && !ended) {
      const wait = notBefore - Date.now();
      if (wait > 0) await delay(wait, undefined, { signal: ending.signal }).catch(() => undefined);
      await drawing();
      if (ended) return;
      const view = next;
      next = undefined;
      try {
        await surface.show(view);
        notBefore = Date.now() + everyMs; // from its arrival: a slow platform is not called more often
        onShown?.();
      } catch (error) {
        log('view-failed', { answer: answerId, view: view.kind, code: coolOff(error).code });
      }
    }
  };

  return {
    show(view) {
      if (ended) return;
      next = view;
      running ??= work().finally(() => {
        running = undefined;
      });
    },
    idle: async () => running,
    async finish(view) {
      if (ended) return 'gone';
      ended = true;
      ending.abort();
      await running;
      try {
        await pRetry(() => surface.show(view), {
          factor: 2,
          ...RETRY,
          ...settings.retry,
          shouldRetry: ({ error }) => toCoreError(error).retryable,
          async onFailedAttempt({ error, attemptNumber: attempt }) {
            const { code, asked } = coolOff(error);
            log('view-failed', { answer: answerId, view: view.kind, code, attempt });
            if (asked > 0) await delay(Math.min(asked, LONGEST_COOL_OFF));
          },
        });
        onShown?.();
        return 'delivered';
      } catch (error) {
        return toCoreError(error).retryable ? 'unreachable' : 'gone';
      }
    },
  };
}
