import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CATALOG } from '../../core/models/catalog.ts';
import {
  type Candidate,
  chooseEmbedding,
  chooseGenerator,
  ensureModel,
  entryNamed,
} from '../../core/models/choose.ts';
import { listModels } from '../../core/models/list.ts';
import type { PullEvent } from '../../core/models/model.ts';
import { startHub } from '../fakes/hub.ts';

const GIB = 2 ** 30;
const SMALL = { totalMemory: 8 * GIB, cores: 2 };
let data: string;
beforeEach(async () => {
  data = await mkdtemp(join(tmpdir(), 'footnote-choose-'));
});
afterEach(() => rm(data, { recursive: true, force: true }));

async function put(files: Record<string, string>, folder = join(data, 'own')): Promise<string> {
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), content);
  }
  return folder;
}

const names = (candidates: Candidate[]) =>
  candidates.map((one) =>
    one.kind === 'installed' ? one.model.entry.name : `${one.entry.name} ${one.source.kind}`,
  );

const OWN = {
  'model.onnx': 'weights',
  'tokenizer.json': '{}',
  'tokenizer_config.json': '{}',
  'config.json': '{"hidden_size": 7}',
};

describe('choosing an embedding model', () => {
  it('tries the hub before the package registries', async () => {
    expect(names(await chooseEmbedding({ data }))).toEqual([
      'multi-qa-MiniLM-L6-cos-v1 hub',
      'all-MiniLM-L6-v2 hub',
      'bge-small-en-v1.5 pypi',
      'all-MiniLM-L6-v2 maven',
    ]);
  });

  it('takes an installed one before it asks any server', async () => {
    const folder = join(data, 'models', 'bge-small-en-v1.5');
    await put({ 'onnx/model.onnx': 'abc' }, folder);
    const files = { 'onnx/model.onnx': { bytes: 3, sha256: 'f00' } };
    await writeFile(
      join(folder, 'model.json'),
      JSON.stringify({ format: 1, name: 'bge-small-en-v1.5', origin: 'here', files }),
    );
    expect(names(await chooseEmbedding({ data }))[0]).toBe('bge-small-en-v1.5');
    const listed = (await listModels(data)).find(({ entry }) => entry.name === 'bge-small-en-v1.5');
    expect(listed?.installed).toMatchObject({ checksum: 'f00', origin: 'here' });
  });

  it('reads dimensions and pooling of a folder from its own files', async () => {
    const folder = await put({ ...OWN, '1_Pooling/config.json': '{"pooling_mode_cls_token": true}' });
    const [first] = await chooseEmbedding({ data, model: folder });
    expect(first).toMatchObject({
      kind: 'installed',
      model: {
        weights: join(folder, 'model.onnx'),
        entry: { embedding: { dimensions: 7, pooling: 'cls', dtype: 'fp32' } },
      },
    });
  });

  it('lets footnote.json set what the other files do not say', async () => {
    const folder = await put({
      ...OWN,
      'footnote.json': '{"queryPrefix": "query: ", "maxTokens": 128, "languages": ["de"]}',
    });
    const [first] = await chooseEmbedding({ data, model: folder });
    expect(first).toMatchObject({
      model: { entry: { embedding: { queryPrefix: 'query: ', maxTokens: 128, languages: ['de'] } } },
    });
  });

  it.each(['tokenizer.json', 'tokenizer_config.json', 'config.json', 'model.onnx'])(
    'names the folder and %s where that is missing',
    async (file) => {
      const folder = await put(OWN);
      await rm(join(folder, file));
      await expect(chooseEmbedding({ data, model: folder })).rejects.toThrow(
        new RegExp(`${folder} has no .*${file}`),
      );
    },
  );

  it('names the field that is wrong in a folder’s footnote.json', async () => {
    const folder = await put({ ...OWN, 'footnote.json': '{"pooling": "max"}' });
    await expect(chooseEmbedding({ data, model: folder })).rejects.toThrow(/footnote\.json .* pooling:/);
  });

  it('refuses an unknown name and lists the known ones', async () => {
    await expect(chooseEmbedding({ data, model: 'word2vec' })).rejects.toMatchObject({
      code: 'usage',
      hint: expect.stringContaining('bge-small-en-v1.5'),
    });
  });
});

describe('choosing a language model', () => {
  const choose = (generator: string, machine: Parameters<typeof chooseGenerator>[1] = SMALL) =>
    chooseGenerator({ data, generator }, machine);

  it.each([
    ['an accelerator', { totalMemory: 16 * GIB, cores: 4, accelerator: 'Vulkan' }],
    ['eight cores', { totalMemory: 16 * GIB, cores: 8 }],
  ])('takes Mistral 7B where memory and %s carry it', async (_, machine) => {
    expect(names(await choose('auto', machine))[0]).toBe('Mistral-7B-Instruct-v0.3-Q4_K_M hub');
  });

  it.each([
    ['two cores', { totalMemory: 64 * GIB, cores: 2 }],
    ['little memory', { totalMemory: 8 * GIB, cores: 16, accelerator: 'Metal' }],
  ])('takes a small model with %s and says why', async (_, machine) => {
    const [first] = await choose('auto', machine);
    expect(first).toMatchObject({ entry: { name: 'Qwen2.5-1.5B-Instruct-Q4_K_M' } });
    expect((first as { reason: string }).reason).toMatch(
      /because \d+ GiB of memory and .* do not carry Mistral-7B/,
    );
  });

  it('leaves out what does not fit into memory at all', async () => {
    expect(names(await choose('auto', { totalMemory: 2 * GIB, cores: 2 }))).toEqual([
      'SmolLM2-135M-Instruct-Q4_1 pypi',
    ]);
  });

  it('takes none for none', async () => {
    expect(await choose('none')).toEqual([]);
  });

  it('takes a GGUF file by its path and refuses one that is none', async () => {
    const folder = await put({ 'good.gguf': 'GGUF....', 'bad.gguf': 'PK' });
    expect(names(await choose(join(folder, 'good.gguf')))).toEqual(['good']);
    await expect(choose(join(folder, 'bad.gguf'))).rejects.toThrow(/bad\.gguf is not a GGUF file/);
  });

  it('takes a file of the hub by OWNER/REPO/FILE.gguf', async () => {
    const [first] = await choose('owner/repo-GGUF/deep/file.Q4.gguf');
    expect(first).toMatchObject({
      source: { repo: 'owner/repo-GGUF', files: [{ remote: 'deep/file.Q4.gguf', path: 'file.Q4.gguf' }] },
    });
  });

  it.each(['gpt', 'a/../b.gguf', '../../etc/x.gguf', 'http://host/a/b.gguf'])('refuses %s', async (name) => {
    await expect(choose(name)).rejects.toMatchObject({ code: 'usage' });
  });
});

describe('ensuring a model', () => {
  it('goes on to the next source when a hub refuses, and tells what was taken and why', async () => {
    const config = (name: string) =>
      [
        `Xenova/${name}/resolve/main/`,
        ['config.json', 'tokenizer.json', 'tokenizer_config.json', 'onnx/model.onnx'],
      ] as const;
    const [root, paths] = config('all-MiniLM-L6-v2');
    const hub = await startHub({
      files: Object.fromEntries(paths.map((path) => [root + path, Buffer.from(path)])),
    });
    const events: PullEvent[] = [];
    const run = ensureModel(await chooseEmbedding({ data }), { data, hub });
    let step = await run.next();
    for (; !step.done; step = await run.next()) events.push(step.value);
    await hub.close();
    expect(events.find(({ type }) => type === 'pull-refused')).toMatchObject({
      model: 'multi-qa-MiniLM-L6-cos-v1',
    });
    expect(step.value.entry.name).toBe('all-MiniLM-L6-v2');
    expect(step.value.origin).toMatch(/^Xenova\/all-MiniLM-L6-v2 on 127.*after this failed: .*HTTP 404/);
  });

  it('asks a hub that cannot be reached only once, and names everything it tried', async () => {
    const all = await chooseEmbedding({ data });
    const hubs = all.filter((one) => one.kind === 'pull' && one.source.kind === 'hub');
    const events: PullEvent[] = [];
    const gone = await startHub({ files: {} });
    await gone.close();
    const run = ensureModel(hubs, { data, hub: gone });
    await expect(
      (async () => {
        for await (const event of run) events.push(event);
      })(),
    ).rejects.toMatchObject({ code: 'model-missing', message: expect.stringContaining('cannot be reached') });
    expect(events.filter(({ type }) => type === 'pull-refused')).toHaveLength(1);
  });
});

describe('the catalogue', () => {
  it('gives every model a name of its own, which finds it', () => {
    for (const entry of CATALOG) expect(entryNamed(entry.name)).toBe(entry);
  });

  it('has the weights among the files of every source, and a checksum for every package member', () => {
    for (const { sources, weights } of CATALOG)
      for (const source of sources) {
        expect(source.files.map(({ path }) => path)).toContain(weights);
        if (source.kind !== 'hub')
          for (const { sha256 } of source.files) expect(sha256).toMatch(/^[0-9a-f]{64}$/);
      }
  });
});
