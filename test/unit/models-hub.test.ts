import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ggufOnHub } from '../../core/models/catalog.ts';
import type { Patience } from '../../core/models/hub-file.ts';
import type { InstalledModel, ModelEntry, PullEvent } from '../../core/models/model.ts';
import { pullModel } from '../../core/models/pull.ts';
import { type Hub, type HubOptions, startHub } from '../fakes/hub.ts';

const FILE = 'Mistral-7B-Instruct-v0.3-Q4_K_M.gguf';
const REPO = 'bartowski/Mistral-7B-Instruct-v0.3-GGUF';
const ADDRESS = `${REPO}/resolve/main/${FILE}`;
const BYTES = Buffer.alloc(600_000, 'weights of some kind ');
const ENTRY: ModelEntry = {
  role: 'generator',
  name: 'Mistral-7B-Instruct-v0.3-Q4_K_M',
  about: '',
  licence: '',
  weights: FILE,
  sources: [ggufOnHub(REPO, FILE, BYTES.length)],
};
const PATIENCE = { answerMs: 20_000, stallMs: 20_000, retries: 2, backOffMs: 10 };
const SOME_BYTES = /^bytes=[1-9]\d*-$/;

let data: string;
let hub: Hub;
const started: Hub[] = [];

async function serveHub(options: Partial<HubOptions> = {}): Promise<Hub> {
  const one = await startHub({ files: { [ADDRESS]: BYTES }, ...options });
  started.push(one);
  return one;
}

beforeEach(async () => {
  data = await mkdtemp(join(tmpdir(), 'footnote-pull-'));
  hub = await serveHub();
});
afterEach(async () => {
  await Promise.all(started.splice(0).map((one) => one.close()));
  await rm(data, { recursive: true, force: true });
});

async function pull(
  options: { token?: string; from?: Hub; signal?: AbortSignal; patience?: Partial<Patience> } = {},
) {
  const events: PullEvent[] = [];
  const run = pullModel({
    entry: ENTRY,
    data,
    hub: { endpoint: (options.from ?? hub).endpoint, token: options.token },
    patience: { ...PATIENCE, ...options.patience },
    signal: options.signal,
  });
  for (;;) {
    const step = await run.next();
    if (step.done) return { events, installed: step.value };
    events.push(step.value);
  }
}

async function expectWhole({ weights }: InstalledModel): Promise<void> {
  expect((await readFile(weights)).equals(BYTES)).toBe(true);
}

describe('pulling a model from a hub', () => {
  it('puts the checked file and its note into the data folder and leaves nothing else', async () => {
    const { installed, events } = await pull();
    await expectWhole(installed);
    expect((await readdir(installed.folder)).sort()).toEqual([FILE, 'model.json']);
    expect(await readdir(join(data, 'models', '.pull'))).toEqual([]);
    expect(events.map(({ type }) => type)).toEqual(expect.arrayContaining(['pull-start', 'pull-end']));
  });

  it('asks the hub nothing when the model is installed', async () => {
    await pull();
    const asked = hub.requests.length;
    await pull();
    expect(hub.requests.length).toBe(asked);
  });

  it('pulls a model again whose file lost bytes', async () => {
    const { installed } = await pull();
    await writeFile(installed.weights, 'short');
    await pull();
    await expectWhole(installed);
  });

  it.each(['half', 'stall'] as const)('goes on where a %s body stopped', async (fault) => {
    hub.failFiles(fault);
    const { installed } = await pull({ patience: fault === 'stall' ? { stallMs: 300 } : {} });
    await expectWhole(installed);
    expect(hub.requests.map(({ range }) => range)).toEqual([undefined, expect.stringMatching(SOME_BYTES)]);
  });

  it('goes on in a later pull where an earlier one was given up', async () => {
    hub.failFiles('half', { status: 500 });
    await expect(pull({ patience: { retries: 0 } })).rejects.toMatchObject({ code: 'network' });
    const { events } = await pull();
    expect(hub.requests.at(-1)?.range).toMatch(SOME_BYTES);
    expect(events[0]).toMatchObject({ type: 'pull-start', resumedFrom: expect.any(Number) });
  });

  it('starts over when the file on the hub has changed in between', async () => {
    const files = { [ADDRESS]: Buffer.alloc(500_000, 'older ') as Uint8Array };
    const changing = await serveHub({ files });
    changing.failFiles('half', { status: 404 });
    await expect(pull({ from: changing })).rejects.toMatchObject({ code: 'model-missing' });
    files[ADDRESS] = BYTES;
    const { installed } = await pull({ from: changing });
    await expectWhole(installed);
  });

  it('starts over when the server does not know ranges', async () => {
    hub.failFiles('half', 'no-range');
    await expectWhole((await pull()).installed);
  });

  it('retries a failing server and then says so in one sentence', async () => {
    hub.failFiles({ status: 500 }, { status: 502 });
    await pull();
    await rm(join(data, 'models'), { recursive: true });
    hub.failFiles({ status: 500 }, { status: 500 }, { status: 500 });
    await expect(pull()).rejects.toThrow(/^Mistral.*: the hub answered HTTP 500\.$/);
  });

  it('waits as long as Retry-After says', async () => {
    hub.failFiles({ status: 429, retryAfter: '1' });
    const pulled = pull();
    expect(await Promise.race([pulled, delay(900, 'still waiting')])).toBe('still waiting');
    expect(hub.requests).toHaveLength(1);
    await pulled;
    expect(hub.requests).toHaveLength(2);
  });

  it('gives up at once when a hub asks for a pause of hours', async () => {
    hub.failFiles({ status: 429, retryAfter: '7200' });
    await expect(pull()).rejects.toThrow(/HTTP 429\): the hub asks for a pause of 7200 s/);
    expect(hub.requests).toHaveLength(1);
  });

  it.each([401, 403, 404])('does not retry a hub that answers %i', async (status) => {
    hub.failFiles({ status });
    await expect(pull()).rejects.toMatchObject({
      code: 'model-missing',
      message: expect.stringContaining(`HTTP ${status}`),
    });
    expect(hub.requests).toHaveLength(1);
  });

  it('gives up a hub that answers nothing, without asking again', async () => {
    hub.failFiles('silence');
    await expect(pull({ patience: { answerMs: 300 } })).rejects.toThrow(
      /^The hub at 127\.0\.0\.1:\d+ did not answer within 0\.3 s\.$/,
    );
    expect(hub.requests).toHaveLength(1);
  });

  it('names a hub that cannot be reached', async () => {
    await hub.close();
    await expect(pull()).rejects.toThrow(/cannot be reached \(ECONNREFUSED\)/);
  });

  it('refuses content whose checksum is not the one the hub tells', async () => {
    const entry = {
      ...ENTRY,
      sources: [{ ...ggufOnHub(REPO, FILE), files: [{ path: FILE, remote: FILE }] }],
    } as ModelEntry;
    const files = { [ADDRESS]: BYTES as Uint8Array };
    const lying = await serveHub({ files, cdn: true });
    Object.defineProperty(files, ADDRESS, {
      get: () => (lying.requests.at(-1)?.cdn ? Buffer.alloc(BYTES.length, 'x') : BYTES),
    });
    const run = pullModel({ entry, data, hub: { endpoint: lying.endpoint }, patience: PATIENCE });
    await expect(
      (async () => {
        for await (const _ of run);
      })(),
    ).rejects.toThrow(/arrived with checksum/);
    expect(await readdir(join(data, 'models'))).toEqual(['.pull']);
  });

  it('shows the token to the hub and never to the place it redirects to', async () => {
    const guarded = await serveHub({ cdn: true, token: 'secret' });
    await expect(pull({ from: guarded })).rejects.toMatchObject({ code: 'model-missing' });
    await pull({ from: guarded, token: 'secret' });
    const [, ours, theirs] = guarded.requests;
    expect(ours).toMatchObject({ cdn: false, authorization: 'Bearer secret' });
    expect(theirs).toMatchObject({ cdn: true, authorization: undefined });
  });

  it('stops promptly when cancelled and keeps what it has', async () => {
    hub.failFiles('stall');
    const controller = new AbortController();
    setTimeout(() => controller.abort(), 100);
    await expect(pull({ signal: controller.signal })).rejects.toMatchObject({ code: 'cancelled' });
    const names = await readdir(join(data, 'models', '.pull'), { recursive: true });
    expect(names.some((name) => name.endsWith('.part'))).toBe(true);
  });

  it('ends the download when the consumer turns away, so that another can begin', async () => {
    hub.failFiles('stall');
    const patience = { ...PATIENCE, stallMs: 600_000 };
    const run = pullModel({ entry: ENTRY, data, hub, patience });
    await run.next();
    await run.next();
    await run.return(undefined as never);
    await pull();
    expect(hub.requests).toHaveLength(2);
  });

  it('lets two pulls of one model at a time end with one download', async () => {
    const [one, other] = await Promise.all([pull(), pull()]);
    expect(one.installed.checksum).toBe(other.installed.checksum);
    expect(hub.requests).toHaveLength(1);
  });
});
