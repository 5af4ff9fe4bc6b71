/**
 * One question from the queue to the core's answer: history, stand-alone question, the core's events as stages and text,
 * one more attempt after a crash. Knows the core; nothing about queues, surfaces or platforms.
 */
import { type Answer, type AskEvent, type Hit, resultOf, type Turn, toCoreError } from '../../core/index.ts';
import type { LiveBuild, OpenBuild } from './live-build.ts';

export interface Work {
  question: string;
  /** Oldest first. */
  history: Turn[];
  /** BCP 47 tag of the question's language, as far as the user's locale shows it. */
  language: string;
  /** One, or the two to compare; undefined means the one in the settings. */
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

/** Throws a CoreError: the signal's reason, or the failure (of the second attempt, if a retry could help). */
export async function answerQuestion(
  live: LiveBuild,
  work: Work,
  progress: Progress,
  signal: AbortSignal,
): Promise<Answered> {
  for (let attempt = 1; ; attempt++) {
    const lease = await live.lease();
    try {
      return await attemptOnce(lease.build, work, progress, signal);
    } catch (error) {
      if (signal.aborted || attempt === 2 || !toCoreError(error).retryable) throw toCoreError(error);
      progress.text('', 0);
    } finally {
      lease.release();
    }
  }
}

async function attemptOnce(
  build: OpenBuild,
  work: Work,
  progress: Progress,
  signal: AbortSignal,
): Promise<Answered> {
  const started = performance.now();
  progress.stage('search', undefined);
  const { history, language } = work;
  const asked = { question: work.question, history, language };
  const question = history.length === 0 ? work.question : await build.standalone(asked, signal);
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
    answered.answers.push(await resultOf(build.ask({ question, method }, signal), onEvent));
  }
  answered.totalMs = performance.now() - started;
  answered.firstMs ||= answered.totalMs;
  return answered;
}
