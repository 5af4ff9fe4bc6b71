/**
 * Builds and their runs for the console: watches them and acts on them. Knows the core; no screen.
 */
import {
  activateBuild,
  defaultName,
  diskFree,
  estimateBuild,
  type FollowedRun,
  followRun,
  listBuilds,
  listRuns,
  machinePower,
  type ProcessFacts,
  previousBuild,
  processesUnder,
  removeBuild,
  requestOf,
  resultOf,
  type Settings,
  startBuildRunner,
  verifyBuild,
  type Wanted,
  wantOfBuild,
} from '../../core/index.ts';
import type { BuildOrder } from '../state/form.ts';
import type { Send } from './backend.ts';
import { expandHome } from './folder.ts';

export function openBuilds(settings: Settings, send: Send, signal: AbortSignal) {
  const { data } = settings;
  const runs = new Map<string, FollowedRun>();
  /** Processes of runs that are alive. */
  const pids = new Map<string, number>();
  let estimating = new AbortController();

  const look = async () => {
    const [summaries, previous] = await Promise.all([listBuilds(data), previousBuild(data)]);
    send({ type: 'builds', summaries, previous });
  };
  const lookAtRuns = async () => {
    const names = await listRuns(data);
    for (const name of runs.keys()) if (!names.includes(name)) runs.delete(name);
    for (const name of names) {
      const run = runs.get(name) ?? followRun(data, name);
      runs.set(name, run);
      const { entries, alive } = await run.read();
      const start = entries.findLast(({ type }) => type === 'run-start');
      if (start?.type === 'run-start') pids.set(name, start.pid);
      if (!alive) pids.delete(name);
      send({ type: 'run', name, entries, alive });
      if (entries.some(({ type }) => type === 'run-end')) await look();
    }
  };
  const lookAtProcesses = async () => {
    const trees = await Promise.all([process.pid, ...pids.values()].map(processesUnder));
    const { memory, memoryFree } = machinePower();
    const machine = { memory, memoryFree, diskFree: await diskFree(data) };
    // A run that this console started is in both trees.
    const known = new Map<number, ProcessFacts>(trees.flat().map((found) => [found.pid, found]));
    send({ type: 'processes', processes: [...known.values()], machine });
  };
  /** The settings of an order, unchecked: the build refuses a name that the schema does not allow. */
  const settingsOf = ({ model, dtype, device }: BuildOrder): Settings => ({
    ...settings,
    ...(model !== undefined && { model }),
    ...(dtype !== undefined && { dtype: dtype as Settings['dtype'] }),
    ...(device !== undefined && { device: device as Settings['device'] }),
  });
  const requestFrom = ({ request }: BuildOrder) => ({
    ...request,
    sources: request.sources.map(expandHome),
    questions: request.questions?.map(expandHome),
  });

  return {
    look,
    lookAtRuns,
    lookAtProcesses,
    async activate(name: string) {
      await activateBuild(data, name);
      send({ type: 'done', text: `Build "${name}" answers from now on.` });
      await look();
    },
    async remove(name: string) {
      await removeBuild(data, name);
      send({ type: 'run-gone', name });
      send({ type: 'done', text: `Build "${name}" was removed.` });
      await look();
    },
    async verify(name: string) {
      const { files, bytes } = await resultOf(verifyBuild(settings, name, signal), (event) => {
        if (event.type === 'stage-progress')
          send({ type: 'verify-progress', name, done: event.done, total: event.total });
      });
      send({ type: 'verify-end', name, files, bytes });
    },
    async want(name: string, wanted: Wanted) {
      await wantOfBuild(data, name, wanted);
      const words = { pause: 'pauses after the current shard', run: 'goes on', cancel: 'is being cancelled' };
      send({ type: 'done', text: `Build "${name}" ${words[wanted]}.` });
    },
    async resume(name: string) {
      const begun = await requestOf(data, name);
      await startBuildRunner(begun?.request ?? { sources: [], name }, { ...settings, ...begun?.settings });
      send({ type: 'done', text: `Build "${name}" resumes where it stopped.` });
    },
    async start(order: BuildOrder) {
      estimating.abort();
      const request = requestFrom(order);
      await startBuildRunner(request, settingsOf(order));
      send({ type: 'build-begun', name: request.name ?? defaultName(request.sources) });
    },
    /** A newer request replaces one that is not finished yet. */
    async estimate(order: BuildOrder) {
      estimating.abort();
      estimating = new AbortController();
      const either = AbortSignal.any([signal, estimating.signal]);
      const estimate = await estimateBuild(requestFrom(order), settingsOf(order), either);
      send({ type: 'estimate', order, estimate });
    },
  };
}
