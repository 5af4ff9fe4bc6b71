/**
 * What was asked in chats, in the order an admin wants to see it. Pure: knows rows of the core.
 */
import type { TrafficRow } from '../../core/index.ts';
import type { Action } from '../keys.ts';
import { emptyList, filtered, isMove, type List, move, within } from './list.ts';
import type { Effect } from './types.ts';

export interface TrafficState {
  list: List;
  rows: TrafficRow[];
  /** Trouble first, or the newest first. */
  order: 'trouble' | 'newest';
  /** The chosen one is shown with its trace. */
  open: boolean;
}

export const noTraffic: TrafficState = { list: emptyList, rows: [], order: 'trouble', open: false };

/** How urgently a row needs a look. */
function trouble({ outcome, verdict }: TrafficRow): number {
  if (outcome === 'error') return 4;
  if (verdict === 'not helpful') return 3;
  if (outcome === 'stopped') return 2;
  return outcome === 'not-found' ? 1 : 0;
}

export const msOf = ({ answer }: TrafficRow): number | undefined => answer?.timings.totalMs;

/** Most trouble first, then the slowest; or the newest first. As the filter leaves them. */
export function trafficRows({ rows, list, order }: TrafficState): TrafficRow[] {
  const sorted = [...rows].sort((a, b) =>
    order === 'newest' ? b.at - a.at : trouble(b) - trouble(a) || (msOf(b) ?? 0) - (msOf(a) ?? 0),
  );
  return filtered(list, sorted, ({ question, platform, outcome, verdict = '' }) =>
    [question, platform, outcome, verdict].join(' '),
  );
}

export function withRows(state: TrafficState, rows: TrafficRow[]): TrafficState {
  const next = { ...state, rows };
  return { ...next, list: within(state.list, trafficRows(next).length) };
}

export function actOnTraffic(state: TrafficState, action: Action): [TrafficState, Effect[]] {
  const rows = trafficRows(state);
  if (isMove(action)) return [{ ...state, list: move(state.list, action, rows.length) }, []];
  switch (action) {
    case 'open':
      return [{ ...state, open: !state.open && rows.length > 0 }, []];
    case 'order':
      return [
        {
          ...state,
          order: state.order === 'newest' ? 'trouble' : 'newest',
          list: { ...state.list, selected: 0 },
        },
        [],
      ];
    case 'export':
      return [state, rows.length === 0 ? [] : [{ type: 'export-traffic', rows }]];
    default:
      return [state, []];
  }
}
