import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { listBuilds } from '../../core/store/builds.ts';
import type { Manifest } from '../../core/types.ts';
import { type Hub, type HubOptions, startHub } from '../fakes/hub.ts';
import { ALMANAC_WORDS } from '../fixtures/almanac.ts';
import { type Ended, expectFailure, footnote } from '../fixtures/command.ts';
import { asParquet, placeRecords } from '../fixtures/corpus.ts';
import { writeWordModel } from '../fixtures/word-model.ts';

const CONFIG = 'datasets/almanac/towns/resolve/main/20240101.sv';
const FILES = {
  [`${CONFIG}/train-0.parquet`]: asParquet(placeRecords(24)),
  [`${CONFIG}/train-1.parquet`]: asParquet(placeRecords(8)),
};
const SOURCE = 'hf:almanac/towns/20240101.sv';

let root: string;
let model: string;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'footnote-bad-hub-'));
  model = join(root, 'model');
  await writeWordModel({ folder: model, words: ALMANAC_WORDS, dimensions: 32 });
});
afterAll(() => rm(root, { recursive: true, force: true }));

interface Built {
  ended: Ended;
  hub: Hub;
  builds: Awaited<ReturnType<typeof listBuilds>>;
}

/** Builds out of a hub of its own into a data folder of its own. */
async function buildFrom(
  name: string,
  trouble: (hub: Hub) => void = () => undefined,
  options: Partial<HubOptions> & { env?: Record<string, string> } = {},
): Promise<Built> {
  const { env, ...changed } = options;
  const hub = await startHub({ files: FILES, ...changed });
  trouble(hub);
  const data = join(root, name);
  const args = ['build', SOURCE, '--data', data, '--model', model, '--json'];
  const ended = await footnote(args, { env: { HF_ENDPOINT: hub.endpoint, ...env } });
  await hub.close();
  return { ended, hub, builds: await listBuilds(data) };
}

/** A failure tells its events on stdout first; what is left is told as without `--json`. */
function expectRefusal({ ended, builds }: Built, says: RegExp, mend: RegExp): void {
  expectFailure({ ...ended, stdout: '' }, { says, mend });
  expect(builds.filter(({ whole }) => whole)).toEqual([]);
}

function expectWhole({ ended }: Built): void {
  expect(ended.status, ended.stderr).toBe(0);
  const manifest = JSON.parse(ended.stdout.trim().split('\n').at(-1) as string) as Manifest;
  expect(manifest).toMatchObject({
    name: '20240101.sv',
    articles: 20,
    dumpDate: '2024-01-01',
    sources: [SOURCE],
  });
}

describe('a hub', () => {
  it('that answers is read, and a private one with HF_TOKEN', async () => {
    const built = await buildFrom('private', undefined, {
      token: 'hf_secret',
      env: { HF_TOKEN: 'hf_secret' },
    });
    expectWhole(built);
    expect(built.hub.requests.every(({ authorization }) => authorization === 'Bearer hf_secret')).toBe(true);
    expect(built.ended.stdout + built.ended.stderr).not.toContain('hf_secret');
  });

  it('that answers 401 is refused with the name of the setting that it wants', async () => {
    const built = await buildFrom('closed', undefined, { token: 'hf_secret' });
    expectRefusal(built, /^127\.0\.0\.1:\d+ asks for an access token \(HTTP 401 for .*\)\.$/, /Set HF_TOKEN/);
  });

  it('that has no such data set is refused with the form of its name', async () => {
    const built = await buildFrom('unknown', undefined, { files: {} });
    expectRefusal(built, /^There is nothing at .* \(HTTP 404\)\.$/, /hf:OWNER\/NAME\/CONFIG/);
  });

  it('that answers 429 with a long pause is given up at once, the pause named', async () => {
    const built = await buildFrom('busy', (hub) => hub.failFiles({ status: 429, retryAfter: '7200' }));
    expectRefusal(
      built,
      /refuses more requests for now \(HTTP 429 .* asks for a pause of 7200 s\.$/,
      /again later/,
    );
  });

  it('that answers 429 with a short pause, 500, half a file, or cuts the line is asked again, and read to the end', async () => {
    const trouble = [{ status: 429, retryAfter: '1' }, { status: 500 }, 'half', 'half'] as const;
    expectWhole(await buildFrom('unsteady', (hub) => hub.failFiles(...trouble)));
  });

  it('that sends no list of files, or a server without ranges, is told apart from a broken network', async () => {
    const page = await buildFrom('page', undefined, { listingBody: '<html>Welcome to the hotel</html>' });
    expectRefusal(page, /did not answer with a list of files, as a hub does\.$/, /Check HF_ENDPOINT/);
    const whole = await buildFrom('no-range', (hub) => hub.failFiles('no-range'));
    expectRefusal(whole, /does not answer requests for parts of a file\.$/, /Download the files first/);
  });

  it('that fails for good, or never answers, is given up after its tries, and the same command goes on later', async () => {
    const failing = buildFrom('failing', (hub) => hub.failListings(...Array(6).fill({ status: 500 })));
    const absent = footnote(['build', SOURCE, '--data', join(root, 'absent'), '--model', model]);
    const silent = buildFrom('silent', (hub) => hub.failListings('silence'));
    expectRefusal(
      await failing,
      /^127\.0\.0\.1:\d+ failed \(HTTP 500 for .*\)\.$/,
      /run the same command again/i,
    );
    expectFailure(await absent, {
      says: /could not be read: the connection failed \(ECONNREFUSED\)\.$/,
      mend: /Check the network and HF_ENDPOINT/,
    });
    expectWhole(await silent);
    expectWhole(await buildFrom('failing'));
  });
});

describe('a pull of a language model', () => {
  const pull = async (name: string, hub: Hub) =>
    footnote(['models', 'pull', 'almanac/parrot/parrot.gguf', '--data', join(root, name)], {
      env: { HF_ENDPOINT: hub.endpoint },
    });
  const parrot = { 'almanac/parrot/resolve/main/parrot.gguf': Buffer.alloc(300_000, 'GGUF') };

  it('that is refused with 401 or finds nothing names the file and the way in', async () => {
    const hub = await startHub({ files: parrot, token: 'hf_secret' });
    expectFailure(await pull('pull-closed', hub), {
      says: /parrot\.gguf.*not open to this token \(HTTP 401\)/,
      mend: /Set HF_TOKEN/,
    });
    await hub.close();
    const empty = await startHub({ files: {} });
    expectFailure(await pull('pull-empty', empty), {
      says: /parrot\.gguf.*does not exist \(HTTP 404\)/,
      mend: /./,
    });
    await empty.close();
  });

  it('of which half came goes on where it was', async () => {
    const hub = await startHub({ files: parrot });
    hub.failFiles('half');
    const { status, stdout, stderr } = await pull('pull-half', hub);
    await hub.close();
    expect(status, stderr).toBe(0);
    expect(stdout).toMatch(/^almanac\/parrot\/parrot\.gguf is in /);
    expect(hub.requests.at(-1)?.range).toMatch(/^bytes=[1-9]\d*-$/);
  });
});
