import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type BuildPlan,
  buildPaths,
  FORMAT,
  writeManifest,
  writePlan,
} from '../../core/store/build-folder.ts';
import { activateBuild, activeBuild, removeBuild } from '../../core/store/builds.ts';
import type { Manifest } from '../../core/types.ts';

let data: string;
beforeAll(async () => {
  data = await mkdtemp(join(tmpdir(), 'footnote-builds-'));
  for (const name of ['base', 'other']) {
    const paths = buildPaths(data, name);
    await mkdir(paths.folder, { recursive: true });
    await writeFile(paths.chunks, 'twelve bytes');
    const files = { 'chunks.sqlite': { bytes: 12, sha256: '' } };
    await writeManifest(paths, { format: FORMAT, name, files } as unknown as Manifest);
  }
  await mkdir(buildPaths(data, 'next').folder);
  await writePlan(buildPaths(data, 'next'), { format: FORMAT, name: 'next', update: 'base' } as BuildPlan);
});
afterAll(() => rm(data, { recursive: true }));

describe('a build', () => {
  it('that an unfinished one updates is not removed, nor the active one', async () => {
    await activateBuild(data, 'other');
    await expect(removeBuild(data, 'base')).rejects.toMatchObject({
      code: 'usage',
      message: 'Build "base" is not removed: "next", which updates it, is not finished.',
    });
    await expect(removeBuild(data, 'other')).rejects.toMatchObject({
      message: 'Build "other" is active and is not removed.',
    });
    await removeBuild(data, 'next');
    await removeBuild(data, 'base');
  });

  it('with a file cut short or gone is not activated', async () => {
    const paths = buildPaths(data, 'other');
    await writeFile(paths.chunks, 'two');
    await expect(activateBuild(data, 'other')).rejects.toMatchObject({
      code: 'bad-input',
      message: 'Build "other" is damaged: chunks.sqlite has 3 of 12 bytes.',
    });
    await rm(paths.chunks);
    await expect(activateBuild(data, 'other')).rejects.toMatchObject({
      message: expect.stringContaining('chunks.sqlite is missing'),
    });
    expect(await activeBuild(data)).toBe('other');
  });
});
