/**
 * Where builds lie and which of them is active. Knows names, paths and the two small files that make a build whole
 * (`plan.json`, written first, and `manifest.json`, written last); nothing about what is in the others.
 */
import { readdir, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import writeFileAtomic from 'write-file-atomic';
import { CoreError, toCoreError } from '../errors.ts';
import { digestFile } from '../runtime/digest.ts';
import type { FileRecord, KeywordTokenizer, Manifest, ModelFingerprint } from '../types.ts';
import { lockBuild } from './build-lock.ts';

export const FORMAT = 1;

/** What a build was asked to be; a resumed build must be asked for the same. */
export interface BuildPlan {
  format: number;
  name: string;
  sources: string[];
  /** Bytes of each source file, to notice one that changed; -1 for an address. */
  sourceBytes: number[];
  limit?: number;
  chunksPerArticle?: number;
  recipe?: string;
  /** The build whose vectors and training are taken over where they fit. */
  update?: string;
  /** Question sets that the index is verified with. */
  questions?: string[];
  model: ModelFingerprint;
  /** Where the model lies, if it is a folder of the user's own. */
  modelFolder?: string;
  keywordTokenizer: KeywordTokenizer;
  /** Window of a chunk in word pieces. */
  chunkTokens: number;
  /** Chunks in a shard of vectors. */
  shardRows: number;
}

export interface BuildPaths {
  folder: string;
  plan: string;
  manifest: string;
  chunks: string;
  /** While a build is updated: which row of the earlier build each row is the same as. */
  unchanged: string;
  shards: string;
  index: string;
  lock: string;
  /** Events of its runs; beside the folder, since the folder of a whole build is never written to. */
  journal: string;
  /** What is wanted of its run. */
  control: string;
}

export interface BuildSummary {
  name: string;
  active: boolean;
  /** False while it is being made, after an interruption, or where its manifest cannot be read. */
  whole: boolean;
  manifest?: Manifest;
  /** Why its manifest cannot be read, one sentence. */
  problem?: string;
}

const NAME = /^(?!.*\.\.)[\p{L}\p{N}][\p{L}\p{N}._-]{0,63}$/u;
const JOURNAL = '.journal';
const DAMAGED_HINT =
  'The file was damaged: restore it, or remove the build with `footnote builds remove NAME` and build again.';

/** Paths inside a build's folder. Throws `CoreError('usage')` for a name that could leave the builds folder. */
export function buildPaths(data: string, name: string): BuildPaths {
  if (!NAME.test(name))
    throw new CoreError(
      'usage',
      `"${name}" cannot name a build: use up to 64 letters, digits, ".", "_" and "-".`,
      {
        hint: 'Choose another name with --name NAME.',
      },
    );
  const folder = join(data, 'builds', name);
  return {
    folder,
    plan: join(folder, 'plan.json'),
    manifest: join(folder, 'manifest.json'),
    chunks: join(folder, 'chunks.sqlite'),
    unchanged: join(folder, 'unchanged.u32'),
    shards: join(folder, 'shards'),
    index: join(folder, 'index'),
    lock: join(data, 'builds', `.${name}.lock`),
    journal: join(data, 'builds', `.${name}${JOURNAL}`),
    control: join(data, 'builds', `.${name}.control`),
  };
}

/** Names of the builds with a journal beside their folder: those that were begun by a process of their own. */
export async function listRuns(data: string): Promise<string[]> {
  const names = await readdir(join(data, 'builds')).catch((error) => {
    if (error.code === 'ENOENT') return [];
    throw toCoreError(error);
  });
  return names
    .filter((name) => name.startsWith('.') && name.endsWith(JOURNAL))
    .map((name) => name.slice(1, -JOURNAL.length))
    .filter((name) => NAME.test(name))
    .sort();
}

/** The plan of a begun build, or undefined where none was begun. */
export async function readPlan(paths: BuildPaths): Promise<BuildPlan | undefined> {
  const plan = await readJson<BuildPlan>(paths.plan);
  if (plan !== undefined) checkFormat(plan.format, paths.plan);
  return plan;
}

export function writePlan(paths: BuildPaths, plan: BuildPlan): Promise<void> {
  return writeJson(paths.plan, plan);
}

/**
 * The manifest of a whole build. Throws `CoreError('not-found')` for a build that is not there or not whole,
 * `CoreError('incompatible')` for one of another format.
 */
export async function readManifest(data: string, name: string): Promise<Manifest> {
  const paths = buildPaths(data, name);
  const manifest = await readJson<Manifest>(paths.manifest);
  if (manifest === undefined) {
    const begun = (await readPlan(paths)) !== undefined;
    throw new CoreError('not-found', `Build "${name}" is ${begun ? 'not finished' : 'not there'}.`, {
      hint: begun
        ? 'Run the same `footnote build` command again: it goes on where it was.'
        : '`footnote builds list` shows what is there.',
    });
  }
  checkFormat(manifest.format, paths.manifest);
  return manifest;
}

export function writeManifest(paths: BuildPaths, manifest: Manifest): Promise<void> {
  return writeJson(paths.manifest, manifest);
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
  return (await readJson<{ build: string }>(join(data, 'active.json'), hint))?.build;
}

/** Name of the build that questions went to before the active one, where it is still there and whole. */
export async function previousBuild(data: string): Promise<string | undefined> {
  const previous = (await readJson<{ previous?: string }>(join(data, 'active.json')))?.previous;
  if (previous === undefined) return undefined;
  return readManifest(data, previous).then(
    () => previous,
    () => undefined,
  );
}

/** Makes a whole build the one that questions go to: one atomic rename. */
export async function activateBuild(data: string, name: string): Promise<void> {
  await readManifest(data, name);
  const previous = await activeBuild(data);
  if (previous === name) return;
  await writeJson(join(data, 'active.json'), { build: name, previous });
}

/** Deletes a build; the manifest goes first, so that a half-deleted build is never taken for a whole one. */
export async function removeBuild(data: string, name: string): Promise<void> {
  const paths = buildPaths(data, name);
  if ((await stat(paths.folder).catch(() => undefined)) === undefined)
    throw new CoreError('not-found', `Build "${name}" is not there.`, {
      hint: '`footnote builds list` shows what is there.',
    });
  if ((await activeBuild(data)) === name)
    throw new CoreError('usage', `Build "${name}" is active and is not removed.`, {
      hint: 'Activate another build first: `footnote builds activate NAME`.',
    });
  const release = await lockBuild(paths);
  try {
    await rm(paths.manifest, { force: true });
    await rm(paths.folder, { recursive: true, force: true });
    await rm(paths.journal, { force: true });
  } finally {
    await release();
  }
}

/** Size and SHA-256 of every file of a build but plan and manifest, by path inside its folder. */
export async function recordFiles(
  paths: BuildPaths,
  signal?: AbortSignal,
): Promise<Record<string, FileRecord>> {
  const records: Record<string, FileRecord> = {};
  const entries = await readdir(paths.folder, { recursive: true, withFileTypes: true });
  for (const entry of entries.sort((a, b) =>
    join(a.parentPath, a.name) < join(b.parentPath, b.name) ? -1 : 1,
  )) {
    const path = join(entry.parentPath, entry.name);
    if (!entry.isFile() || path === paths.plan || path === paths.manifest) continue;
    records[path.slice(paths.folder.length + 1)] = await digestFile(path, signal);
  }
  return records;
}

function checkFormat(found: number, path: string): void {
  if (found === FORMAT) return;
  throw new CoreError(
    'incompatible',
    `${path} was written by ${found > FORMAT ? 'a newer' : 'an older'} Footnote (format ${found}; this one reads ${FORMAT}).`,
    {
      hint:
        found > FORMAT
          ? 'Update Footnote, or use another data folder with --data DIR.'
          : 'Build it again under another name, then remove the old one with `footnote builds remove NAME`.',
    },
  );
}

async function readJson<T>(path: string, hint = DAMAGED_HINT): Promise<T | undefined> {
  let content: string;
  try {
    content = await readFile(path, 'utf8');
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined;
    throw toCoreError(error);
  }
  try {
    return JSON.parse(content) as T;
  } catch (cause) {
    throw new CoreError('bad-input', `${path} is not valid JSON.`, { cause, hint });
  }
}

async function writeJson(path: string, value: unknown): Promise<void> {
  await writeFileAtomic(path, `${JSON.stringify(value, null, 2)}\n`).catch((error) => {
    throw toCoreError(error);
  });
}
