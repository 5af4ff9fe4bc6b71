import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildPaths } from '../../core/store/build-folder.ts';
import { listBuilds } from '../../core/store/builds.ts';
import { openChunkReader } from '../../core/store/client.ts';
import type { BuildEvent, BuildStage, Manifest } from '../../core/types.ts';
import { asJsonl, towns } from '../fixtures/almanac.ts';
import { footnoteJson, jsonLines, start } from '../fixtures/command.ts';
import { randomNumbers } from '../fixtures/corpus.ts';
import { lendModels, realWeights, without } from '../fixtures/weights.ts';

const fp32 = await realWeights('all-MiniLM-L6-v2');
const model = typeof fp32 === 'string' ? await realWeights('bge-small-en-v1.5') : fp32;

const SHARD_ROWS = 64;
const SEED = 20_231_101;
/** The stage in which each kill falls; how far into it is drawn from the seed. */
const KILLS: BuildStage[] = [
  'read',
  'read',
  'read',
  'embed',
  'embed',
  'embed',
  'embed',
  'index',
  'index',
  'verify',
];
const QUESTIONS = [
  'Who founded Alvenmoor?',
  'a town that lives from glass',
  'the flood that carried away a bridge',
];

let root: string;
let source: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'footnote-build-kill-'));
  source = join(root, 'towns.jsonl');
  await writeFile(source, asJsonl(towns(3_000, 0)));
});
afterAll(() => rm(root, { recursive: true, force: true }));

const command = (data: string) => {
  const { entry } = model as Exclude<typeof model, string>;
  const settings = ['--model', entry.name, '--shard-rows', String(SHARD_ROWS), '--chunk-tokens', '48'];
  return ['build', source, '--recipe', 'IVF16,Flat', '--data', data, ...settings, '--json'];
};

/** What of a build has to be the same however often it was interrupted. */
async function fingerprint(data: string) {
  const paths = buildPaths(data, 'towns');
  const store = await openChunkReader({ path: paths.chunks, tokenizer: 'porter' });
  const chunks = await store.range(0, await store.count());
  await store.close();
  const bytes = async (folder: string) =>
    Promise.all(
      (await readdir(folder))
        .sort()
        .map(async (name) => [name, await readFile(join(folder, name), 'base64')]),
    );
  const found: unknown[] = [];
  for (const question of QUESTIONS)
    for (const method of ['dense', 'keyword', 'hybrid']) {
      const { hits } = await footnoteJson<{ hits: unknown[] }>([
        'search',
        question,
        '--method',
        method,
        '--data',
        data,
      ]);
      found.push(hits);
    }
  return { chunks, shards: await bytes(paths.shards), index: await bytes(paths.index), found };
}

interface Killed {
  events: BuildEvent[];
  /** Null after a kill. */
  status: number | null;
}

/** Runs the build and kills its whole process group once `stage` has made `progress` steps (or has begun) and `ms` have gone by. */
async function runAndKill(data: string, stage: BuildStage, progress: number, ms: number): Promise<Killed> {
  const run = start(command(data), { group: true });
  const begun = `"type":"stage-start","stage":"${stage}"`;
  const steps = `(?:[^]*"type":"stage-progress","stage":"${stage}"){${progress}}`;
  await run.says(new RegExp(begun + steps));
  await delay(ms);
  process.kill(-(run.child.pid as number), 'SIGKILL');
  const { status, stdout } = await run.ended;
  const whole = stdout.slice(0, stdout.lastIndexOf('\n') + 1); // the last line may have been cut by the kill
  return { status, events: jsonLines(whole) as BuildEvent[] };
}

/** Rows with a vector at the beginning and at the end of a run's embedding, as the events tell it. */
function embedded(events: BuildEvent[]): { from: number; to: number } | undefined {
  const counts = events.flatMap((event) =>
    event.type === 'stage-progress' && event.stage === 'embed' ? [event.done] : [],
  );
  return counts.length === 0 ? undefined : { from: counts[0] as number, to: counts.at(-1) as number };
}

describe.skipIf(typeof model === 'string')(`a build whose process group is killed${without(model)}`, () => {
  it(`${KILLS.length} times ends as one that was not, with at most one shard's work repeated a kill`, async () => {
    const [calm, stormy] = [join(root, 'calm'), join(root, 'stormy')];
    for (const data of [calm, stormy]) await lendModels(data);
    const expected = await footnoteJson<Manifest>(command(calm).slice(0, -1));

    const random = randomNumbers(SEED);
    const shards = Math.ceil(expected.chunks / SHARD_ROWS);
    const runs: Killed[] = [];
    for (const stage of KILLS) {
      const progress =
        stage === 'embed' ? random(Math.floor(shards / 2)) + 1 : stage === 'read' ? random(2) : 0;
      runs.push(await runAndKill(stormy, stage, progress, random(stage === 'embed' ? 400 : 150)));
      const [build] = await listBuilds(stormy);
      expect(build).toEqual({ name: 'towns', whole: false, active: false });
    }
    const { stdout, status } = await start(command(stormy)).ended;
    const last = { status, events: jsonLines(stdout).slice(0, -1) as BuildEvent[] };
    expect(status).toBe(0);

    const reached = runs.map(({ events }) => events.findLast((event) => event.type === 'stage-start')?.stage);
    console.log(`seed ${SEED}; killed in: ${reached.join(', ')}`);
    expect(new Set(reached)).toEqual(new Set(['read', 'embed', 'index', 'verify']));

    let before = 0;
    let repeated = 0;
    for (const { events } of [...runs, last]) {
      const work = embedded(events);
      if (work === undefined) continue;
      expect(work.from % SHARD_ROWS === 0 || work.from === expected.chunks).toBe(true);
      expect(before - work.from).toBeLessThanOrEqual(SHARD_ROWS);
      repeated += Math.max(0, before - work.from);
      before = work.to;
    }
    console.log(`${repeated} of ${expected.chunks} chunks were embedded again after ${KILLS.length} kills`);

    const { articles, chunks, recall } = expected;
    expect(last.events.at(-1)).toMatchObject({ type: 'build-end', manifest: { articles, chunks, recall } });
    expect(await fingerprint(stormy)).toEqual(await fingerprint(calm));
  });
});
