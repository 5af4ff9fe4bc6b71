/**
 * One question from the queue to the core's answer: history, stand-alone question, the core's events as stages and text,
 * one more attempt after a crash. Knows the core; nothing about queues, surfaces or platforms.
 */
import {
  type Answer,
  type AskEvent,
  type FollowUp,
  type Hit,
  type SearchRequest,
  type SearchResult,
  type Turn,
  toCoreError,
} from '../../core/index.ts';
import type { LiveBuild, OpenBuild } from './live-build.ts';

/** How an open build is asked. */
export interface Core {
  ask(build: OpenBuild, request: SearchRequest, signal?: AbortSignal): AsyncGenerator<AskEvent, Answer>;
  standalone(build: OpenBuild, followUp: FollowUp, signal?: AbortSignal): Promise<string>;
  search(build: OpenBuild, request: SearchRequest, signal?: AbortSignal): Promise<SearchResult>;
  titles(build: OpenBuild, typed: string, k: number, signal?: AbortSignal): Promise<string[]>;
}

/** The core in the build's own process, so that nothing heavy runs in this one. */
export const CORE: Core = {
  ask: (build, request, signal) => build.ask(request, signal),
  standalone: (build, followUp, signal) => build.standalone(followUp, signal),
  search: (build, request, signal) => build.search(request, signal),
  titles: (build, typed, k, signal) => build.titles(typed, k, signal),
};

export interface Work {
  question: string;
  /** Oldest first. */
  history: Turn[];
  /** BCP 47 tag of the question, as far as the user's locale tells. */
  language: string;
  /** One, or the two to compare; undefined stands for the settings' own. */
  methods: (string | undefined)[];
}

export interface Progress {
  stage(stage: 'search' | 'read' | 'write', searchedFor: string | undefined): void;
  /** All text so far; empty again after a crash. */
  text(text: string, pieces: number): void;
}

export interface Answered {
  /** In the order of `Work.methods`. */
  answers: Answer[];
  hits: Hit[];
  searchedFor: string | undefined;
  firstMs: number;
  totalMs: number;
  pieces: number;
}

const PARTIAL_CHARACTERS = 20_000;

/** Throws a CoreError: the signal's reason, or what failed twice where trying again could help. */
export async function answerQuestion(
  core: Core,
  live: LiveBuild,
  work: Work,
  progress: Progress,
  signal: AbortSignal,
): Promise<Answered> {
  for (let attempt = 1; ; attempt++) {
    const lease = await live.lease();
    try {
      return await attemptOnce(core, lease.build, work, progress, signal);
    } catch (error) {
      if (signal.aborted || attempt === 2 || !toCoreError(error).retryable) throw toCoreError(error);
      progress.text('', 0);
    } finally {
      lease.release();
    }
  }
}

async function attemptOnce(
  core: Core,
  build: OpenBuild,
  work: Work,
  progress: Progress,
  signal: AbortSignal,
): Promise<Answered> {
  const started = performance.now();
  progress.stage('search', undefined);
  const { history, language } = work;
  const asked = { question: work.question, history, language };
  const question = history.length === 0 ? work.question : await core.standalone(build, asked, signal);
  const searchedFor = question === work.question ? undefined : question;
  const answered: Answered = { answers: [], hits: [], searchedFor, firstMs: 0, totalMs: 0, pieces: 0 };
  for (const method of work.methods) {
    let text = '';
    const onEvent = (event: AskEvent) => {
      if (event.type === 'retrieve-start') progress.stage('search', searchedFor);
      else if (event.type === 'retrieve-end') {
        if (answered.hits.length === 0) answered.hits = event.hits;
        progress.stage('read', searchedFor);
      } else if (event.type === 'generate-start') progress.stage('write', searchedFor);
      else if (event.type === 'text-delta' && text.length < PARTIAL_CHARACTERS) {
        answered.firstMs ||= performance.now() - started;
        answered.pieces += 1;
        text += event.text;
        // Two answers side by side have no single text to show while they are written.
        if (work.methods.length === 1) progress.text(text, answered.pieces);
      }
    };
    const events = core.ask(build, { question, method }, signal);
    for (;;) {
      const step = await events.next();
      if (step.done) {
        answered.answers.push(step.value);
        break;
      }
      onEvent(step.value);
    }
  }
  answered.totalMs = performance.now() - started;
  answered.firstMs ||= answered.totalMs;
  return answered;
}
