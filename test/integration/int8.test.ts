import { cp, mkdtemp, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openEmbedder } from '../../core/embed/client.ts';
import { int8Weights } from '../../core/models/int8.ts';
import type { InstalledModel } from '../../core/models/model.ts';
import { resultOf } from '../../core/runtime/result-of.ts';
import { TEXTS } from '../fixtures/texts.ts';
import { realWeights, without } from '../fixtures/weights.ts';

const OPTIONS = { processes: 1, threads: 1, device: 'cpu' } as const;

const fp32 = await realWeights('all-MiniLM-L6-v2');

describe.skipIf(typeof fp32 === 'string')(`int8 weights made of fp32 ones${without(fp32)}`, () => {
  let folder: string;
  let given: InstalledModel;
  let made: InstalledModel;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'footnote-int8-'));
    const real = fp32 as InstalledModel;
    await cp(real.folder, folder, { recursive: true, filter: (path) => !path.includes('footnote-int8') });
    given = { ...real, folder, weights: join(folder, relative(real.folder, real.weights)) };
    made = await resultOf(int8Weights(given, { threads: 2 }));
  }, 300_000);
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it('point where the fp32 vectors do: cosine at least .995 for every text', async () => {
    const vectors = [];
    for (const model of [given, made]) {
      const embedder = await openEmbedder({ model, ...OPTIONS });
      vectors.push(await embedder.embed(TEXTS, 'passage'));
      await embedder.close();
    }
    const [exact, near] = vectors as [Float32Array, Float32Array];
    for (const [row, text] of TEXTS.entries()) {
      let cosine = 0;
      for (let i = row * 384; i < (row + 1) * 384; i += 1)
        cosine += (exact[i] as number) * (near[i] as number);
      expect(cosine, text).toBeGreaterThan(0.995);
    }
    expect(near).not.toEqual(exact);
  });

  it('give a text the same vector alone and among others', async () => {
    const embedder = await openEmbedder({ model: made, ...OPTIONS });
    const together = await embedder.embed(TEXTS, 'passage');
    for (const [row, text] of TEXTS.entries()) {
      const alone = await embedder.embed([text], 'passage');
      for (const [i, value] of alone.entries())
        expect(Math.abs(value - (together[row * 384 + i] as number)), text).toBeLessThan(1e-5);
    }
    await embedder.close();
  });

  it('are made once, with a checksum of their own, and nothing else is left beside them', async () => {
    const before = await stat(made.weights);
    expect(made.entry.embedding?.dtype).toBe('int8');
    expect(made.checksum).not.toBe(given.checksum);
    expect(await resultOf(int8Weights(given, { threads: 1 }))).toEqual(made);
    expect((await stat(made.weights)).mtimeMs).toBe(before.mtimeMs);
    expect((await readdir(join(folder, 'onnx'))).sort()).toEqual([
      'footnote-int8-2.json',
      'footnote-int8-2.onnx',
      'model.onnx',
    ]);
  });

  it('are made anew, and alike, where the file is not whole; what one who was killed left goes', async () => {
    await truncate(made.weights, 1_000);
    const left = 'footnote-int8-2.4194304.measured.onnx'; // above any process id of Linux: its maker was killed
    await writeFile(join(folder, 'onnx', left), 'part of a model');
    expect(await resultOf(int8Weights(given, { threads: 1 }))).toEqual(made);
    expect(await readdir(join(folder, 'onnx'))).not.toContain(left);
  }, 300_000);

  it('are refused for a model of another architecture, in one sentence', async () => {
    const config = join(folder, 'config.json');
    const text = await readFile(config, 'utf8');
    await writeFile(config, text.replace('"bert"', '"gpt2"'));
    await expect(
      resultOf(int8Weights({ ...given, checksum: 'other' }, { threads: 1 })),
    ).rejects.toMatchObject({
      code: 'bad-input',
      message: 'No int8 weights can be made of this model: its config.json says otherwise: model_type.',
    });
    await writeFile(config, text);
  });
});
