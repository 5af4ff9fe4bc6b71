/**
 * The builds of a data folder: which there are, which one questions go to, and how one is removed.
 * Knows the pointer to the active build; what lies in a build's folder is known there.
 */
import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { CoreError, toCoreError } from '../errors.ts';
import type { Manifest } from '../types.ts';
import { buildPaths, NAME, readJson, readManifest, readPlan, writeJson } from './build-folder.ts';
import { lockBuild } from './build-lock.ts';

export interface BuildSummary {
  name: string;
  active: boolean;
  /** False while it is being made, after an interruption, or where its manifest cannot be read. */
  whole: boolean;
  manifest?: Manifest;
  /** Why its manifest cannot be read, one sentence. */
  problem?: string;
}

/** Every build in the data folder, whole or not, by name. */
export async function listBuilds(data: string): Promise<BuildSummary[]> {
  const active = await activeBuild(data);
  const names = await readdir(join(data, 'builds')).catch((error) => {
    if (error.code === 'ENOENT') return [];
    throw toCoreError(error);
  });
  const summaries = names
    .filter((name) => NAME.test(name))
    .sort()
    .map(async (name): Promise<BuildSummary> => {
      const summary = { name, active: name === active, whole: false };
      try {
        return { ...summary, whole: true, manifest: await readManifest(data, name) };
      } catch (error) {
        const { code, message } = toCoreError(error);
        if (code === 'not-found') return summary;
        if (code === 'bad-input' || code === 'incompatible') return { ...summary, problem: message };
        throw error;
      }
    });
  return Promise.all(summaries);
}

/** Name of the build that questions go to, or undefined. */
export async function activeBuild(data: string): Promise<string | undefined> {
  const hint = 'Delete that file, then choose a build: `footnote builds activate NAME`.';
  return (await readJson<{ build: string }>(activePath(data), hint))?.build;
}

/** Name of the build that questions went to before the active one, where it is still there and whole. */
export async function previousBuild(data: string): Promise<string | undefined> {
  const previous = (await readJson<{ previous?: string }>(activePath(data)))?.previous;
  if (previous === undefined) return undefined;
  return readManifest(data, previous).then(
    () => previous,
    () => undefined,
  );
}

/** Makes a whole build the one that questions go to: one atomic rename. The caller holds the build. */
export async function makeActive(data: string, name: string): Promise<void> {
  await readManifest(data, name);
  const previous = await activeBuild(data);
  if (previous === name) return;
  await writeJson(activePath(data), { build: name, previous });
}

/** As {@link makeActive}, where nobody holds the build yet. Throws `locked` where another process does. */
export async function activateBuild(data: string, name: string): Promise<void> {
  await checkSizes(data, await readManifest(data, name));
  if ((await activeBuild(data)) === name) return; // nothing is written then, not even a lock
  const release = await lockBuild(buildPaths(data, name));
  try {
    await makeActive(data, name);
  } finally {
    await release();
  }
}

/** Refuses a build with a file that is gone or has another size than when it was built; `builds verify` reads them whole. */
async function checkSizes(data: string, { name, files }: Manifest): Promise<void> {
  const { folder } = buildPaths(data, name);
  for (const [path, { bytes }] of Object.entries(files)) {
    const found = (await stat(join(folder, path)).catch(() => undefined))?.size;
    if (found === bytes) continue;
    throw new CoreError(
      'bad-input',
      `Build "${name}" is damaged: ${path} ${found === undefined ? 'is missing' : `has ${found} of ${bytes} bytes`}.`,
      { hint: `Restore it from a copy, or remove the build and build again: footnote builds remove ${name}` },
    );
  }
}

/**
 * Deletes a build; the manifest goes first, so that a half-deleted build is never taken for a whole one.
 * Throws `CoreError`: `not-found`, `usage` for the active build and for one that an unfinished build updates, `locked`.
 */
export async function removeBuild(data: string, name: string): Promise<void> {
  const paths = buildPaths(data, name);
  if ((await stat(paths.folder).catch(() => undefined)) === undefined)
    throw new CoreError('not-found', `Build "${name}" is not there.`, {
      hint: '`footnote builds list` shows what is there.',
    });
  await refuseInUse(data, name);
  const release = await lockBuild(paths);
  try {
    await refuseInUse(data, name); // a build that held the lock may have become active
    await rm(paths.manifest, { force: true });
    await rm(paths.folder, { recursive: true, force: true });
    await rm(paths.journal, { force: true });
  } finally {
    await release();
  }
}

async function refuseInUse(data: string, name: string): Promise<void> {
  if ((await activeBuild(data)) === name)
    throw new CoreError('usage', `Build "${name}" is active and is not removed.`, {
      hint: 'Activate another build first: `footnote builds activate NAME`.',
    });
  for (const { name: other, whole } of await listBuilds(data)) {
    if (whole) continue;
    const plan = await readPlan(buildPaths(data, other)).catch(() => undefined);
    if (plan?.update === name)
      throw new CoreError(
        'usage',
        `Build "${name}" is not removed: "${other}", which updates it, is not finished.`,
        {
          hint: `Finish that one with the same \`footnote build\` command, or remove it first: footnote builds remove ${other}`,
        },
      );
  }
}

function activePath(data: string): string {
  return join(data, 'active.json');
}
