/**
 * What was said before a question: the chain of answers that it follows, by form, reply or thread.
 * Knows stored answers; nothing about queues or surfaces.
 */
import type { Turn } from '../../core/index.ts';
import type { State, StoredAnswer, StoredQuestion } from '../state/state.ts';
import type { Ask } from '../surface.ts';

const TURNS = 3;

export interface History {
  /** The answer that the question follows. */
  parent?: string;
  /** Oldest first: at most three, then the message that a menu command was used on. */
  turns: Turn[];
}

/** The question in the user's words, or the message that a menu command was used on if there are none. */
export function questionOf({ text, about }: Ask): string {
  return text.trim() === '' ? (about ?? '').trim() : text.trim();
}

/** History is looked up when a question's turn comes: what it follows may just have been answered. */
export async function historyOf(state: State, { ask, parent }: StoredQuestion): Promise<History> {
  const first = parent === undefined ? await newestBefore(state, ask) : (parent ?? undefined);
  const turns: Turn[] = [];
  for (let id = first; id !== undefined && turns.length < TURNS; ) {
    const earlier: StoredAnswer | undefined = await state.answer(id);
    // What was private to one person is not part of anyone else's history.
    if (earlier === undefined || (earlier.ask.private === true && earlier.ask.user !== ask.user)) break;
    turns.unshift(turnOf(earlier));
    id = earlier.parent;
  }
  if (ask.about !== undefined && ask.text.trim() !== '') turns.push({ question: ask.about, answer: '' });
  return { turns, ...(first !== undefined && { parent: first }) };
}

async function newestBefore(state: State, ask: Ask): Promise<string | undefined> {
  const { platform, follows, repliesTo, conversation } = ask;
  if (follows !== undefined) return follows;
  const replied = repliesTo === undefined ? undefined : await state.answerOfMessage(platform, repliesTo);
  if (replied !== undefined || conversation === undefined) return replied;
  return state.latestAnswer(platform, conversation);
}

function turnOf({ ask, searchedFor, answer }: StoredAnswer): Turn {
  const topic = answer?.citations[0]?.title;
  return {
    question: searchedFor ?? questionOf(ask),
    answer: answer?.text ?? '',
    ...(topic !== undefined && { topic }),
  };
}
