/**
 * The line in which questions wait, are answered and get their end: who is next, what is shown meanwhile, what is stored,
 * and what happens when it must stop. Knows one question's life; nothing about how questions or presses come in.
 */
import { type CoreError, type Settings, toCoreError } from '../../core/index.ts';
import { type Answered, answerQuestion } from '../answer/answering.ts';
import type { LiveBuild } from '../answer/live-build.ts';
import { answered, failed, failureOf, finalView, stopped } from '../answer/outcome.ts';
import { historyOf, questionOf } from '../conversation/history.ts';
import { stopButton } from '../render/buttons.ts';
import { soon } from '../soon.ts';
import type { StoredAnswer, StoredQuestion } from '../state/state.ts';
import type { Place, PlatformName, Request, Surface, View } from '../surface.ts';
import { giveUp, type Job, type JobParts, laneKey, openJob, progressOf, userKey } from './job.ts';
import { openPace } from './pace.ts';
import { openPositions } from './positions.ts';
import { openQueue } from './queue.ts';

export interface LineParts extends JobParts {
  settings: Pick<Settings, 'answersAtOnce' | 'channelMethods' | 'overlap'>;
  live: LiveBuild;
}

export interface Line {
  /** Stores a new question and takes it in; resolves once it is stored and a first view is on its way. */
  add(question: StoredQuestion, surface: Surface): Promise<void>;
  /** Takes in a question that was stored before a restart. */
  resume(question: StoredQuestion, surface: Surface): Promise<void>;
  question(id: string): StoredQuestion | undefined;
  /** Ids of a user's questions that have no end yet. */
  openOf(request: Request): string[];
  /** Whether a question of this thread or DM has no end yet. */
  busyIn(platform: PlatformName, conversation: string): boolean;
  stop(id: string, why: 'stop' | 'forget'): Promise<boolean>;
  /** Seconds until a question asked now would begin; undefined before the first measurement. */
  waitSeconds(): number | undefined;
  waitingOf(request: Request): number;
  drain(ms: number): Promise<void>;
  /** Resolves once the pending views of open questions are shown, or after `ms`. */
  shown(ms: number): Promise<void>;
  counts(): { waiting: number; running: number; answered: number };
}

/** A question that takes longer is given up with an error and a Retry button. */
const DEADLINE_MS = 900_000;
/** The part of the drain's time that is kept for telling people. */
const TELLING_MS = 3_000;

export function openLine(parts: LineParts): Line {
  const { settings, state, live, log } = parts;
  const queue = openQueue<Job>();
  const pace = openPace();
  /** Every question without a visible end, by id. */
  const jobs = new Map<string, Job>();
  const running = new Set<Job>();
  /** Work that a drain waits for. */
  const unfinished = new Set<Promise<void>>();
  let draining = false;
  let ends = 0;

  const track = (work: Promise<void>): Promise<void> => {
    const told = work.catch((error) => logFailure('line-failed', '', toCoreError(error)));
    unfinished.add(told);
    return told.finally(() => unfinished.delete(told));
  };

  const logFailure = (event: string, id: string, { code, message, details }: CoreError) => {
    const stderr = typeof details.stderr === 'string' ? details.stderr.slice(-500) : undefined;
    log(event, { answer: id, code, message: message.slice(0, 300), stderr });
  };

  const enter = async (job: Job): Promise<void> => {
    const replaced =
      settings.overlap === 'replace' ? [...jobs.values()].filter((old) => follows(job, old)) : [];
    jobs.set(job.id, job);
    if (draining) return interrupt(job);
    for (const { id } of replaced) await stop(id, 'stop');
    queue.add(job);
    pump();
  };

  const pump = () => {
    while (!draining && running.size < settings.answersAtOnce) {
      const job = queue.take();
      if (job === undefined) break;
      running.add(job);
      track(run(job)).finally(() => {
        running.delete(job);
        queue.release(job);
        pump();
      });
    }
    positions.refresh();
  };

  const waits = (count: number) => {
    const works = [...running].map((job) => ({ sinceMs: Date.now() - job.startedAt, pieces: job.pieces }));
    return pace.waits(count, works, settings.answersAtOnce);
  };

  const positions = openPositions<Job>({
    order: queue.order,
    waits,
    tell({ id, language, display }, position, waitSeconds) {
      const wait = waitSeconds === undefined ? {} : { waitSeconds };
      display.show({ kind: 'queued', position, ...wait, language, buttons: stopButton(language, id) });
    },
  });

  const run = async (job: Job): Promise<void> => {
    const { id, ask, askedAt } = job.stored;
    const known = { id, ask, language: job.language, at: Date.now() };
    const deadline = setTimeout(() => giveUp(job, 'deadline'), DEADLINE_MS);
    job.startedAt = Date.now();
    log('answer-start', { answer: id, platform: ask.platform, waitedMs: Date.now() - askedAt });
    try {
      const { parent, turns } = await historyOf(state, job.stored);
      const methods = ask.compare ?? [ask.method ?? methodOf(ask.place, settings.channelMethods)];
      const work = { question: questionOf(ask), history: turns, language: job.language, methods };
      const result = await answerQuestion(live, work, progressOf(job), job.controller.signal);
      if (ask.compare === undefined) pace.observe(result);
      logAnswer(id, result);
      await conclude(job, answered({ ...known, ...(parent !== undefined && { parent }) }, result));
    } catch (thrown) {
      const error = toCoreError(thrown);
      if (job.ending === 'drain') return;
      if (job.ending === 'stop' || job.ending === 'forget')
        return await conclude(job, stopped(known, job.text));
      logFailure('answer-failed', id, error);
      await conclude(job, failed(known, failureOf(error, job.writing)));
    } finally {
      clearTimeout(deadline);
    }
  };

  const logAnswer = (id: string, { answers, totalMs, firstMs }: Answered) =>
    log('answer-end', {
      answer: id,
      abstained: answers[0]?.abstained,
      citations: answers[0]?.citations.length,
      totalMs: Math.round(totalMs),
      firstMs: Math.round(firstMs),
    });

  /** Stores a question's outcome; then its slot is free, and the end is shown while the next question runs. */
  const conclude = async (job: Job, outcome: StoredAnswer): Promise<void> => {
    job.concluded = true;
    const view = finalView(outcome);
    let kept = job.ending !== 'forget';
    if (kept)
      await state.putAnswer(outcome).catch((error) => {
        kept = false;
        logFailure('state-failed', job.id, toCoreError(error));
      });
    ends += 1;
    // Buttons without a stored answer would be dead.
    track(deliver(job, outcome, kept ? view : { ...view, buttons: [] }, kept));
  };

  const deliver = async (job: Job, outcome: StoredAnswer, view: View, kept: boolean): Promise<void> => {
    const arrived = await job.display.finish(view);
    log('answer-shown', {
      answer: job.id,
      view: view.kind,
      arrived,
      totalMs: Date.now() - job.stored.askedAt,
    });
    jobs.delete(job.id);
    await job.saving; // before the record of where it is shown is deleted for good
    const forgotten = job.ending === 'forget'; // possibly set after it was stored
    if (kept && !forgotten && arrived === 'delivered')
      await state.placeAnswer(outcome, job.surface.messages());
    // If the platform could not be reached, the next start shows the same end again.
    if (arrived !== 'unreachable') await state.endQuestion(job.stored);
  };

  const interrupt = (job: Job) =>
    job.display.show({ kind: 'interrupted', language: job.language, buttons: [] });

  const stop: Line['stop'] = async (id, why) => {
    const job = jobs.get(id);
    if (job === undefined) return false;
    if (queue.remove(id) === undefined) giveUp(job, why);
    else {
      job.ending = why;
      const { stored, language } = job;
      await conclude(job, stopped({ id, ask: stored.ask, language, at: Date.now() }, ''));
      positions.refresh();
    }
    return true;
  };

  /** Resolves once nothing is unfinished; loops because an answer that was stored still has to be shown. */
  const settled = async (): Promise<void> => {
    while (unfinished.size > 0) await Promise.all(unfinished);
  };

  const shown = async (ms: number): Promise<void> => {
    await soon(Promise.all([...jobs.values()].map((job) => job.display.idle())), ms);
  };

  return {
    shown,
    async add(question, surface) {
      const job = openJob(question, surface, parts);
      const buttons = stopButton(job.language, job.id);
      job.display.show({ kind: 'acknowledged', language: job.language, buttons });
      try {
        await state.putQuestion(question);
      } catch (error) {
        await job.display.idle(); // the surface is free for the error
        throw error;
      }
      log('question-taken', { answer: job.id, platform: question.ask.platform, waiting: queue.size });
      await enter(job);
    },
    async resume(question, surface) {
      if (jobs.has(question.id)) return;
      const job = openJob(question, surface, parts);
      const outcome = await state.answer(question.id);
      log('question-resumed', { answer: job.id, answered: outcome !== undefined });
      if (outcome === undefined) return enter(job);
      jobs.set(job.id, job);
      track(deliver(job, outcome, finalView(outcome), true));
    },
    question: (id) => jobs.get(id)?.stored,
    openOf: (request) =>
      [...jobs.values()].filter(({ user }) => user === userKey(request)).map(({ id }) => id),
    busyIn: (platform, conversation) =>
      [...jobs.values()].some((job) => job.thread === laneKey(platform, conversation)),
    stop,
    waitSeconds: () => waits(queue.size + 1)?.at(-1),
    waitingOf: (request) => queue.waitingOf(userKey(request)),
    async drain(ms) {
      draining = true;
      positions.stop();
      const until = Date.now() + ms;
      for (const job of queue.order()) interrupt(job);
      await soon(settled(), ms - TELLING_MS);
      // People are told at once: the core may take longer to give up than there is time left.
      for (const job of running) {
        if (job.concluded) continue; // what is shown next is its end
        giveUp(job, 'drain');
        if (job.ending === 'drain') interrupt(job);
      }
      await soon(settled(), until - Date.now());
      await shown(until - Date.now());
      log('drained', { kept: jobs.size });
    },
    counts: () => ({ waiting: queue.size, running: running.size, answered: ends }),
  };
}

/** Whether a question follows another by the same person in the same thread or DM. */
function follows(job: Job, old: Job): boolean {
  return job.thread !== undefined && job.thread === old.thread && job.user === old.user;
}

/** The default method of a channel, from settings of the form `CHANNEL=METHOD`. */
function methodOf({ channel }: Place, channelMethods: string[]): string | undefined {
  const own = channelMethods.find((pair) => pair.startsWith(`${channel}=`));
  return own?.slice(channel.length + 1);
}
