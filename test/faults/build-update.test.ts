import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type LiveBuild, liveBuild } from '../../bots/answer/live-build.ts';
import { readSettings } from '../../core/index.ts';
import { activeBuild, previousBuild } from '../../core/store/builds.ts';
import type { BuildStage, Manifest } from '../../core/types.ts';
import { asJsonl, type Town, towns } from '../fixtures/almanac.ts';
import { footnoteJson, start } from '../fixtures/command.ts';
import { randomNumbers } from '../fixtures/corpus.ts';
import { lendModels, realWeights, without } from '../fixtures/weights.ts';

const model = await realWeights('bge-small-en-v1.5');
const SEED = 77;
const KILLS: BuildStage[] = ['read', 'embed', 'embed', 'index', 'index', 'verify'];
const TOWNS = 260;
const QUESTION = 'Which town was founded by Tamsin Orrel?';

let root: string;
let data: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'footnote-update-'));
  data = join(root, 'data');
  await lendModels(data);
});
afterAll(() => rm(root, { recursive: true, force: true }));

const common = () => ['--data', data, '--model', 'bge-small-en-v1.5'];

/** Searches one after another until it is stopped; which build answered each, and what failed. */
function keepSearching(live: LiveBuild) {
  const answered: string[] = [];
  const failed: unknown[] = [];
  let going = true;
  const ended = (async () => {
    while (going) {
      const { build, release } = await live.lease();
      try {
        const { hits } = await build.search({ question: QUESTION, method: 'dense' });
        if (hits.length === 0) failed.push('nothing found');
        answered.push(build.manifest.name);
      } catch (error) {
        failed.push(error);
      } finally {
        release();
      }
      await delay(50);
    }
  })();
  return {
    failed,
    /** Resolves once the build has answered. */
    async reaches(name: string) {
      while (answered.at(-1) !== name) await delay(20);
    },
    async stop() {
      going = false;
      await ended;
    },
  };
}

describe.skipIf(typeof model === 'string')(`a newer dump under a live build${without(model)}`, () => {
  it(`killed ${KILLS.length} times it ends as one that was not; searches never fail, before, in and after the swap, and the one before comes back`, async () => {
    const [older, newer] = [join(root, 'older.jsonl'), join(root, 'newer.jsonl')];
    const all = towns(TOWNS);
    await writeFile(older, asJsonl(all));
    const later = all
      .filter(({ id }) => id % 20 !== 0)
      .map((town): Town => (town.id % 9 === 0 ? { ...town, text: `${town.text} It has a museum.` } : town));
    await writeFile(newer, asJsonl([...later, ...towns(TOWNS + 30).slice(TOWNS)]));
    const recipe = ['--recipe', 'IVF16,PQ64', '--shard-rows', '64'];
    await footnoteJson(['build', older, '--name', 'old', ...recipe, ...common()]);

    const { settings } = readSettings({}, { FOOTNOTE_CONFIG: '/nowhere', FOOTNOTE_DATA: data });
    const live = liveBuild(settings, () => undefined);
    const searches = keepSearching(live);
    await searches.reaches('old');
    const random = randomNumbers(SEED);
    const update = (name: string) => [
      'build',
      newer,
      '--name',
      name,
      '--update',
      'old',
      ...recipe,
      ...common(),
    ];
    for (const stage of KILLS) {
      const run = start([...update('new'), '--json'], { group: true });
      await run.says(new RegExp(`"type":"stage-start","stage":"${stage}"`));
      await delay(random(stage === 'embed' ? 500 : 120));
      process.kill(-(run.child.pid as number), 'SIGKILL');
      await run.ended;
      expect(await activeBuild(data)).toBe('old');
    }
    const grown = await footnoteJson<Manifest>(update('new'));
    await searches.reaches('new');
    expect([await activeBuild(data), await previousBuild(data)]).toEqual(['new', 'old']);

    const calm = await footnoteJson<Manifest>(update('calm'));
    const bytes = ({ files }: Manifest) =>
      Object.entries(files).filter(([name]) => /^(shards|index)\//.test(name));
    expect(bytes(grown)).toEqual(bytes(calm));
    expect(grown.recall).toEqual(calm.recall);

    await footnoteJson(['builds', 'activate', 'old', ...common()]);
    await searches.reaches('old');
    await searches.stop();
    await live.close();
    expect(searches.failed).toEqual([]);
  });
});
