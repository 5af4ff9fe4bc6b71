/**
 * A small build of the almanac in a data folder of its own, for benchmarks that ask questions of something.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build, readSettings, type Settings } from '../../core/index.ts';
import { resultOf } from '../../core/runtime/events.ts';
import { asJsonl, type Town } from '../fixtures/almanac.ts';
import { lendModels } from '../fixtures/weights.ts';

/** Runs `use` over a build of the towns, whose answers are quotes; the folder is gone afterwards. */
export async function withAlmanac<Result>(
  towns: Town[],
  model: string,
  use: (settings: Settings) => Promise<Result>,
): Promise<Result> {
  const data = await mkdtemp(join(tmpdir(), 'footnote-bench-'));
  try {
    await lendModels(data);
    const source = join(data, 'almanac.jsonl');
    await writeFile(source, asJsonl(towns));
    const settings = { ...readSettings({ data, model }, {}).settings, generator: 'none' };
    await resultOf(build({ sources: [source] }, settings));
    return await use(settings);
  } finally {
    await rm(data, { recursive: true, force: true });
  }
}
