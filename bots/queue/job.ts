/**
 * One question while it has no visible end: where it is shown, how far it is, how it is given up.
 * Knows its own surface and record; nothing about the others in the line.
 */
import { type Settings, toCoreError } from '../../core/index.ts';
import type { Progress } from '../answer/answering.ts';
import { type Language, languageOf } from '../phrases/phrases.ts';
import { stopButton } from '../render/buttons.ts';
import type { State, StoredQuestion } from '../state/state.ts';
import type { Log, PlatformName, Request, Surface } from '../surface.ts';
import { type Display, openDisplay } from './display.ts';
import type { Waiting } from './queue.ts';

/** Why a running question is given up. */
export type Ending = 'stop' | 'forget' | 'drain' | 'deadline';

export interface Job extends Waiting {
  /** Key of the thread or DM that it was asked in; absent at a channel's top level. */
  thread: string | undefined;
  stored: StoredQuestion;
  surface: Surface;
  display: Display;
  language: Language;
  controller: AbortController;
  ending?: Ending;
  /** Its outcome is known: only storing and showing it are left, and nothing cancels those. */
  concluded: boolean;
  startedAt: number;
  text: string;
  pieces: number;
  /** Whether it is writing, rather than searching. */
  writing: boolean;
  /** The latest write of where it is shown. */
  saving: Promise<void>;
}

export interface JobParts {
  settings: Pick<Settings, 'overlap'>;
  state: State;
  log: Log;
  /** Least time between two edits on the platform of a request, in ms. */
  editEveryMs(request: Request): number;
}

export function openJob(
  stored: StoredQuestion,
  surface: Surface,
  { settings, state, log, editEveryMs }: JobParts,
): Job {
  const { id, ask, askedAt } = stored;
  const onShown = () => {
    const target = surface.target();
    if (JSON.stringify(target) === JSON.stringify(stored.target)) return;
    stored.target = target;
    job.saving = job.saving
      .then(() => state.putQuestion(stored))
      .catch((error) => log('state-failed', { answer: id, code: toCoreError(error).code }));
  };
  const thread = ask.conversation === undefined ? undefined : laneKey(ask.platform, ask.conversation);
  const job: Job = {
    id,
    thread,
    user: userKey(ask),
    askedAt,
    lane: settings.overlap === 'together' ? undefined : thread,
    stored,
    surface,
    display: openDisplay(surface, { answerId: id, everyMs: editEveryMs(ask), log, onShown }),
    language: languageOf(ask.locale),
    controller: new AbortController(),
    concluded: false,
    startedAt: 0,
    text: '',
    pieces: 0,
    writing: false,
    saving: Promise.resolve(),
  };
  return job;
}

/** Gives a running job up; the first reason counts. */
export function giveUp(job: Job, ending: Ending): void {
  job.ending ??= ending;
  job.controller.abort(toCoreError(new DOMException(ending, 'AbortError')));
}

/** Shows an answer's progress on the job's surface, until the job is given up. */
export function progressOf(job: Job): Progress {
  const { id, language, display } = job;
  const buttons = stopButton(language, id);
  let searched: { searchedFor?: string } = {};
  return {
    stage(stage, searchedFor) {
      searched = searchedFor === undefined ? {} : { searchedFor };
      job.writing = stage === 'write';
      if (job.ending !== undefined) return;
      display.show({ kind: 'stage', stage, language, buttons, ...searched });
    },
    text(text, pieces) {
      Object.assign(job, { text, pieces });
      if (text !== '' && job.ending === undefined)
        display.show({ kind: 'partial', text, language, buttons, ...searched });
    },
  };
}

export function userKey({ platform, user }: Pick<Request, 'platform' | 'user'>): string {
  return `${platform}:${user}`;
}

export function laneKey(platform: PlatformName, conversation: string): string {
  return `${platform}:${conversation}`;
}
