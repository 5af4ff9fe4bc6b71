/**
 * What the console does outside itself: looks at builds, runs and processes, and carries out effects through the core.
 * Tells all of it as messages; a failure is a message too, so that the console never dies of one.
 */
import {
  activateBuild,
  diskFree,
  type FollowedRun,
  followRun,
  listBuilds,
  listRuns,
  machinePower,
  previousBuild,
  processesUnder,
  removeBuild,
  type Settings,
  toCoreError,
  verifyBuild,
} from '../core/index.ts';
import type { Effect, Message } from './state/types.ts';

export interface Backend {
  carryOut(effect: Effect): void;
  close(): Promise<void>;
}

const LOOK_MS = { builds: 3_000, runs: 500, processes: 2_000 };

/** Begins to look and to tell. */
export function openBackend(settings: Settings, send: (message: Message) => void): Backend {
  const { data } = settings;
  const ending = new AbortController();
  const runs = new Map<string, FollowedRun>();

  const failed = (what: string, thrown: unknown) => {
    if (ending.signal.aborted) return;
    const { message, hint } = toCoreError(thrown);
    send({ type: 'failed', what, message, hint });
  };
  const lookAtBuilds = async () => {
    const [summaries, previous] = await Promise.all([listBuilds(data), previousBuild(data)]);
    send({ type: 'builds', summaries, previous });
  };
  const pids = new Map<string, number>();
  const lookAtRuns = async () => {
    for (const name of await listRuns(data)) {
      const run = runs.get(name) ?? followRun(data, name);
      runs.set(name, run);
      const { entries, alive } = await run.read();
      const start = entries.findLast(({ type }) => type === 'run-start');
      if (start?.type === 'run-start') pids.set(name, start.pid);
      if (!alive) pids.delete(name);
      send({ type: 'run', name, entries, alive });
      if (entries.some(({ type }) => type === 'run-end')) await lookAtBuilds();
    }
  };
  const lookAtProcesses = async () => {
    const trees = await Promise.all([process.pid, ...pids.values()].map(processesUnder));
    const { memory, memoryFree } = machinePower();
    const machine = { memory, memoryFree, diskFree: await diskFree(data) };
    send({ type: 'processes', processes: trees.flat(), machine });
  };
  const verify = async (name: string) => {
    const events = verifyBuild(settings, name, ending.signal);
    for (;;) {
      const step = await events.next();
      if (step.done)
        return send({ type: 'verify-end', name, files: step.value.files, bytes: step.value.bytes });
      if (step.value.type !== 'stage-progress') continue;
      const { done, total } = step.value;
      send({ type: 'verify-progress', name, done, total });
    }
  };
  const work = async (effect: Effect): Promise<void> => {
    switch (effect.type) {
      case 'activate':
        await activateBuild(data, effect.name);
        send({ type: 'done', text: `Build "${effect.name}" answers from now on.` });
        return lookAtBuilds();
      case 'remove':
        await removeBuild(data, effect.name);
        send({ type: 'done', text: `Build "${effect.name}" was removed.` });
        return lookAtBuilds();
      case 'verify':
        return verify(effect.name);
    }
  };

  const looks = [
    again(lookAtBuilds, LOOK_MS.builds, ending.signal, (error) => failed('builds', error)),
    again(lookAtRuns, LOOK_MS.runs, ending.signal, (error) => failed('runs', error)),
    again(lookAtProcesses, LOOK_MS.processes, ending.signal, (error) => failed('processes', error)),
  ];
  return {
    carryOut: (effect) => void work(effect).catch((error) => failed(effect.type, error)),
    async close() {
      ending.abort();
      await Promise.all(looks);
    },
  };
}

/** Looks now and again until `signal` aborts; one look at a time. */
async function again(
  look: () => Promise<void>,
  everyMs: number,
  signal: AbortSignal,
  onError: (error: unknown) => void,
): Promise<void> {
  while (!signal.aborted) {
    await look().catch(onError);
    await new Promise<void>((resolve) => {
      const done = () => {
        clearTimeout(timer);
        signal.removeEventListener('abort', done);
        resolve();
      };
      const timer = setTimeout(done, everyMs);
      signal.addEventListener('abort', done);
    });
  }
}
