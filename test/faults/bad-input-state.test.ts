import { execFileSync } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildPaths } from '../../core/store/build-folder.ts';
import { listBuilds } from '../../core/store/builds.ts';
import type { Manifest } from '../../core/types.ts';
import { startHub } from '../fakes/hub.ts';
import { ALMANAC_WORDS, asJsonl, towns } from '../fixtures/almanac.ts';
import { expectFailure, footnote, footnoteJson, STACK, start } from '../fixtures/command.ts';
import { writeWordModel } from '../fixtures/word-model.ts';

let root: string;
let data: string;
let model: string;
let source: string;
const mounted: string[] = [];

const mounting = (() => {
  const folder = '/tmp/footnote-mount-probe';
  try {
    execFileSync('mkdir', ['-p', folder]);
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', folder], { stdio: 'ignore' });
    execFileSync('umount', [folder]);
    return { can: true, why: '' };
  } catch {
    return { can: false, why: ' (skipped: only root may mount a small file system)' };
  }
})();

function mount(folder: string, ...options: string[]): void {
  execFileSync('mount', [...options, folder]);
  if (!mounted.includes(folder)) mounted.push(folder);
}

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'footnote-bad-state-'));
  data = join(root, 'data');
  model = join(root, 'model');
  source = join(root, 'towns.jsonl');
  await writeWordModel({ folder: model, words: ALMANAC_WORDS, dimensions: 384 });
  await writeFile(source, asJsonl(towns(400)));
  await footnoteJson(['build', source, '--data', data, '--model', model]);
});
afterAll(async () => {
  for (const folder of mounted) execFileSync('umount', [folder]);
  await rm(root, { recursive: true, force: true });
});

const search = (...more: string[]) => footnote(['search', 'Who founded Alvenmoor?', '--data', data, ...more]);
const paths = () => buildPaths(data, 'towns');

async function standing(folder = data) {
  const builds = await listBuilds(folder);
  return builds.map(({ name, whole, active }) => ({ name, whole, active }));
}

describe('a build that another running Footnote works on', () => {
  it('can neither be built nor removed; after Ctrl-C, which ends it at once with 130, it can', async () => {
    const hub = await startHub({ files: {} });
    hub.failListings('silence');
    const common = ['--data', data, '--model', model];
    const from = ['build', 'hf:almanac/towns/all', '--name', 'waiting', ...common];
    const first = start(from, { group: true, env: { HF_ENDPOINT: hub.endpoint } });
    await expect.poll(() => hub.requests.length, { timeout: 60_000 }).toBe(1);

    const busy = {
      says: /^Another running Footnote is working on the build in .*waiting\.$/,
      mend: /--name NAME/,
    };
    const [second, removal] = await Promise.all([
      footnote(['build', source, '--name', 'waiting', ...common]),
      footnote(['builds', 'remove', 'waiting', '--data', data]),
    ]);
    expectFailure(second, busy);
    expectFailure(removal, busy);

    process.kill(-(first.child.pid as number), 'SIGINT');
    const { status, stderr } = await first.ended;
    await hub.close();
    expect(status).toBe(130);
    expect(stderr).toMatch(/Cancelled\.\n$/);
    expect(await standing()).toEqual([{ name: 'towns', whole: true, active: true }]);
  });

  it('goes on after Ctrl-C in the middle of its embedding where it was', async () => {
    const args = [
      'build',
      source,
      '--name',
      'stopped',
      '--data',
      data,
      '--model',
      model,
      '--shard-rows',
      '64',
    ];
    const run = start([...args, '--json'], { group: true });
    await run.says(/"stage-progress","stage":"embed".*"done":[1-9]/);
    process.kill(-(run.child.pid as number), 'SIGINT');
    const { status, stderr } = await run.ended;
    expect(stderr).not.toMatch(STACK);
    expect(status).toBe(130);
    expect(await standing()).toContainEqual({ name: 'stopped', whole: false, active: false });
    expectFailure(await search('--build', 'stopped'), {
      says: /^Build "stopped" is not finished\.$/,
      mend: /again: it goes on/,
    });

    const resumed = await footnote(args);
    expect(resumed.stderr).toMatch(/^Going on with build "stopped" where it was\.$/m);
    expect(resumed.status).toBe(0);
    await footnote(['builds', 'activate', 'towns', '--data', data]);
    expect((await footnote(['builds', 'remove', 'stopped', '--data', data])).status).toBe(0);
  });
});

describe('a damaged build', () => {
  it.each(['chunks.sqlite', 'index/index.faiss', 'shards/000000.shard'])(
    'is found by verify, which names %s',
    async (name) => {
      const path = join(paths().folder, name);
      const whole = await readFile(path);
      const spoilt = Buffer.from(whole);
      spoilt.writeUInt8((spoilt[spoilt.length - 100] as number) ^ 1, spoilt.length - 100);
      await writeFile(path, spoilt);
      const verified = await footnote(['builds', 'verify', 'towns', '--data', data]);
      await writeFile(path, whole);
      expectFailure(verified, {
        says: new RegExp(`^Build "towns" is damaged: ${name.replaceAll('.', '\\.')} has changed\\.$`),
        mend: /build again under another name/,
      });
    },
  );

  it('that lacks a file is named by verify and by a search', async () => {
    const { index, folder } = paths();
    const path = join(index, 'index.faiss');
    await copyFile(path, join(root, 'index.faiss'));
    await rm(path);
    const [verified, searched] = [await footnote(['builds', 'verify', '--data', data]), await search()];
    await copyFile(join(root, 'index.faiss'), path);
    expectFailure(verified, {
      says: /^Build "towns" is damaged: index\/index\.faiss cannot be read\.$/,
      mend: /Restore/,
    });
    expectFailure(searched, { says: new RegExp(folder), mend: /./ });
    expect((await search()).status).toBe(0);
  });

  it.each([
    [
      'of an older format',
      (json: string) => json.replace('"format": 1', '"format": 0'),
      /was written by an older Footnote \(format 0; this one reads 1\)\.$/,
      /builds remove/,
    ],
    [
      'of a newer format',
      (json: string) => json.replace('"format": 1', '"format": 2'),
      /was written by a newer Footnote \(format 2; this one reads 1\)\.$/,
      /Update Footnote/,
    ],
    [
      'that is no JSON',
      (json: string) => json.slice(0, 300),
      /manifest\.json is not valid JSON\.$/,
      /restore it/,
    ],
  ])('with a manifest %s is refused, and never listed as whole', async (_, spoil, says, mend) => {
    const { manifest } = paths();
    const whole = await readFile(manifest, 'utf8');
    await writeFile(manifest, spoil(whole));
    const refusals = [await search(), await footnote(['builds', 'activate', 'towns', '--data', data])];
    const list = await footnote(['builds', 'list', '--data', data]);
    const builds = await standing();
    await writeFile(manifest, whole);
    for (const refused of refusals) expectFailure(refused, { says, mend });
    expect(list.status).toBe(0);
    expect(list.stdout).toMatch(/towns .*manifest\.json (was written|is not valid)/);
    expect(builds).toEqual([{ name: 'towns', whole: false, active: true }]);
  });

  it('is not the fault of a broken active.json, which is named', async () => {
    const path = join(data, 'active.json');
    const whole = await readFile(path);
    await writeFile(path, '{"build": "tow');
    const searched = await search();
    await writeFile(path, whole);
    expectFailure(searched, { says: /active\.json is not valid JSON\.$/, mend: /builds activate NAME/ });
  });
});

describe('storage that cannot be written', () => {
  it.skipIf(!mounting.can)(
    `a read-only data folder answers questions and refuses everything else${mounting.why}`,
    async () => {
      const folder = join(root, 'read-only');
      await mkdir(folder);
      mount(folder, '--bind', '-o', 'ro', data);
      const [found, built, activated, removed] = [
        await footnote(['search', 'Who founded Alvenmoor?', '--method', 'hybrid', '--data', folder]),
        await footnote(['build', source, '--name', 'more', '--data', folder, '--model', model]),
        await footnote(['builds', 'activate', 'towns', '--data', folder]),
        await footnote(['builds', 'remove', 'towns', '--data', folder, '--build', 'x']),
      ];
      expect(found.stderr).toBe('');
      expect(found.stdout).toMatch(/^1\. Alvenmoor /);
      expect(found.status).toBe(0);
      expectFailure(built, {
        says: /^Cannot access .*builds: the file system is read-only\.$/,
        mend: /--data DIR/,
      });
      expect(activated.status).toBe(0); // it is active already
      expectFailure(removed, { status: 2, says: /is active and is not removed/, mend: /builds activate/ });
    },
  );

  it.skipIf(!mounting.can)(
    `a disk that is full while reading, embedding and indexing is named each time, and the build goes on once there is space${mounting.why}`,
    async () => {
      const { files } = JSON.parse(await readFile(paths().manifest, 'utf8')) as Manifest;
      const bytes = (prefix: string) =>
        Object.entries(files).reduce(
          (sum, [name, file]) => sum + (name.startsWith(prefix) ? file.bytes : 0),
          0,
        );
      const [read, embedded, indexed] = [bytes('chunks'), bytes('shards'), bytes('index')] as const;
      const folder = join(root, 'small');
      await mkdir(folder);
      const args = ['build', source, '--data', folder, '--model', model, '--shard-rows', '64'];
      const full = {
        says: /^Cannot write .*: the disk is full\.$/,
        mend: /^Free space .* run the same command again\.$/,
      };
      const withSpace = (size: number, remount = 'remount,') =>
        mount(folder, '-t', 'tmpfs', '-o', `${remount}size=${Math.ceil(size)}`, 'tmpfs');
      const expectFull = async (reached: RegExp) => {
        const ended = await footnote(args);
        expectFailure(ended, full);
        expect(ended.stderr).toMatch(reached);
        expect(await standing(folder)).toEqual([{ name: 'towns', whole: false, active: false }]);
      };

      withSpace(read / 2, '');
      await expectFull(/^Building/);

      withSpace(20 * read); // SQLite needs room beside its file while it writes
      const run = start(args, { group: true });
      await run.says(/^reading +done/m);
      process.kill(-(run.child.pid as number), 'SIGINT');
      expect((await run.ended).status).toBe(130);
      withSpace(read + embedded / 2);
      await expectFull(/^reading +done/m);

      withSpace(read + embedded + indexed / 2);
      await expectFull(/^embedding +done/m);

      withSpace(4 * (read + embedded + indexed));
      const ended = await footnote(args);
      expect(ended.status, ended.stderr).toBe(0);
      expect((await footnote(['builds', 'verify', '--data', folder])).status).toBe(0);
      expect(await standing(folder)).toEqual([{ name: 'towns', whole: true, active: true }]);
    },
  );
});
