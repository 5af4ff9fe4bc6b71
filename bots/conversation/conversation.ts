/**
 * The conversation behind every platform: takes each event once, and turns questions, presses and commands into views.
 * Knows what is asked and where it is shown; nothing about a vendor, and loads no native module.
 */
import { type CoreError, type Settings, toCoreError } from '../../core/index.ts';
import type { LiveBuild } from '../answer/live-build.ts';
import { intake } from '../event-loop.ts';
import { languageOf, say } from '../phrases/phrases.ts';
import { openDisplay } from '../queue/display.ts';
import { type Line, openLine } from '../queue/line.ts';
import { formOf } from '../render/buttons.ts';
import { soon } from '../soon.ts';
import type { Feedback } from '../state/feedback.ts';
import { newId, SETTLED, type State } from '../state/state.ts';
import type { Ask, Conversation, Log, Platform, PlatformName, Request, Surface, View } from '../surface.ts';
import { openAccess } from './access.ts';
import { refusalOf } from './admission.ts';
import { aboutView, privacyView, suggestTitles } from './information.ts';
import { answerPress } from './presses.ts';

export interface ConversationParts {
  settings: Settings;
  state: State;
  live: LiveBuild;
  feedback: Feedback;
  log: Log;
}

export interface RunningConversation extends Conversation {
  /**
   * Begins no more answers, gives what runs most of `ms` to end, and tells everyone else that their question is kept.
   * Resolves once all of that is shown or the time is over.
   */
  drain(ms: number): Promise<void>;
  counts(): ReturnType<Line['counts']>;
}

const EDIT_MS = 1_250;
/** Longer questions are cut before they are stored; the core cuts them further. */
const QUESTION_CHARACTERS = 4_000;

export function openConversation(parts: ConversationParts): RunningConversation {
  const { settings, state, live, log } = parts;
  const platforms = new Map<PlatformName, { platform: Platform; resumed: Promise<void> }>();
  /** Events that are being handled right now, by platform and id. */
  const arriving = new Map<string, Promise<void>>();
  let lastAskedAt = 0;
  const editEveryMs = ({ platform }: Request) => platforms.get(platform)?.platform.editEveryMs ?? EDIT_MS;
  const access = openAccess(settings, state);
  const line = openLine({ ...parts, editEveryMs });

  const tell = async (request: Request, surface: Surface, view: View, id = newId()): Promise<void> => {
    const show = (shown: View) =>
      openDisplay(surface, { answerId: id, everyMs: editEveryMs(request), log }).finish(shown);
    // If the platform refuses a file, the person still sees an error.
    if ((await show(view)) === 'gone' && view.kind === 'export') await show(failed(request, id));
  };

  /** Handles an event; if it fails, shows the person an error with a reference. */
  const handle = async (request: Request, surface: Surface, work: () => Promise<void>): Promise<void> => {
    const event = `${request.platform}:${request.event}`;
    if (arriving.has(event)) return log('event-repeated', { platform: request.platform });
    const handled = told(request, surface, work).finally(() => arriving.delete(event));
    arriving.set(event, handled);
    return handled;
  };

  const told = async (request: Request, surface: Surface, work: () => Promise<void>): Promise<void> => {
    try {
      await work();
    } catch (thrown) {
      const id = newId();
      const { code, message }: CoreError = toCoreError(thrown);
      log('event-failed', { answer: id, platform: request.platform, code, message: message.slice(0, 300) });
      await tell(request, surface, failed(request, id), id);
    }
  };

  /** Takes a question unless it was taken before. */
  const take = async (
    incoming: Ask,
    surface: Surface,
    parent?: string | null,
    refusals = surface,
  ): Promise<void> => {
    const ask = clip(incoming);
    const language = languageOf(ask.locale);
    const own = newId();
    const askedAt = Math.max(Date.now(), lastAskedAt + 1); // unique, so that the order is unambiguous
    lastAskedAt = askedAt;
    await intake();
    await platforms.get(ask.platform)?.resumed;
    const id = await state.claim(ask.platform, ask.event, own);
    // An id without question and answer was claimed just before a crash: its question is taken now.
    const handled =
      id === SETTLED ||
      (id !== own && (line.question(id) !== undefined || (await state.answer(id)) !== undefined));
    if (handled) return log('event-repeated', { platform: ask.platform });
    const crowd = {
      waiting: line.counts().waiting,
      waitingOfUser: line.waitingOf(ask),
      waitSeconds: line.waitSeconds(),
    };
    const sentence = await refusalOf(ask, language, { access, live, crowd });
    if (sentence === undefined)
      return line.add(
        { id, ask, target: surface.target(), askedAt, ...(parent !== undefined && { parent }) },
        surface,
      );
    await state.settle(ask.platform, ask.event);
    log('question-refused', { answer: id, platform: ask.platform });
    await tell(ask, refusals, { kind: 'refused', sentence, language, buttons: [] }, id);
  };

  /** Claims an event that is handled at once; false if it was claimed before. */
  const first = async ({ platform, event }: Request): Promise<boolean> => {
    const own = newId();
    if ((await state.claim(platform, event, own)) !== own) {
      log('event-repeated', { platform });
      return false;
    }
    return true;
  };

  return {
    async attach(platform) {
      const resume = async () => {
        for await (const question of state.openQuestions(platform.name))
          await line.resume(question, platform.open(question.target));
      };
      const resumed = resume().catch((error) =>
        log('resume-failed', { message: toCoreError(error).message }),
      );
      platforms.set(platform.name, { platform, resumed });
      await resumed;
    },
    ask: (ask, surface) => handle(ask, surface, () => take(ask, surface)),
    press: (press, surfaces) =>
      handle(press, surfaces.private, async () => {
        // A press that asks a question is claimed as that question, so that a crash in between loses nothing.
        const asks = ['retry', 'follow-up', 'related', 'nearest'].includes(press.action.name);
        if (!asks && !(await first(press))) return;
        await answerPress(press, surfaces, {
          ...parts,
          refusal: access.refusal,
          ask: take,
          stop: line.stop,
          openQuestion: line.question,
          openOf: line.openOf,
          tell,
        });
      }),
    command: (command, surface) =>
      handle(command, surface, async () => {
        if (!(await first(command))) return;
        const language = languageOf(command.locale);
        const about = command.name === 'about';
        await tell(
          command,
          surface,
          about ? await aboutView(live, language) : privacyView(language, settings.keepDays),
        );
      }),
    form: formOf,
    knows: async (platform, conversation) =>
      line.busyIn(platform, conversation) ||
      (await state.latestAnswer(platform, conversation).catch(() => undefined)) !== undefined,
    titles: (typed, limit) => suggestTitles(live, typed, limit),
    async drain(ms) {
      const until = Date.now() + ms;
      await intake(); // after the events that have come already
      // People whose events are still being handled at the end are told too.
      await Promise.all([line.drain(ms), soon(Promise.allSettled([...arriving.values()]), ms)]);
      await line.shown(until - Date.now());
    },
    counts: line.counts,
  };
}

function clip(ask: Ask): Ask {
  const short = (text: string) => text.slice(0, QUESTION_CHARACTERS).toWellFormed();
  return { ...ask, text: short(ask.text), ...(ask.about !== undefined && { about: short(ask.about) }) };
}

/** What a person sees when something went wrong; `id` finds its log line. */
function failed({ locale }: Request, id: string): View {
  const language = languageOf(locale);
  return { kind: 'error', sentence: say(language, 'errorOther'), reference: id, language, buttons: [] };
}
