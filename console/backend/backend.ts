/**
 * What the console does outside itself: watches builds, runs and processes, and carries out effects through the core.
 * Reports everything as messages; a failure is a message too, so that the console never dies of one.
 */
import { setTimeout } from 'node:timers/promises';
import {
  botPlatforms,
  METHODS,
  readTraffic,
  recordVote,
  type Settings,
  toCoreError,
  votesFile,
} from '../../core/index.ts';
import type { Effect, Message } from '../state/types.ts';
import { type BotsChild, startBots } from './bots.ts';
import { openBuilds } from './builds.ts';
import { exportTraffic } from './export.ts';
import { listFolder } from './folder.ts';
import { openQuestions } from './questions.ts';
import { checkAll, listedModels, pull, type Rows } from './settings.ts';

/** Sends a message to the console. */
export type Send = (message: Message) => void;

export interface Backend {
  carryOut(effect: Effect): void;
  close(): Promise<void>;
}

const LOOK_MS = { builds: 3_000, runs: 500, processes: 2_000, traffic: 10_000 };
/** Most questions from chats that are held. */
const TRAFFIC = 500;

export interface BackendOptions {
  settings: Settings;
  /** Every setting with its value and origin. */
  rows: Rows;
  /** Start the bots as a child. */
  bots: boolean;
  send: Send;
}

/** Starts to watch and to report. */
export function openBackend({ settings, rows, bots, send }: BackendOptions): Backend {
  const { data } = settings;
  const ending = new AbortController();
  const { signal } = ending;
  const builds = openBuilds(settings, send, signal);
  const questions = openQuestions(settings, send);
  let botsChild: BotsChild | undefined;

  const failed = (what: string, thrown: unknown, id?: number) => {
    const { code, message, hint } = toCoreError(thrown);
    if (!signal.aborted && (code !== 'cancelled' || ['ask', 'compare', 'evaluate'].includes(what)))
      send({ type: 'failed', what, id, message, hint });
  };
  const work = async (effect: Effect): Promise<void> => {
    switch (effect.type) {
      case 'activate':
        return builds.activate(effect.name);
      case 'remove':
        return builds.remove(effect.name);
      case 'verify':
        return builds.verify(effect.name);
      case 'want':
        return builds.want(effect.name, effect.wanted);
      case 'resume':
        return builds.resume(effect.name);
      case 'start-build':
        return builds.start(effect.order);
      case 'estimate':
        return builds.estimate(effect.order);
      case 'list-folder':
        return send({ type: 'folder', path: effect.path, entries: await listFolder(effect.path) });
      case 'list-models':
        return send({ type: 'models', models: await listedModels(data) });
      case 'ask':
        return questions.ask(effect);
      case 'stop-asking':
        return questions.stop();
      case 'passage':
        return questions.passage(effect.chunkId);
      case 'compare':
        return questions.compare(effect);
      case 'stop-comparing':
        return questions.stop();
      case 'vote':
        await recordVote(data, effect);
        return send({ type: 'done', text: `The vote is kept in ${votesFile(data)}.` });
      case 'evaluate':
        return questions.evaluate(effect);
      case 'disagree':
        return questions.disagree(effect);
      case 'probe':
        return questions.probe(effect.question);
      case 'export-traffic':
        return send({ type: 'done', text: `Written: ${await exportTraffic(data, effect.rows)}` });
      case 'start-bots':
        botsChild = startBots(settings, send);
        return;
      case 'check':
        return checkAll(settings, send, signal);
      case 'pull':
        return pull(settings, effect.name, send, signal);
    }
  };
  const carryOut = (effect: Effect) =>
    void work(effect).catch((error) => failed(effect.type, error, 'id' in effect ? effect.id : undefined));

  const methods = Object.entries(METHODS).map(([name, { about }]) => ({ name, about }));
  const tokens = botPlatforms(settings).length > 0;
  send({ type: 'ready', data, method: settings.method, methods, tokens, ...rows });
  carryOut({ type: 'list-models' });
  if (bots) carryOut({ type: 'start-bots' });
  const lookAtTraffic = async () => send({ type: 'traffic', rows: await readTraffic(data, TRAFFIC) });
  const looks = [
    again(builds.look, LOOK_MS.builds, signal, (error) => failed('builds', error)),
    again(builds.lookAtRuns, LOOK_MS.runs, signal, (error) => failed('runs', error)),
    again(builds.lookAtProcesses, LOOK_MS.processes, signal, (error) => failed('processes', error)),
    again(lookAtTraffic, LOOK_MS.traffic, signal, (error) => failed('traffic', error)),
  ];
  return {
    carryOut,
    async close() {
      ending.abort();
      await Promise.all([...looks, questions.close(), botsChild?.close()]);
    },
  };
}

/** Calls `look` again and again until `signal` aborts; one call at a time. */
async function again(
  look: () => Promise<void>,
  everyMs: number,
  signal: AbortSignal,
  onError: (error: unknown) => void,
): Promise<void> {
  while (!signal.aborted) {
    await look().catch(onError);
    await setTimeout(everyMs, undefined, { signal }).catch(() => undefined);
  }
}
