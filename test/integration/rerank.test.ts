import { readFileSync } from 'node:fs';
import { cp, mkdtemp, rm, truncate } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { InstalledModel } from '../../core/models/model.ts';
import { openReranker } from '../../core/rerank/client.ts';
import type { Reranker } from '../../core/rerank/reranker.ts';
import { realWeights } from '../fixtures/weights.ts';

const weights = await realWeights('ms-marco-MiniLM-L-12-v2');

const QUESTION = 'Who asked Abraham Lincoln to grow a beard?';
const PASSAGES = [
  'Rhine\nThe Rhine rises in the Swiss Alps and flows north to the North Sea.',
  'Abraham Lincoln\nA girl of eleven, Grace Bedell, wrote to Lincoln that he would look better with a beard.',
  'Beard\nMany men of the nineteenth century wore a full beard.',
];
const LONG = Array<string>(400).fill(
  `Lincoln\n${'He spoke of the Union and of the war that was to come. '.repeat(30)}`,
);

describe.skipIf(typeof weights === 'string')(
  'a cross-encoder in its process (skipped where its package cannot be had)',
  () => {
    const model = weights as InstalledModel;
    let reranker: Reranker;
    beforeAll(async () => {
      reranker = await openReranker({ model, threads: 2, device: 'auto' });
    });
    afterAll(() => reranker.close());

    it('puts the passage that answers first, by far, and each pair has the same score in any company', async () => {
      const scores = await reranker.score(QUESTION, PASSAGES);
      expect([...scores].map((score) => score > 0)).toEqual([false, true, false]);
      for (const [i, passage] of PASSAGES.entries())
        expect((await reranker.score(QUESTION, [passage]))[0]).toBe(scores[i]);
    });

    it('reads a title as part of the passage', async () => {
      const [named, unnamed] = await reranker.score('Where does the Rhine rise?', [
        'Rhine\nIt rises in the Alps.',
        'Rhône\nIt rises in the Alps.',
      ]);
      expect(named).toBeGreaterThan(unnamed as number);
    });

    it('scores nothing, an empty question and a question of 100,000 characters', async () => {
      expect(await reranker.score(QUESTION, [])).toHaveLength(0);
      expect(await reranker.score('', ['', 'text'])).toHaveLength(2);
      expect(await reranker.score('why '.repeat(25_000), ['text', ''])).toHaveLength(2);
    });

    it('reads as many passages as the time allows, in their order, and always one', async () => {
      expect(await reranker.score(QUESTION, LONG, { budgetMs: 0.001 })).toHaveLength(1);
      const some = await reranker.score(QUESTION, [...PASSAGES, ...LONG], { budgetMs: 500 });
      expect(some.length).toBeLessThan(LONG.length);
      expect(some[0]).toBe((await reranker.score(QUESTION, PASSAGES))[0]);
    });

    it('stops between passages when cancelled, and works on afterwards', async () => {
      const controller = new AbortController();
      const work = reranker.score(QUESTION, LONG, { signal: controller.signal });
      setTimeout(() => controller.abort(), 300);
      await expect(work).rejects.toMatchObject({ code: 'cancelled' });
      expect(await reranker.score(QUESTION, PASSAGES)).toHaveLength(3);
    });

    it.skipIf(process.platform !== 'linux')(
      'gives the same scores when its process is killed on the way (skipped where /proc is absent)',
      async () => {
        const pairs = [...PASSAGES, ...LONG.slice(0, 8)];
        const undisturbed = await reranker.score(QUESTION, pairs);
        const work = reranker.score(QUESTION, pairs);
        const children = readFileSync(`/proc/self/task/${process.pid}/children`, 'utf8').trim().split(' ');
        for (const pid of children)
          if (readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('rerank.worker'))
            process.kill(Number(pid), 'SIGKILL');
        expect(await work).toEqual(undisturbed);
      },
    );

    it('names the file of weights that are cut short', async () => {
      const folder = await mkdtemp(join(tmpdir(), 'footnote-rerank-'));
      try {
        await cp(model.folder, folder, { recursive: true });
        await truncate(join(folder, model.entry.weights), 1_000_000);
        const cut = { ...model, folder, weights: join(folder, model.entry.weights) };
        await expect(openReranker({ model: cut, threads: 1, device: 'cpu' })).rejects.toMatchObject({
          code: 'bad-input',
          message: expect.stringContaining(join(folder, 'onnx/model.onnx')),
        });
      } finally {
        await rm(folder, { recursive: true, force: true });
      }
    });
  },
);
