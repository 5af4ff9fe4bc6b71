import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { requestOf } from '../../core/build-process.ts';
import { keepRates, rateKeeper, readRates } from '../../core/build-rates.ts';
import { runBuild } from '../../core/build-run.ts';
import { readSettings } from '../../core/config.ts';
import { type BuildPlan, buildPaths, FORMAT, writePlan } from '../../core/store/build-folder.ts';

const NAME = 'almanac';
const plan: BuildPlan = {
  format: FORMAT,
  name: NAME,
  sources: ['/there/wiki.jsonl'],
  sourceBytes: [1],
  limit: 5,
  chunksPerArticle: 3,
  recipe: 'Flat',
  update: 'earlier',
  questions: ['/there/asked.jsonl'],
  model: {
    name: 'a model',
    dtype: 'int8',
    dimensions: 8,
    pooling: 'mean',
    queryPrefix: '',
    passagePrefix: '',
    maxTokens: 128,
    checksum: 'of no file here',
    languages: ['en'],
  },
  keywordTokenizer: 'porter',
  chunkTokens: 64,
  shardRows: 32,
};
const { sources, limit, chunksPerArticle, recipe, update, questions } = plan;
const request = { sources, name: NAME, limit, chunksPerArticle, recipe, update, questions };

let data: string;
beforeEach(async () => {
  data = await mkdtemp(join(tmpdir(), 'footnote-build-run-'));
  await mkdir(buildPaths(data, NAME).folder, { recursive: true });
  await writePlan(buildPaths(data, NAME), plan);
});
afterEach(() => rm(data, { recursive: true, force: true }));

describe('a begun build that goes on', () => {
  it('is asked for as its plan says where there is no journal', async () => {
    expect(await requestOf(data, NAME)).toEqual({
      request,
      settings: { shardRows: 32, chunkTokens: 64, keywordTokenizer: 'porter' },
    });
  });

  it('is asked for as in its last run, with every setting that makes the build what it is', async () => {
    const asked = { device: 'cpu', threads: 1, indexMemory: 0.5, recallTarget: 0.9, chunkTokens: 64 };
    const { settings } = readSettings({ data, ...asked }, {});
    // The plan's model is not installed: the run ends there, its journal stays.
    await expect(runBuild({ ...request, skipBad: true }, settings).next()).rejects.toThrow();
    const again = await requestOf(data, NAME);
    expect(again?.request).toEqual({ ...request, skipBad: true });
    expect(again?.settings).toMatchObject(asked);
  });
});

describe('rates of a build', () => {
  it('are kept, each beside what was known', async () => {
    await keepRates(data, 'key', { read: 10 });
    await keepRates(data, 'key', { embed: 20 });
    expect(await readRates(data, 'key')).toEqual({ read: 10, embed: 20 });
  });

  it('count what this run read, not what an earlier one had', () => {
    let now = 0;
    const keeper = rateKeeper(() => now);
    keeper.see({ type: 'stage-start', stage: 'read', unit: 'articles' });
    keeper.see({ type: 'stage-progress', stage: 'read', unit: 'articles', done: 900 });
    now = 10_000;
    keeper.see({ type: 'stage-end', stage: 'read', done: 1_000, ms: 10_000 });
    keeper.see({ type: 'stage-start', stage: 'embed', unit: 'chunks', total: 5_000 });
    expect(keeper.rates().read).toBeCloseTo(50); // 500 of the 5,000 chunks, in 10 s
  });

  it('that cannot be written end no build', async () => {
    const file = join(data, 'a-file');
    await writeFile(file, '');
    await expect(keepRates(join(file, 'below'), 'key', { read: 10 })).resolves.toBeUndefined();
  });
});
