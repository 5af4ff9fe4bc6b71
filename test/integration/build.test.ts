import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startBuildRunner } from '../../core/build-process.ts';
import { readSettings } from '../../core/config.ts';
import { processesUnder } from '../../core/runtime/processes.ts';
import type { Answer, BuildEvent, Manifest } from '../../core/types.ts';
import { startHub } from '../fakes/hub.ts';
import { asJsonl, type Town, towns } from '../fixtures/almanac.ts';
import { footnote, footnoteJson, jsonLines } from '../fixtures/command.ts';
import { lendModels, realWeights, without } from '../fixtures/weights.ts';

const model = await realWeights('bge-small-en-v1.5');
await realWeights('ms-marco-MiniLM-L-12-v2'); // the default method reranks
const smol = await realWeights('SmolLM2-135M-Instruct-Q4_1');

const ALMANAC = towns(48);
const TOWN = ALMANAC[7] as Town;
const QUESTION = `Who founded ${TOWN.title}?`;

interface Found {
  build: string;
  hits: { rank: number; id: number; title: string; text: string }[];
}

describe.skipIf(typeof model === 'string')(`48 articles built with real weights${without(model)}`, () => {
  let root: string;
  let data: string;
  let source: string;
  const common = () => ['--data', data, '--model', 'bge-small-en-v1.5'];
  const run = <T>(...args: string[]) => footnoteJson<T>([...args, ...common()]);

  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), 'footnote-build-'));
    data = join(root, 'data');
    source = join(root, 'almanac.jsonl');
    await lendModels(data);
    await writeFile(source, asJsonl(ALMANAC));
    await run('build', source);
  });
  afterAll(() => rm(root, { recursive: true, force: true }));

  it('show tells what was asked for, what was made of it, and every file with its checksum', async () => {
    const manifest = await run<Manifest>('builds', 'show');
    expect(manifest).toMatchObject({
      ...{
        format: 1,
        name: 'almanac',
        sources: [source],
        articles: 48,
        skipped: 0,
        keywordTokenizer: 'porter',
      },
      ...{ site: 'https://en.wikipedia.org', languages: ['en'], licence: 'CC BY-SA 4.0' },
      model: {
        name: 'bge-small-en-v1.5',
        dtype: 'int8',
        dimensions: 384,
        checksum: expect.stringMatching(/^[0-9a-f]{64}$/),
      },
      index: { recipe: 'Flat', metric: 'inner-product', nlist: 1, bytesPerVector: 1536 },
      recall: { at1: 1, at10: 1 },
    });
    expect(Object.keys(manifest.files)).toEqual(
      expect.arrayContaining(['chunks.sqlite', 'index/index.faiss', 'shards/000000.shard']),
    );
  });

  it.each(['dense', 'keyword', 'hybrid'])('%s finds the town that the question names', async (method) => {
    const { build, hits } = await run<Found>('search', QUESTION, '--method', method, '-k', '3');
    expect(build).toBe('almanac');
    expect(hits[0]).toMatchObject({
      rank: 1,
      title: TOWN.title,
      text: expect.stringContaining(TOWN.founder),
    });
  });

  it('an answer of quotes names the founder and cites the passage', async () => {
    const answer = await run<Answer>('ask', QUESTION, '--generator', 'none');
    expect(answer).toMatchObject({ abstained: false, generator: 'extractive', warnings: [] });
    expect(answer.text).toContain(TOWN.founder);
    expect(answer.citations[0]).toMatchObject({ number: 1, title: TOWN.title, supported: true });
    expect(TOWN.text).toContain(answer.citations[0]?.quote);
  });

  it.skipIf(typeof smol === 'string')(
    `an answer by a small language model cites only what stands in its passages${without(smol)}`,
    async () => {
      const generator = ['--generator', 'SmolLM2-135M-Instruct-Q4_1', '--max-answer-tokens', '48', '-k', '3'];
      const answer = await run<Answer>('ask', QUESTION, ...generator);
      // On a busy machine the model sees fewer passages, and what it then writes may be left out in favour of quotes.
      expect(['SmolLM2-135M-Instruct-Q4_1', 'extractive']).toContain(answer.generator);
      expect(answer.abstained).toBe(false);
      expect(answer.citations.length).toBeGreaterThan(0);
      for (const { title, quote } of answer.citations)
        expect(ALMANAC.find((town) => town.title === title)?.text).toContain(quote);
    },
  );

  it('a finished build that is asked for again is taken as it is', async () => {
    const file = join(data, 'builds', 'almanac', 'index', 'index.faiss');
    const before = await stat(file);
    const { stdout } = await footnote(['build', source, '--json', ...common()]);
    const events = jsonLines(stdout).slice(0, -1) as BuildEvent[];
    expect(events[0]).toMatchObject({ type: 'build-start', resumed: true });
    expect(events.flatMap((event) => (event.type === 'stage-start' ? [event.stage] : []))).toEqual([
      'activate',
    ]);
    expect((await stat(file)).mtimeMs).toBe(before.mtimeMs);
  });

  it('asked to be something else, it is refused with the difference', async () => {
    const { status, stderr } = await footnote(['build', source, '--limit', '5', ...common()]);
    expect(stderr).toMatch(/^Build "almanac" was begun with other settings \(limit: then none, now 5\)\.$/m);
    expect(status).toBe(2);
  });

  it('a recipe that can never fit is refused before any work, and one that does not fit may be changed', async () => {
    const build = (recipe: string) =>
      footnote(['build', source, '--name', 'fitted', '--recipe', recipe, ...common()]);
    const never = await build('PCA500,IVF1,Flat');
    expect(never.stderr).toMatch(/keeps more dimensions than the 384/);
    expect(never.stderr).not.toMatch(/reading/);
    expect(never.status).toBe(2);
    const large = await build('IVF4096,Flat');
    expect(large.status).toBe(2);
    expect(large.stderr).toMatch(/IVF4096/);
    const { status, stderr } = await build('IVF4,Flat');
    expect(status, stderr).toBe(0);
    expect(stderr).toMatch(/Going on with build "fitted" where it was/);
    expect((await run<Manifest>('builds', 'show', 'fitted')).index.recipe).toBe('IVF4,Flat');
    expect((await build('IVF2,Flat')).stderr).toMatch(
      /was begun with other settings \(recipe: then IVF4,Flat/,
    );
    await run('builds', 'activate', 'almanac');
    await run('builds', 'remove', 'fitted');
  });

  it('the process of a build ends where its embedding model cannot be opened on the device', async () => {
    const { settings } = readSettings({ data, model: 'bge-small-en-v1.5', device: 'cuda' }, {});
    const before = new Set((await processesUnder(process.pid)).map(({ pid }) => pid));
    await startBuildRunner({ sources: [source], name: 'no-device' }, settings);
    const mine = async () => (await processesUnder(process.pid)).filter(({ pid }) => !before.has(pid));
    await expect.poll(mine, { timeout: 150_000, interval: 200 }).toEqual([]);
    await run('builds', 'remove', 'no-device');
  });

  it('inverted lists are visited as --nprobe says; the build before comes back by activating it', async () => {
    const built = await run<Manifest>('build', source, '--name', 'lists', '--recipe', 'IVF16,Flat');
    expect(built).toMatchObject({
      name: 'lists',
      index: { recipe: 'IVF16,Flat', nlist: 16 },
      recall: { at10: expect.any(Number) },
    });
    expect(built.recall.at10).toBeGreaterThanOrEqual(0.98);
    const ids = async (...more: string[]) => {
      const { build, hits } = await run<Found>('search', QUESTION, '--method', 'dense(40) > top 40', ...more);
      return { build, ids: hits.map(({ id }) => id) };
    };
    const [one, all, exact] = [
      await ids('--nprobe', '1'),
      await ids('--nprobe', '16'),
      await ids('--build', 'almanac'),
    ];
    expect(one.build).toBe('lists');
    expect(one.ids.length).toBeLessThan(all.ids.length);
    expect(all.ids).toEqual(exact.ids);

    await run('builds', 'activate', 'almanac');
    expect((await ids()).build).toBe('almanac');
    await run('builds', 'remove', 'lists');
    expect((await readdir(join(data, 'builds'))).sort()).toEqual(['.almanac.journal', 'almanac']);
  });

  it('a newer dump takes over what has not changed, and is what a build from nothing is; the build before comes back', async () => {
    const newer = join(root, 'newer.jsonl');
    const [first, second, , ...rest] = ALMANAC as [Town, Town, Town, ...Town[]];
    const changed = { ...second, text: second.text.replace(second.founder, 'Alys Newcome') };
    await writeFile(newer, asJsonl([first, changed, ...rest, ...towns(50).slice(48)]));
    const updated = ['build', newer, '--name', 'updated', '--recipe', 'IVF16,Flat', '--update'];
    await run('build', source, '--name', 'lists', '--recipe', 'IVF16,Flat');
    const fresh = await run<Manifest>('build', newer, '--name', 'fresh', '--recipe', 'IVF16,Flat');
    const { stdout } = await footnote([...updated, 'lists', '--json', ...common()]);
    const lines = jsonLines(stdout);
    const manifest = lines.at(-1) as unknown as Manifest;
    expect(manifest).toMatchObject({ name: 'updated', articles: 49, chunks: fresh.chunks });
    const shardsOf = ({ files }: Manifest) =>
      Object.entries(files).filter(([name]) => name.startsWith('shards/') || name.endsWith('.words'));
    expect(shardsOf(manifest)).toEqual(shardsOf(fresh));
    expect(Object.keys(manifest.files).sort()).toEqual(Object.keys(fresh.files).sort());
    // Centroids are the old ones: nothing was trained.
    expect(lines.filter(({ type }) => type === 'train-progress')).toEqual([]);
    const ask = async () =>
      (await run<Found>('search', `Who founded ${changed.title}?`, '-k', '1')).hits[0]?.text;
    expect(await ask()).toContain('Alys Newcome');
    await run('builds', 'activate', 'lists');
    expect(await ask()).toContain(second.founder);

    const same = await footnote([...updated, 'updated', ...common()]);
    expect(same.status).toBe(2);
    await run('builds', 'activate', 'almanac');
    for (const name of ['lists', 'fresh', 'updated']) await run('builds', 'remove', name);
  });

  it('a data set on a hub is built as a file is', async () => {
    const column = (name: 'id' | 'title' | 'text', data: string[]) => ({
      name,
      data,
      type: 'STRING' as const,
    });
    const file = parquetWriteBuffer({
      columnData: [
        column(
          'id',
          ALMANAC.map(({ id }) => String(id)),
        ),
        column(
          'title',
          ALMANAC.map(({ title }) => title),
        ),
        column(
          'text',
          ALMANAC.map(({ text }) => text),
        ),
      ],
    });
    const place = 'datasets/almanac/towns/resolve/main/20240101.en/train-0.parquet';
    const hub = await startHub({ files: { [place]: new Uint8Array(file) }, cdn: true });
    const args = ['build', 'hf:almanac/towns/20240101.en', '--name', 'hub', '--limit', '10', ...common()];
    const manifest = await footnoteJson<Manifest>(args, { env: { HF_ENDPOINT: hub.endpoint } });
    await hub.close();
    expect(manifest).toMatchObject({ name: 'hub', articles: 10, dumpDate: '2024-01-01' });
    const { hits } = await run<Found>('search', QUESTION, '--build', 'hub');
    expect(hits[0]?.title).toBe(TOWN.title);
  });
});
