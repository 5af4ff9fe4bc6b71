import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { BuildRequest } from '../../core/build-plan.ts';
import { readSettings } from '../../core/config.ts';
import { parquetFileReader } from '../../core/corpus/parquet.ts';
import { estimateBuild } from '../../core/estimate.ts';
import { asParquet, placeRecords } from '../fixtures/corpus.ts';

const ARTICLES = 10;
const TEXT = 'The town lies by a river. '.repeat(1_000);

describe('the estimate of a build', () => {
  let data: string;
  let source: string;
  beforeAll(async () => {
    data = await mkdtemp(join(tmpdir(), 'footnote-estimate-'));
    source = join(data, 'corpus.jsonl.gz');
    const line = (id: number) => `${JSON.stringify({ id, title: `Town ${id}`, text: TEXT })}\n`;
    await writeFile(source, gzipSync(Array.from({ length: ARTICLES }, (_, id) => line(id)).join('')));
  });
  afterAll(() => rm(data, { recursive: true, force: true }));

  const estimate = (asked: Omit<BuildRequest, 'sources'>) =>
    estimateBuild({ sources: [source], ...asked }, readSettings({ data }, {}).settings);

  it('counts every stage that takes long', async () => {
    const { ms, disk, diskOf } = await estimate({ limit: 5 });
    expect(Object.keys(ms)).toEqual(['read', 'words', 'embed', 'index', 'verify']);
    for (const time of Object.values(ms)) expect(time).toBeGreaterThan(0);
    expect(Object.keys(diskOf)).toEqual(['read', 'words', 'embed', 'index']);
    expect(Object.values(diskOf).reduce((sum, bytes) => sum + bytes)).toBe(disk);
  });

  it('knows how far it has read inside a row group of Parquet', async () => {
    const path = join(data, 'corpus.parquet');
    const reader = async (rows: number) => {
      const bytes = asParquet(placeRecords(rows), rows);
      await writeFile(path, bytes);
      return parquetFileReader(path, bytes.length);
    };
    const read = await reader(100);
    const wrong: number[] = [];
    for await (const { records } of read.articles())
      wrong.push(Math.abs(read.facts.bytesRead / read.facts.bytesTotal - records / 100));
    expect(Math.max(...wrong)).toBeLessThan(0.1); // the footer is the rest
  });

  it('refuses a recipe that no number of chunks mends, but none for a number that is guessed', async () => {
    await expect(estimate({ limit: 5, recipe: 'IVF16,PQ' })).rejects.toMatchObject({ code: 'usage' });
    await expect(estimate({ limit: 5, recipe: 'IVF2,PQ7' })).rejects.toMatchObject({ code: 'usage' });
    // Without the model's tokenizer nobody knows how many chunks there will be.
    expect((await estimate({ limit: 5, recipe: 'IVF4096,Flat' })).recipe).toBe('IVF4096,Flat');
    expect((await estimate({ limit: 5, recipe: 'IVF2,Flat' })).recipe).toBe('IVF2,Flat');
  });
});
