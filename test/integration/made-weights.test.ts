import { cp, mkdtemp, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openEmbedder } from '../../core/embed/client.ts';
import { madeWeights } from '../../core/models/made-weights.ts';
import type { InstalledModel, ModelEntry } from '../../core/models/model.ts';
import { resultOf } from '../../core/runtime/events.ts';
import { lendSoftwareVulkan } from '../fixtures/software-vulkan.ts';
import { TEXTS } from '../fixtures/texts.ts';
import { realWeights, without } from '../fixtures/weights.ts';

/** SwiftShader has no half precision; Mesa's driver has. */
const vulkan = lendSoftwareVulkan()?.includes('swiftshader') ? 'SwiftShader' : undefined;
type EmbeddingFacts = NonNullable<ModelEntry['embedding']>;

const OPTIONS = { embedProcesses: 1, threads: 1, device: 'cpu' } as const;
const LEAST = { int8: 0.995, fp16: 0.9999 };

const mean = await realWeights('all-MiniLM-L6-v2');

async function embedded(model: InstalledModel, texts: string[]): Promise<Float32Array> {
  const embedder = await openEmbedder({ model, ...OPTIONS });
  return embedder.embed(texts, 'passage').finally(() => embedder.close());
}

function cosine(a: Float32Array, b: Float32Array, row: number): number {
  let sum = 0;
  for (let i = row * 384; i < (row + 1) * 384; i += 1) sum += (a[i] as number) * (b[i] as number);
  return sum;
}

function withEmbedding(model: InstalledModel, changes: Partial<EmbeddingFacts>): InstalledModel {
  const embedding = { ...(model.entry.embedding as EmbeddingFacts), ...changes };
  return { ...model, entry: { ...model.entry, embedding } };
}

describe.skipIf(typeof mean === 'string')(`weights made of fp32 ones${without(mean)}`, () => {
  let folder: string;
  let given: InstalledModel;
  let exact: Float32Array;
  /** The same model as if the first token were its vector, and its vectors. */
  let first: InstalledModel;
  let firsts: Float32Array;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'footnote-made-'));
    const real = mean as InstalledModel;
    await cp(real.folder, folder, {
      recursive: true,
      filter: (path) => !/footnote-(int8|fp16)-/.test(path),
    });
    given = { ...real, folder, weights: join(folder, relative(real.folder, real.weights)) };
    first = withEmbedding(given, { pooling: 'cls' });
    [exact, firsts] = [await embedded(given, TEXTS), await embedded(first, TEXTS)];
  }, 300_000);
  afterAll(() => rm(folder, { recursive: true, force: true }));

  describe.each(['int8', 'fp16'] as const)('%s', (dtype) => {
    let made: InstalledModel;
    let near: Float32Array;
    beforeAll(async () => {
      made = await resultOf(madeWeights(given, dtype, { threads: 2 }));
      near = await embedded(made, TEXTS);
    }, 300_000);

    it(`point where the fp32 vectors do: cosine at least ${LEAST[dtype]} for every text`, () => {
      for (const [row, text] of TEXTS.entries())
        expect(cosine(exact, near, row), text).toBeGreaterThan(LEAST[dtype]);
      expect(near).not.toEqual(exact);
    });

    it('give unit vectors', () => {
      for (const [row, text] of TEXTS.entries()) expect(cosine(near, near, row), text).toBeCloseTo(1, 5);
    });

    it('give a text the same vector alone and among others', async () => {
      const embedder = await openEmbedder({ model: made, ...OPTIONS });
      for (const [row, text] of TEXTS.entries()) {
        const alone = await embedder.embed([text], 'passage');
        for (const [i, value] of alone.entries())
          expect(Math.abs(value - (near[row * 384 + i] as number)), text).toBeLessThan(1e-5);
      }
      await embedder.close();
    });

    it('are made once, with a checksum of their own', async () => {
      const before = await stat(made.weights);
      expect(made.entry.embedding?.dtype).toBe(dtype);
      expect(made.checksum).not.toBe(given.checksum);
      expect(await resultOf(madeWeights(given, dtype, { threads: 1 }))).toEqual(made);
      expect((await stat(made.weights)).mtimeMs).toBe(before.mtimeMs);
    });

    it('are made anew, and alike, where the file is not whole; what one who was killed left goes', async () => {
      await truncate(made.weights, 1_000);
      const left = made.weights.replace('.onnx', '.4194304.partial.onnx'); // above any process id of Linux: its maker was killed
      await writeFile(left, 'part of a model');
      expect(await resultOf(madeWeights(given, dtype, { threads: 1 }))).toEqual(made);
      await expect(stat(left)).rejects.toThrow('ENOENT');
    }, 300_000);

    it('are others of the same file where the first token is the vector, taken as far as the last layer goes', async () => {
      const ours = await embedded(await resultOf(madeWeights(first, dtype, { threads: 2 })), TEXTS);
      for (const [row, text] of TEXTS.entries()) {
        expect(cosine(firsts, ours, row), text).toBeGreaterThan(LEAST[dtype]);
        expect(cosine(firsts, exact, row), text).toBeLessThan(0.99);
      }
    }, 300_000);
  });

  it.skipIf(vulkan === undefined)(
    'in half precision are refused in one sentence by a graphics card without it',
    async () => {
      const made = await resultOf(madeWeights(given, 'fp16', { threads: 2 }));
      const embedder = await openEmbedder({ model: made, ...OPTIONS, device: 'webgpu' });
      await expect(embedder.embed(TEXTS, 'passage').finally(() => embedder.close())).rejects.toMatchObject({
        code: 'native',
        message: 'all-MiniLM-L6-v2 needs half precision, which the graphics card has not.',
      });
    },
    60_000,
  );

  it('lie beside the fp32 ones, and nothing else is left there', async () => {
    expect((await readdir(join(folder, 'onnx'))).sort()).toEqual([
      'footnote-fp16-1.json',
      'footnote-fp16-1.onnx',
      'footnote-int8-3.json',
      'footnote-int8-3.onnx',
      'model.onnx',
    ]);
  });

  it('are refused for a model of another architecture, and for one that is not fp32, in one sentence', async () => {
    const config = join(folder, 'config.json');
    const text = await readFile(config, 'utf8');
    await writeFile(config, text.replace('"bert"', '"gpt2"'));
    const other = { ...given, checksum: 'other' };
    await expect(resultOf(madeWeights(other, 'int8', { threads: 1 }))).rejects.toMatchObject({
      code: 'bad-input',
      message: 'No other weights can be made of this model: its config.json says otherwise: model_type.',
    });
    await writeFile(config, text);
    const int8 = withEmbedding(given, { dtype: 'int8' });
    await expect(resultOf(madeWeights(int8, 'fp16', { threads: 1 }))).rejects.toMatchObject({
      code: 'bad-input',
      message: 'all-MiniLM-L6-v2 has int8 weights; fp16 ones are made of fp32.',
    });
  });
});
