/**
 * One question through two to four methods side by side, the vote between them, and a set of questions as a table.
 * Pure: knows the core's events.
 */
import type { Answer, AskEvent, CompareEvent, Hit, SideBySide } from '../../core/index.ts';
import type { Action } from '../keys.ts';
import { edit, emptyField, type Field } from './field.ts';
import { disagreeing, noSet, onSetTyping, type SetState } from './question-set.ts';
import type { Effect } from './types.ts';

export interface MethodColumn {
  method: string;
  status: 'waiting' | 'running' | 'done' | 'failed';
  hits: Hit[];
  /** Ids that no other method has found; known at the end. */
  only: number[];
  ms?: number;
  text: string;
  answer?: Answer;
  failure?: string;
}

export interface CompareRun {
  id: number;
  running: boolean;
  columns: MethodColumn[];
  result?: SideBySide;
  /** The winner is undefined if none was of use. */
  vote?: { winner: string | undefined };
  failure?: { message: string; hint?: string | undefined };
}

export interface CompareState {
  mode: 'columns' | 'picking' | 'set';
  typing: boolean;
  question: Field;
  /** Two to four, in the order they were taken. */
  chosen: string[];
  /** Position in the list of methods while they are picked. */
  at: number;
  answers: boolean;
  run?: CompareRun;
  set: SetState;
}

const LEAST_METHODS = 2;
const MOST_METHODS = 4;
const VOTE_ACTIONS = ['vote-a', 'vote-b', 'vote-c', 'vote-d'] as const;

export const noComparison: CompareState = {
  ...{ mode: 'columns', typing: true, question: emptyField, chosen: ['dense', 'keyword', 'hybrid'] },
  ...{ at: 0, answers: true, set: noSet },
};

export function onCompareEvent(state: CompareState, id: number, event: CompareEvent): CompareState {
  const { run } = state;
  if (run?.id !== id) return state;
  switch (event.type) {
    case 'compare-start':
      return {
        ...state,
        run: {
          ...run,
          columns: event.methods.map(({ method }) => waiting(method)),
        },
      };
    case 'method-start':
      return withColumn(state, run, event.method, (column) => ({ ...column, status: 'running' }));
    case 'method-found':
      return withColumn(state, run, event.method, (column) => ({
        ...column,
        hits: event.hits,
        ms: event.ms,
      }));
    case 'method-answer':
      return withColumn(state, run, event.method, (column) => ({
        ...column,
        text: written(column.text, event.event),
      }));
    case 'method-end': {
      const { method, hits, answer, error, retrieveMs } = event.result;
      return withColumn(state, run, method, (column) => ({
        ...column,
        ...{
          hits,
          ms: retrieveMs,
          status: error === undefined ? 'done' : 'failed',
          text: answer?.text ?? column.text,
        },
        ...(answer && { answer }),
        ...(error && { failure: error.message }),
      }));
    }
    case 'compare-end': {
      const only = new Map(event.result.methods.map((found) => [found.method, found.only]));
      const columns = run.columns.map((column) => ({ ...column, only: only.get(column.method) ?? [] }));
      return { ...state, run: { ...run, columns, result: event.result, running: false } };
    }
  }
}

const waiting = (method: string): MethodColumn => ({
  ...{ method, status: 'waiting', hits: [], only: [], text: '' },
});

function withColumn(
  state: CompareState,
  run: CompareRun,
  method: string,
  change: (column: MethodColumn) => MethodColumn,
): CompareState {
  const columns = run.columns.map((column) => (column.method === method ? change(column) : column));
  return { ...state, run: { ...run, columns } };
}

const written = (text: string, event: AskEvent): string =>
  event.type === 'text-delta' ? text + event.text : event.type === 'answer-end' ? event.answer.text : text;

export function compareFailed(state: CompareState, id: number, message: string, hint?: string): CompareState {
  if (state.run?.id !== id) return state;
  return { ...state, run: { ...state.run, running: false, failure: { message, hint } } };
}

export function onCompareTyping(
  state: CompareState,
  key: string,
  action: Action | undefined,
): [CompareState, Effect[]] {
  if (state.mode === 'set') {
    const [set, effects] = onSetTyping(state.set, key, action, state.chosen);
    return [{ ...state, set }, effects];
  }
  if (action === 'back') return [{ ...state, typing: false }, []];
  if (action !== 'submit') return [{ ...state, question: edit(state.question, key) }, []];
  const question = state.question.text.trim();
  if (question === '') return [state, []];
  const id = (state.run?.id ?? 0) + 1;
  const run: CompareRun = {
    id,
    running: true,
    columns: state.chosen.map(waiting),
  };
  const { chosen: methods, answers } = state;
  return [{ ...state, typing: false, run }, [{ type: 'compare', id, question, methods, answers }]];
}

/** In the list of methods: Space selects one or deselects it. */
export function onPicking(state: CompareState, action: Action, methods: string[]): CompareState {
  const { at, chosen } = state;
  switch (action) {
    case 'up':
    case 'down':
      return { ...state, at: (at + (action === 'up' ? -1 : 1) + methods.length) % methods.length };
    case 'toggle': {
      const method = methods[at];
      if (method === undefined) return state;
      if (!chosen.includes(method))
        return chosen.length >= MOST_METHODS ? state : { ...state, chosen: [...chosen, method] };
      return chosen.length <= LEAST_METHODS
        ? state
        : { ...state, chosen: chosen.filter((other) => other !== method) };
    }
    default:
      return { ...state, mode: 'columns' };
  }
}

export function actOnCompare(state: CompareState, action: Action): [CompareState, Effect[]] {
  const { run, set } = state;
  const vote = (VOTE_ACTIONS as readonly Action[]).indexOf(action);
  if (vote >= 0) {
    const column = run?.columns[vote];
    return column === undefined ? [state, []] : voted(state, column.method);
  }
  switch (action) {
    case 'edit-question':
      return state.mode === 'set'
        ? [{ ...state, set: { ...set, typing: true } }, []]
        : [{ ...state, typing: true }, []];
    case 'pick-methods':
      return [{ ...state, mode: 'picking' }, []];
    case 'question-set':
      return [
        state.mode === 'set'
          ? { ...state, mode: 'columns' }
          : { ...state, mode: 'set', set: { ...set, typing: set.result === undefined } },
        [],
      ];
    case 'vote-none':
      return voted(state, undefined);
    case 'toggle-answers':
      return state.mode === 'set'
        ? [{ ...state, set: { ...set, answers: !set.answers } }, []]
        : [{ ...state, answers: !state.answers }, []];
    case 'sort':
      return [{ ...state, set: { ...set, sort: set.sort + 1 } }, []];
    case 'pair':
      return [
        { ...state, set: { ...set, pair: set.pair + 1, chosen: 0 } },
        disagreeing({ ...set, pair: set.pair + 1 }),
      ];
    case 'down':
    case 'up': {
      const chosen = Math.max(
        0,
        Math.min(set.disagreements.length - 1, set.chosen + (action === 'down' ? 1 : -1)),
      );
      return [{ ...state, set: { ...set, chosen } }, []];
    }
    case 'stop':
      return [state, run?.running || set.running ? [{ type: 'stop-comparing' }] : []];
    default:
      return [state, []];
  }
}

/** One vote per comparison, once all methods are done. */
function voted(state: CompareState, winner: string | undefined): [CompareState, Effect[]] {
  const { run } = state;
  if (run?.result === undefined || run.vote !== undefined) return [state, []];
  return [{ ...state, run: { ...run, vote: { winner } } }, [{ type: 'vote', compared: run.result, winner }]];
}
