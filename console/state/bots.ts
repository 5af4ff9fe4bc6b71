/**
 * The state of the bots that run as the console's child, from the events they log. A pure fold.
 */
export interface BotsView {
  status: 'starting' | 'ready' | 'ended';
  /** Why they ended. */
  ending?: string;
  platforms: string[];
  /** Questions taken whose final view is not shown yet. */
  waiting: number;
  answered: number;
  failed: number;
  /** When the questions of the last minute came, ms since 1970. */
  recent: number[];
  /** Their last lines that were not events: a failure and how to fix it. */
  said: string[];
}

export const startingBots: BotsView = {
  ...{ status: 'starting', platforms: [], waiting: 0, answered: 0, failed: 0, recent: [], said: [] },
};

const MINUTE_MS = 60_000;
const SAID = 4;

export function hearBots(
  bots: BotsView,
  event: string,
  fields: Record<string, unknown>,
  at: number,
): BotsView {
  switch (event) {
    case 'platform-ready':
      return { ...bots, platforms: [...new Set([...bots.platforms, String(fields.platform)])] };
    case 'bots-ready':
      return { ...bots, status: 'ready' };
    case 'question-resumed':
      return { ...bots, waiting: bots.waiting + 1 };
    case 'question-taken':
      return {
        ...bots,
        waiting: bots.waiting + 1,
        recent: [...bots.recent.filter((time) => at - time < MINUTE_MS), at],
      };
    case 'answer-shown': {
      if (fields.arrived === 'unreachable') return bots; // it waits for the next start, which shows its end
      const failed = fields.view === 'error';
      return {
        ...bots,
        waiting: Math.max(0, bots.waiting - 1),
        answered: bots.answered + (failed ? 0 : 1),
        failed: bots.failed + (failed ? 1 : 0),
      };
    }
    default:
      return bots;
  }
}

export const botsSaid = (bots: BotsView, line: string): BotsView => ({
  ...bots,
  said: [...bots.said, line].slice(-SAID),
});

/** The bots once their process is gone; if they failed, their last lines say why. */
export const endedBots = (
  bots: BotsView,
  { status, signal }: { status: number; signal?: string },
): BotsView => ({
  ...bots,
  status: 'ended',
  waiting: 0,
  ending:
    signal === undefined ? bots.said.slice(-2).join(' ') || `exit status ${status}` : `killed by ${signal}`,
});

export const perMinute = ({ recent }: BotsView, now: number): number =>
  recent.filter((time) => now - time < MINUTE_MS).length;
