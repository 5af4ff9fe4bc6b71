/**
 * What a pressed button or a sent form does. Knows stored answers and views; is given how to ask or stop a question.
 */

import { finalView } from '../answer/outcome.ts';
import { type Language, languageOf, type Phrase, say } from '../phrases/phrases.ts';
import { pageButtons } from '../render/buttons.ts';
import type { Feedback } from '../state/feedback.ts';
import { pseudonym, type State, type StoredAnswer } from '../state/state.ts';
import type { Ask, Press, PressSurfaces, Request, Surface, View } from '../surface.ts';
import type { Refusal } from './access.ts';

export interface PressParts {
  state: State;
  feedback: Feedback;
  refusal(request: Request): Refusal | undefined;
  /** Asks; `parent` is the answer that the question follows, null for none. A refusal is shown on `refusals`. */
  ask(ask: Ask, surface: Surface, parent: string | null, refusals: Surface): Promise<void>;
  /** Ends an open question; false if it has ended already. */
  stop(id: string, why: 'stop' | 'forget'): Promise<boolean>;
  openQuestion(id: string): { ask: Ask } | undefined;
  /** Ids of a user's open questions. */
  openOf(request: Request): string[];
  /** Shows the view that ends the press, retrying if that may help. */
  tell(press: Press, surface: Surface, view: View): Promise<void>;
}

const PAGE = 3;
/** Discord accepts files of up to 10 MiB. */
const EXPORT_BYTES = 8_000_000;

/** Handles one press; throws on failure, which the caller shows to the person. */
export async function answerPress(press: Press, surfaces: PressSurfaces, parts: PressParts): Promise<void> {
  const language = languageOf(press.locale);
  const notice = (phrase: Phrase, values: Record<string, string | number> = {}) =>
    parts.tell(press, surfaces.private, {
      kind: 'notice',
      sentence: say(language, phrase, values),
      language,
      buttons: [],
    });
  const { action } = press;

  if (action.name === 'export')
    return parts.tell(press, surfaces.private, await exportView(press, language, parts));
  if (action.name === 'forget') return notice('noticeForgotten', { count: await forget(press, parts) });
  const barred = parts.refusal(press);
  if (barred !== undefined) return notice(barred.phrase);
  if (action.name === 'stop') {
    const open = parts.openQuestion(action.answer);
    if (open === undefined) return notice('noticeEnded');
    if (!isAsker(press, open.ask)) return notice('noticeNotYours');
    await parts.stop(action.answer, 'stop');
    return;
  }

  const stored = await parts.state.answer(action.answer);
  if (stored === undefined) return notice('noticeGone');
  const unseen = stored.ask.private === true && stored.shared !== true;
  const ownOnly = action.name === 'retry' || action.name === 'share' || unseen;
  if (ownOnly && !isAsker(press, stored.ask)) return notice('noticeNotYours');
  // What is asked from a private message stays private, even if its answer was shared since.
  const fresh = press.hidden ? surfaces.private : surfaces.public;

  switch (action.name) {
    case 'passages':
      return parts.tell(press, surfaces.private, passagesView(stored, 0, language));
    case 'turn':
      return parts.tell(press, surfaces.here, passagesView(stored, action.page, language));
    case 'retry': {
      // An answer stays beside its retry; an error or a stopped text is replaced by it.
      const inPlace = stored.outcome === 'error' || stored.outcome === 'stopped';
      const again = { ...stored.ask, ...eventOf(press), roles: press.roles, private: press.hidden };
      return parts.ask(again, inPlace ? surfaces.here : fresh, stored.parent ?? null, surfaces.private);
    }
    case 'follow-up':
      return parts.ask(followUp(press, stored, press.text ?? ''), fresh, stored.id, surfaces.private);
    case 'related':
    case 'nearest': {
      const chosen = stored[action.name][action.index];
      if (chosen === undefined) return notice('noticeGone');
      const text = action.name === 'related' ? chosen : say(language, 'nearestQuestion', { title: chosen });
      return parts.ask(followUp(press, stored, text), fresh, null, surfaces.private);
    }
    case 'share': {
      const view = finalView(stored);
      if (view.kind !== 'answer') return notice('noticeGone');
      if (!(await parts.state.once('share', stored.id))) return notice('noticeShared');
      const buttons = view.buttons.filter(
        ({ action: { name } }) => name === 'passages' || name === 'follow-up',
      );
      const published: StoredAnswer = { ...stored, shared: true };
      await parts.state.putAnswer(published);
      await parts.tell(press, surfaces.public, { ...view, buttons, sharedBy: press.user });
      await parts.state.placeAnswer(published, surfaces.public.messages());
      return notice('noticeShared');
    }
    case 'helpful':
    case 'unhelpful': {
      const { platform, user } = press;
      const verdict = { helpful: action.name === 'helpful', reason: press.text ?? '', platform, user };
      if (await parts.state.once('verdict', pseudonym(platform, user), stored.id, action.name))
        await parts.feedback.add(stored, verdict);
      return notice('noticeThanks');
    }
  }
}

function isAsker(press: Press, ask: Ask): boolean {
  return press.platform === ask.platform && press.user === ask.user;
}

function eventOf({ platform, event, user, place, locale }: Press): Omit<Request, 'roles'> {
  return { platform, event, user, place, locale };
}

/** A question in the conversation of an earlier answer, with its method and language. */
function followUp(press: Press, { ask }: StoredAnswer, text: string): Ask {
  return {
    ...eventOf(press),
    roles: press.roles,
    text,
    ...(ask.conversation !== undefined && { conversation: ask.conversation }),
    private: press.hidden,
    ...(ask.method !== undefined && { method: ask.method }),
    ...(ask.language !== undefined && { language: ask.language }),
  };
}

function passagesView(stored: StoredAnswer, wanted: number, language: Language): View {
  const pages = Math.max(1, Math.ceil(stored.passages.length / PAGE));
  const page = Math.min(wanted, pages - 1);
  return {
    kind: 'passages',
    answerId: stored.id,
    page,
    pages,
    hits: stored.passages.slice(page * PAGE, (page + 1) * PAGE),
    language,
    buttons: pageButtons(language, stored.id, page, pages),
  };
}

/** All that is stored about the presser, one row per line: verdicts, answers, open questions; the last that fit. */
async function exportView(press: Press, language: Language, { state, feedback }: PressParts): Promise<View> {
  const { platform, user } = press;
  const stored = (await state.exportUser(platform, user)).map((row) => JSON.stringify(row));
  const rows: string[] = [];
  let bytes = 0;
  for (const row of [...(await feedback.rowsOf(platform, user)), ...stored].reverse()) {
    bytes += Buffer.byteLength(row) + 1;
    if (bytes > EXPORT_BYTES) break;
    rows.unshift(row);
  }
  return {
    kind: 'export',
    filename: 'footnote-data.jsonl',
    content: `${rows.join('\n')}\n`,
    language,
    buttons: [],
  };
}

/** Ends the presser's open questions and deletes all that is stored about them; returns how many answers there were. */
async function forget(press: Press, { state, feedback, stop, openOf }: PressParts): Promise<number> {
  const { platform, user } = press;
  for (const id of openOf(press)) await stop(id, 'forget');
  // Others' verdicts contain the question too; they go first, while the answers still tell which they are.
  await feedback.forget(platform, user, await state.answersOf(platform, user));
  return state.forgetUser(platform, user);
}
