/**
 * Where builds are stored and which of them is active. Knows names, paths and the two small files that make a build
 * complete (`plan.json`, written first, and `manifest.json`, written last); nothing about the contents of the others.
 */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import writeFileAtomic from 'write-file-atomic';
import { CoreError, toCoreError } from '../errors.ts';
import { digestFile } from '../runtime/digest.ts';
import { writeWhole } from '../runtime/whole-file.ts';
import type { FileRecord, KeywordTokenizer, Manifest, ModelFingerprint } from '../types.ts';

export const FORMAT = 1;

/** What a build was asked to be; a resumed build must be asked for the same. */
export interface BuildPlan {
  format: number;
  name: string;
  sources: string[];
  /** Bytes of each source file, to detect one that changed; -1 for an address. */
  sourceBytes: number[];
  limit?: number;
  chunksPerArticle?: number;
  recipe?: string;
  /** The build whose vectors and training are reused as far as they fit. */
  update?: string;
  /** Question sets to verify the index with. */
  questions?: string[];
  model: ModelFingerprint;
  /** Path of the model, if it is a folder of the user's own. */
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
  /** While a build is updated: for each row, the equal row of the earlier build. */
  unchanged: string;
  shards: string;
  index: string;
  lock: string;
  /** Events of its runs; beside the folder, since a complete build's folder is never written to. */
  journal: string;
  /** What its run is asked to do: run, pause or cancel. */
  control: string;
}

/** What a build may be called. */
export const NAME = /^(?!.*\.\.)[\p{L}\p{N}][\p{L}\p{N}._-]{0,63}$/u;
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

/** Names of the builds with a journal beside their folder: those made by a process of their own. */
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

/** The plan of a build; undefined if it was not begun. */
export async function readPlan(paths: BuildPaths): Promise<BuildPlan | undefined> {
  const plan = await readJson<BuildPlan>(paths.plan);
  if (plan !== undefined) checkFormat(plan.format, paths.plan);
  return plan;
}

export function writePlan(paths: BuildPaths, plan: BuildPlan): Promise<void> {
  return writeJson(paths.plan, plan);
}

/**
 * The manifest of a complete build. Throws `CoreError('not-found')` for a build that is missing or not complete,
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

/** The caller holds the build. A whole Wikipedia's manifest is megabytes: a full disk must not leave half of it. */
export async function writeManifest(paths: BuildPaths, manifest: Manifest): Promise<void> {
  const content = Readable.from([Buffer.from(`${JSON.stringify(manifest, null, 2)}\n`)]);
  await writeWhole(paths.manifest, content).catch((error) => {
    throw toCoreError(error);
  });
}

/** Size and SHA-256 of every file of a build except plan and manifest, by path inside its folder. */
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

export async function readJson<T>(path: string, hint = DAMAGED_HINT): Promise<T | undefined> {
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

export async function writeJson(path: string, value: unknown): Promise<void> {
  await writeFileAtomic(path, `${JSON.stringify(value, null, 2)}\n`).catch((error) => {
    throw toCoreError(error);
  });
}
