/**
 * One question and its answer as it comes: text, citations to walk through, the trace. Pure: knows the core's events.
 */
import type { Answer, AskEvent, Chunk, Citation, Hit, RetrievalTimings } from '../../core/index.ts';
import type { Action } from '../keys.ts';
import { edit, emptyField, type Field } from './field.ts';
import type { Effect } from './types.ts';

export type Prompt = Omit<Extract<AskEvent, { type: 'prompt-sent' }>, 'type'>;

export interface AskRun {
  /** Tells events of this run from those of earlier ones. */
  id: number;
  startedAt: number;
  running: boolean;
  plan: string;
  hits: Hit[];
  retrieveMs?: number;
  timings?: RetrievalTimings;
  /** The language model; absent if the answer is made of quotes. */
  generator?: string | undefined;
  /** What the model was given. */
  prompt?: Prompt;
  text: string;
  citations: Citation[];
  warnings: string[];
  answer?: Answer;
  failure?: { message: string; hint?: string | undefined };
}

export interface AskState {
  typing: boolean;
  question: Field;
  method: string;
  run?: AskRun;
  pane: 'answer' | 'trace' | 'prompt';
  /** Position in the citations, or in the passages if there are none. */
  chosen: number;
  /** Rows of the answer, or of the prompt, that are scrolled past. */
  scroll: number;
  /** The chosen passage with its neighbours. */
  passage?: { chunkId: number; chunks: Chunk[] } | undefined;
}

export const noQuestion: AskState = {
  ...{ typing: true, question: emptyField, method: 'hybrid', pane: 'answer', chosen: 0, scroll: 0 },
};

/** The visible part of `lines`: never past the last. */
export const scrolled = <Item>(lines: Item[], scroll: number, room: number): Item[] => {
  const from = Math.max(0, Math.min(scroll, lines.length - room));
  return lines.slice(from, from + room);
};

/** What up and down step through: the citations, else the passages. */
export function walked({ run }: AskState): { chunkId: number; quote: string }[] {
  if (run === undefined) return [];
  if (run.citations.length > 0) return run.citations;
  return run.hits.map(({ id }) => ({ chunkId: id, quote: '' }));
}

export function onAskEvent(state: AskState, id: number, event: AskEvent): [AskState, Effect[]] {
  const { run } = state;
  if (run?.id !== id) return [state, []];
  const next = { ...state, run: heard(run, event) };
  const first = event.type === 'retrieve-end' || event.type === 'answer-end';
  return first ? choose({ ...next, chosen: 0 }) : [next, []];
}

function heard(run: AskRun, event: AskEvent): AskRun {
  switch (event.type) {
    case 'retrieve-start':
      return { ...run, plan: event.plan };
    case 'retrieve-end':
      return { ...run, hits: event.hits, retrieveMs: event.ms, timings: event.timings };
    case 'generate-start':
      return { ...run, generator: event.generator };
    case 'prompt-sent':
      return { ...run, prompt: { messages: event.messages, tokens: event.tokens } };
    case 'text-delta':
      return { ...run, text: run.text + event.text };
    case 'citation-found':
      return { ...run, citations: [...run.citations, event.citation] };
    case 'warning':
      return { ...run, warnings: [...run.warnings, event.message] };
    case 'answer-end':
      return {
        ...run,
        answer: event.answer,
        text: event.answer.text,
        citations: event.answer.citations,
        running: false,
      };
    default:
      return run;
  }
}

export function askFailed(state: AskState, id: number, message: string, hint?: string): AskState {
  if (state.run?.id !== id) return state;
  return { ...state, run: { ...state.run, running: false, failure: { message, hint } } };
}

/** Where the question is typed: text, Enter asks. */
export function onAskTyping(
  state: AskState,
  key: string,
  action: Action | undefined,
  now: number,
): [AskState, Effect[]] {
  if (action === 'back') return [{ ...state, typing: false }, []];
  if (action !== 'submit') return [{ ...state, question: edit(state.question, key) }, []];
  const question = state.question.text.trim();
  if (question === '') return [state, []];
  const { method } = state;
  const id = (state.run?.id ?? 0) + 1;
  const run: AskRun = {
    ...{ id, startedAt: now, running: true, plan: '' },
    ...{ hits: [], text: '', citations: [], warnings: [] },
  };
  return [
    { ...state, run, typing: false, chosen: 0, scroll: 0, passage: undefined },
    [{ type: 'ask', id, question, method }],
  ];
}

export interface AskFacts {
  /** Names of the methods there are. */
  methods: string[];
  /** Most rows of the open pane that can be scrolled past. */
  lastScroll: () => number;
}

export function actOnAsk(
  state: AskState,
  action: Action,
  { methods, lastScroll }: AskFacts,
): [AskState, Effect[]] {
  const count = walked(state).length;
  const scrolledBy = (rows: number): [AskState, Effect[]] => {
    const last = lastScroll();
    const from = Math.min(state.scroll, last); // the text or the screen may have changed
    return [{ ...state, scroll: Math.max(0, Math.min(from + rows, last)) }, []];
  };
  switch (action) {
    case 'edit-question':
      return [{ ...state, typing: true }, []];
    case 'next-method': {
      const at = methods.indexOf(state.method);
      return [{ ...state, method: methods[(at + 1) % methods.length] ?? state.method }, []];
    }
    case 'trace':
      return [{ ...state, pane: paneAfter(state), scroll: 0 }, []];
    case 'down':
      if (state.pane === 'prompt') return scrolledBy(1);
      return choose({ ...state, chosen: Math.min(count - 1, state.chosen + 1) });
    case 'up':
      if (state.pane === 'prompt') return scrolledBy(-1);
      return choose({ ...state, chosen: Math.max(0, state.chosen - 1) });
    case 'first':
      return choose({ ...state, chosen: 0 });
    case 'last':
      return choose({ ...state, chosen: Math.max(0, count - 1) });
    case 'page-down':
      return scrolledBy(5);
    case 'page-up':
      return scrolledBy(-5);
    case 'stop':
      return [state, state.run?.running ? [{ type: 'stop-asking' }] : []];
    default:
      return [state, []];
  }
}

/** From the answer to the trace, on to the prompt where there is one, and back. */
function paneAfter({ pane, run }: AskState): AskState['pane'] {
  if (pane === 'answer') return 'trace';
  return pane === 'trace' && run?.prompt !== undefined ? 'prompt' : 'answer';
}

/** Requests the chosen passage with its neighbours, unless it is here already. */
function choose(state: AskState): [AskState, Effect[]] {
  const wanted = walked(state)[state.chosen]?.chunkId;
  if (wanted === undefined || state.passage?.chunkId === wanted) return [state, []];
  return [{ ...state, passage: undefined }, [{ type: 'passage', chunkId: wanted }]];
}
