/**
 * The console's questions, asked in a separate process on the live build. Knows when that process is reopened.
 */
import {
  type AskProcess,
  activeBuild,
  type EvaluatedSet,
  evaluate,
  openAskProcess,
  openSession,
  resultOf,
  type Settings,
} from '../../core/index.ts';
import type { Disagreement } from '../state/question-set.ts';
import type { Effect } from '../state/types.ts';
import type { Send } from './backend.ts';
import { expandHome } from './folder.ts';

/** Passages before and after a chosen one. */
const REACH = 1;
/** Most questions asked from a set, so that it takes minutes; `footnote evaluate` asks all of them. */
const MOST_QUESTIONS = 300;
/** A passage counts as found up to this rank. */
const FOUND = 10;

export function openQuestions(settings: Settings, send: Send) {
  let opened: { build: string | undefined; process: Promise<AskProcess> } | undefined;
  let stopping = new AbortController();
  let evaluated: EvaluatedSet | undefined;

  /** The process for the build that is live now; one for another build is closed. */
  const open = async (): Promise<AskProcess> => {
    const build = settings.build ?? (await activeBuild(settings.data));
    if (opened !== undefined && opened.build !== build) {
      const old = opened.process;
      opened = undefined;
      void old.then((process) => process.close()).catch(() => undefined);
    }
    opened ??= { build, process: openAskProcess(settings) };
    const { process } = opened;
    return process.catch((error) => {
      opened = undefined;
      throw error;
    });
  };

  return {
    async ask({ id, question, method }: Extract<Effect, { type: 'ask' }>) {
      stopping.abort();
      stopping = new AbortController();
      const { signal } = stopping;
      const asking = await open();
      for await (const event of asking.ask({ question, method }, signal))
        send({ type: 'ask-event', id, event });
    },
    async compare({ id, question, methods, answers }: Extract<Effect, { type: 'compare' }>) {
      stopping.abort();
      stopping = new AbortController();
      const { signal } = stopping;
      const comparing = (await open()).compare({ question, methods, answers }, signal);
      for await (const event of comparing) send({ type: 'compare-event', id, event });
    },
    /** Runs in this process: the session's own processes search; only answers are checked here, between keys. */
    async evaluate({ set, methods, answers }: Extract<Effect, { type: 'evaluate' }>) {
      stopping.abort();
      stopping = new AbortController();
      const session = await openSession(settings, { keepRewrites: true });
      try {
        const request = { sets: [expandHome(set)], methods, answers, limit: MOST_QUESTIONS };
        const running = evaluate(session, request, stopping.signal);
        evaluated = await resultOf(running, (event) => send({ type: 'evaluate-event', event }));
        send({ type: 'evaluation', evaluation: evaluated.evaluation });
      } finally {
        await session.close();
      }
    },
    async disagree({ first, second }: Extract<Effect, { type: 'disagree' }>) {
      send({ type: 'disagreements', disagreements: disagreementsOf(evaluated, first, second) });
    },
    async stop() {
      stopping.abort();
    },
    async passage(chunkId: number) {
      send({ type: 'passage', chunkId, chunks: await (await open()).around(chunkId, REACH) });
    },
    async probe(question: string) {
      send({ type: 'probe', probe: await (await open()).probe(question) });
    },
    async close() {
      stopping.abort();
      await opened?.process.then((process) => process.close()).catch(() => undefined);
    },
  };
}

/** Questions for which one of two methods finds a right passage in its top ten and the other does not. */
function disagreementsOf(evaluated: EvaluatedSet | undefined, first: string, second: string): Disagreement[] {
  const rankBy = (method: string) => {
    const asked = evaluated?.asked.find((one) => one.method === method)?.asked ?? [];
    return new Map(
      asked.map(({ question, row }) => [
        question.qid,
        { question: question.question, at: rankOf(row.right) },
      ]),
    );
  };
  const others = rankBy(second);
  return [...rankBy(first)].flatMap(([qid, { question, at }]) => {
    const other = others.get(qid)?.at;
    return (at === undefined) === (other === undefined) ? [] : [{ question, first: at, second: other }];
  });
}

function rankOf(right: [rank: number, grade: number][]): number | undefined {
  const ranks = right.map(([rank]) => rank).filter((rank) => rank <= FOUND);
  return ranks.length === 0 ? undefined : Math.min(...ranks);
}
