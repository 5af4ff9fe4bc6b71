import { readFileSync } from 'node:fs';
import { cp, mkdtemp, rm, symlink, truncate } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openEmbedder } from '../../core/embed/client.ts';
import type { Embedder } from '../../core/embed/embedder.ts';
import type { InstalledModel } from '../../core/models/model.ts';
import { TEXTS } from '../fixtures/texts.ts';
import { realWeights } from '../fixtures/weights.ts';

const LONG = 'Bridges carry roads and railways over rivers and valleys. '.repeat(200);

const fp32 = await realWeights('all-MiniLM-L6-v2');
const int8 = await realWeights('bge-small-en-v1.5');

function row(vectors: Float32Array, index: number, dimensions = 384): Float32Array {
  return vectors.subarray(index * dimensions, (index + 1) * dimensions);
}

function dot(a: Float32Array, b: Float32Array): number {
  return a.reduce((sum, value, i) => sum + value * (b[i] as number), 0);
}

function farthest(a: Float32Array, b: Float32Array): number {
  return a.reduce((most, value, i) => Math.max(most, Math.abs(value - (b[i] as number))), 0);
}

/** Kills the embedding processes of this test; gives how many there were. */
function killEmbedding(): number {
  const pids = readFileSync(`/proc/self/task/${process.pid}/children`, 'utf8').trim().split(' ');
  const ours = pids.filter((pid) => readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('embed.worker'));
  for (const pid of ours) process.kill(Number(pid), 'SIGKILL');
  return ours.length;
}

for (const [weights, kind, tolerance] of [
  [fp32, 'fp32', 1e-5],
  [int8, 'int8', 0],
] as const)
  describe.skipIf(typeof weights === 'string')(
    `an ${kind} model (skipped where its package cannot be had)`,
    () => {
      let embedder: Embedder;
      let together: Float32Array;
      beforeAll(async () => {
        embedder = await openEmbedder({
          model: weights as InstalledModel,
          embedProcesses: 1,
          threads: 2,
          device: 'auto',
        });
        together = await embedder.embed(TEXTS, 'passage');
      });
      afterAll(() => embedder.close());

      it('gives vectors of length 1, for an empty text too', () => {
        for (const i of TEXTS.keys()) expect(dot(row(together, i), row(together, i))).toBeCloseTo(1, 5);
      });

      it(`gives a text the same vector alone and in company, within ${tolerance}`, async () => {
        for (const [i, text] of TEXTS.entries())
          expect(farthest(await embedder.embed([text], 'passage'), row(together, i))).toBeLessThanOrEqual(
            tolerance,
          );
      });

      it('puts a question nearest to the passage that answers it', async () => {
        const question = await embedder.embed(['Where was Einstein born?'], 'query');
        const scores = TEXTS.map((_, i) => dot(question, row(together, i)));
        expect(scores.indexOf(Math.max(...scores))).toBe(1);
      });

      it('cuts a long text at the model’s length', async () => {
        const [cut, longer] = [LONG, `${LONG} An ending that lies far beyond the cut.`];
        const vectors = await embedder.embed([cut, longer], 'passage');
        expect(farthest(row(vectors, 0), row(vectors, 1))).toBeLessThanOrEqual(tolerance);
      });
    },
  );

describe.skipIf(typeof fp32 === 'string')(
  'an embedder (skipped where the fp32 package cannot be had)',
  () => {
    const model = fp32 as InstalledModel;
    const open = (processes: number, changed: Partial<InstalledModel> = {}) =>
      openEmbedder({
        model: { ...model, ...changed },
        embedProcesses: processes,
        threads: processes,
        device: 'cpu',
      });
    const many = Array.from({ length: 120 }, (_, i) => `${i}: ${TEXTS[i % TEXTS.length]}`);

    it('gives the same vectors in the same order from two processes as from one, and tells how far it is', async () => {
      const [one, two] = await Promise.all([open(1), open(2)]);
      const told: number[] = [];
      const [a, b] = [
        await one.embed(many, 'passage'),
        await two.embed(many, 'passage', { onDone: (done) => told.push(done) }),
      ];
      await Promise.all([one.close(), two.close()]);
      expect(farthest(a, b)).toBeLessThan(1e-5);
      expect(told).toEqual([...told].sort((x, y) => x - y));
      expect(told.at(-1)).toBe(many.length);
    });

    it('stops between batches when cancelled, and works on afterwards', async () => {
      const embedder = await open(1);
      const controller = new AbortController();
      let done = 0;
      const work = embedder.embed(Array<string>(400).fill(LONG), 'passage', {
        signal: controller.signal,
        onDone: (count) => {
          done = count;
          controller.abort();
        },
      });
      await expect(work).rejects.toMatchObject({ code: 'cancelled' });
      expect(done).toBeLessThan(400);
      expect(await embedder.embed(['again'], 'passage')).toHaveLength(384);
      await embedder.close();
    });

    it.skipIf(process.platform !== 'linux')(
      'gives the same vectors when its process is killed on the way (skipped where /proc is absent)',
      async () => {
        const embedder = await open(1);
        const undisturbed = await embedder.embed(many, 'passage');
        let killed = 0;
        const disturbed = await embedder.embed(many, 'passage', {
          onDone: () => {
            if (killed === 0) killed = killEmbedding();
          },
        });
        await embedder.close();
        expect(killed).toBe(1);
        expect(farthest(disturbed, undisturbed)).toBeLessThan(1e-5);
      },
    );

    it('names the folder and file of weights that are cut short', async () => {
      const folder = await mkdtemp(join(tmpdir(), 'footnote-cut-'));
      await cp(model.folder, folder, { recursive: true });
      await truncate(join(folder, 'onnx/model.onnx'), 1_000_000);
      const opened = open(1, { folder, weights: join(folder, 'onnx/model.onnx') });
      await expect(opened).rejects.toMatchObject({
        code: 'bad-input',
        message: expect.stringContaining(folder),
      });
      await rm(folder, { recursive: true });
    });

    it('names the folder whose tokenizer is missing', async () => {
      const folder = await mkdtemp(join(tmpdir(), 'footnote-bare-'));
      await symlink(join(model.folder, 'onnx'), join(folder, 'onnx'));
      const opened = open(1, { folder, weights: join(folder, 'onnx/model.onnx') });
      await expect(opened).rejects.toThrow(new RegExp(`The tokenizer in ${folder} cannot be loaded`));
      await rm(folder, { recursive: true });
    });

    it('says that a device is not there', async () => {
      const opened = openEmbedder({ model, threads: 1, device: 'cuda' });
      await expect(opened).rejects.toMatchObject({
        code: 'native',
        message: expect.stringContaining('cuda'),
      });
    });
  },
);
