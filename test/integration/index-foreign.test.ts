import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openSearcher } from '../../core/index/search/client.ts';
import { SHARED } from '../fixtures/shared-data.ts';
import { readVecs } from '../fixtures/vectors.ts';

const PARITY = join(SHARED, 'faiss-1.7.3');
const read = (name: string) => readFileSync(join(PARITY, name));

test.skipIf(!existsSync(PARITY))(
  'every index that FAISS 1.7.3 wrote is searched to the answers it gave itself (skipped where its files are not on this machine)',
  async () => {
    const { indexes } = JSON.parse(read('manifest.json').toString()) as { indexes: { file: string }[] };
    const queries = readVecs(read('query.fvecs'), 'float').numbers as Float32Array;
    expect(indexes).toHaveLength(30);
    for (const { file } of indexes) {
      const name = file.replace('.faissindex', '');
      const ids = readVecs(read(`${name}.top10.ivecs`), 'int').numbers;
      const distances = readVecs(read(`${name}.top10dist.fvecs`), 'float').numbers;
      const folder = await mkdtemp(join(tmpdir(), 'footnote-foreign-'));
      await symlink(join(PARITY, file), join(folder, 'index.faiss'));
      const searcher = await openSearcher({ folder, rows: 4000, foreign: true });
      try {
        const found = await searcher.search(queries, { k: 10 });
        const same = found.flat().filter(({ id }, i) => id === ids[i]).length;
        expect(same / ids.length, name).toBeGreaterThan(0.995); // equal scores may stand in another order
        const sign = name.endsWith('-IP') ? 1 : -1;
        for (const [i, { score }] of found.flat().entries())
          expect(Math.abs(sign * score - (distances[i] ?? 0)), name).toBeLessThan(
            1e-3 * (1 + Math.abs(score)),
          );
      } finally {
        await searcher.close();
        await rm(folder, { recursive: true });
      }
    }
  },
);
