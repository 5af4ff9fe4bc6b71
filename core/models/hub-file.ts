/**
 * Knows how to download one file from a Hugging Face hub or a mirror: resumed, retried, checked, renamed when complete.
 * Knows nothing about models.
 *
 * During the download a file is at `PATH.part`; `PATH.part.json` says which version of the remote file that is.
 */
import { mkdir, open, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { CoreError, throwIfAborted } from '../errors.ts';
import { authorization } from '../hub/hub.ts';
import { retrying } from '../hub/retry.ts';
import { startWatch, type Watch } from '../hub/watch.ts';
import { digestFile } from '../runtime/digest.ts';
import { syncFolder } from '../runtime/whole-file.ts';
import type { FileRecord } from '../types.ts';
import { connectionError, fileName, type RemoteFile, refuseStatus } from './hub-refusal.ts';

/** How long to wait for a hub. */
export interface Patience {
  /** Until the first byte of an answer, in ms. */
  answerMs: number;
  /** Between two pieces of a body, in ms. */
  stallMs: number;
  /** Further attempts that bring nothing; one that brings bytes does not count. */
  retries: number;
  /** Pause before the first retry, doubled at each further one, in ms. */
  backOffMs: number;
}

const PATIENCE: Patience = { answerMs: 8_000, stallMs: 20_000, retries: 4, backOffMs: 500 };
const MOST_REDIRECTS = 5;

export interface HubFileRequest extends RemoteFile {
  /** Where to put it. */
  path: string;
  /** Checked if the hub reports no checksum of its own. */
  sha256?: string | undefined;
  patience?: Partial<Patience> | undefined;
  signal?: AbortSignal | undefined;
  /** Bytes of this file that lie on disk now, and how many there will be. */
  onBytes?: (bytes: number, total: number | undefined) => void;
}

/**
 * Downloads one file; a complete one that is already at `path` is kept.
 * Throws `model-missing` (401, 403, 404), `network` (429, 5xx, half a file, silence, a wrong checksum), `disk` or `cancelled`.
 */
export async function getHubFile(request: HubFileRequest): Promise<FileRecord> {
  const { path, signal } = request;
  const patience = { ...PATIENCE, ...request.patience };
  await mkdir(dirname(path), { recursive: true });
  if ((await sizeOf(path)) === undefined) {
    await retrying(() => attempt(request, patience), {
      retries: patience.retries,
      pauseMs: patience.backOffMs,
      bytes: async () => (await sizeOf(partOf(path))) ?? 0,
      signal,
    });
  }
  const record = await digestFile(path, signal);
  request.onBytes?.(record.bytes, record.bytes);
  return record;
}

/** What the hub said about the version that a `.part` belongs to. */
interface PartNote {
  etag?: string;
  sha256?: string;
}

async function attempt(request: HubFileRequest, patience: Patience): Promise<void> {
  const { path, signal } = request;
  const part = partOf(path);
  const note = await readNote(part);
  const have = note.etag === undefined ? 0 : ((await sizeOf(part)) ?? 0);
  const watch = startWatch(signal);
  try {
    watch.expect(patience.answerMs, 'answer');
    const { response, sha256 } = await follow(request, watch, {
      'accept-encoding': 'identity',
      ...(have > 0 && { range: `bytes=${have}-`, 'if-range': note.etag as string }),
    });
    const whole = have > 0 && response.status === 416 && totalIn(response) === have;
    if (response.status === 416 && !whole) await rm(part, { force: true });
    if (!whole) refuseStatus(request, response);
    const etag = response.headers.get('etag') ?? undefined;
    const fresh: PartNote = {
      ...(etag !== undefined && !etag.startsWith('W/') && { etag }),
      ...(sha256 !== undefined && { sha256 }),
    };
    const resumed = response.status === 206 && note.sha256 === fresh.sha256 && startIn(response) === have;
    if (response.status === 206 && !resumed) {
      await rm(part, { force: true });
      await response.body?.cancel();
      throw new CoreError('network', `${fileName(request)} changed while it was being downloaded.`, {
        retryable: true,
      });
    }
    const offset = resumed || whole ? have : 0;
    const length = response.headers.get('content-length');
    const total = length === null ? undefined : offset + Number(length);
    if (offset === 0) await rm(part, { force: true }); // a note must never stand beside an older version's bytes
    await writeFile(`${part}.json`, JSON.stringify(fresh));
    const got = whole ? have : await save(request, response, watch, patience, offset, total);
    if (!whole && total !== undefined && got !== total)
      throw new CoreError('network', `${fileName(request)} ended after ${got} of ${total} bytes.`, {
        retryable: true,
      });
    await check(request, sha256 ?? request.sha256);
    await rename(part, path);
    await rm(`${part}.json`, { force: true });
    await syncFolder(dirname(path));
  } finally {
    watch.rest();
  }
}

/** Writes the body after the first `offset` bytes of the part; returns its new length. */
async function save(
  request: HubFileRequest,
  response: Response,
  watch: Watch,
  patience: Patience,
  offset: number,
  total: number | undefined,
): Promise<number> {
  const file = await open(partOf(request.path), offset > 0 ? 'r+' : 'w');
  let at = offset;
  request.onBytes?.(at, total);
  try {
    const reader = response.body?.getReader();
    for (;;) {
      watch.expect(patience.stallMs, 'body');
      const piece = await reader?.read().catch((error: unknown) => {
        throwIfAborted(request.signal);
        throw connectionError(request, watch.late, error);
      });
      watch.rest();
      if (piece === undefined || piece.done) break;
      let written = 0;
      while (written < piece.value.length)
        written += (await file.write(piece.value, written, piece.value.length - written, at + written))
          .bytesWritten;
      at += piece.value.length;
      request.onBytes?.(at, total);
    }
    await file.sync();
  } finally {
    await file.close();
  }
  return at;
}

/** Follows redirects itself: the token stays with its origin, and the checksum, only in the first answer, is kept. */
async function follow(
  request: HubFileRequest,
  watch: Watch,
  headers: Record<string, string>,
): Promise<{ response: Response; sha256: string | undefined }> {
  const { hub, repo, revision, remote } = request;
  const path = `${repo}/resolve/${revision}/${remote}`.split('/').map(encodeURIComponent).join('/');
  const home = new URL(hub.endpoint).origin;
  let url = new URL(`${hub.endpoint.replace(/\/+$/, '')}/${path}`);
  let sha256: string | undefined;
  for (let hop = 0; hop <= MOST_REDIRECTS; hop += 1) {
    const response = await fetch(url, {
      redirect: 'manual',
      signal: watch.signal,
      headers: { ...headers, ...authorization(hub, url) },
    }).catch((error: unknown) => {
      throwIfAborted(request.signal);
      throw connectionError(request, watch.late, error);
    });
    // Only the hub's own ETag is a checksum; a CDN's may be anything.
    const told =
      response.headers.get('x-linked-etag') ?? (url.origin === home ? response.headers.get('etag') : null);
    sha256 ??= sha256In(told);
    const location = response.headers.get('location');
    if (response.status < 300 || response.status >= 400 || location === null) return { response, sha256 };
    await response.body?.cancel();
    url = new URL(location, url);
  }
  throw new CoreError('network', `${fileName(request)} redirects too many times.`);
}

async function check(request: HubFileRequest, expected: string | undefined): Promise<void> {
  if (expected === undefined) return;
  const part = partOf(request.path);
  const { sha256 } = await digestFile(part, request.signal);
  if (sha256 === expected) return;
  await rm(part, { force: true });
  throw new CoreError(
    'network',
    `${fileName(request)} arrived with checksum ${sha256.slice(0, 12)}… where ${expected.slice(0, 12)}… was expected.`,
    { retryable: true, hint: 'Run the same command again; the file is downloaded anew.' },
  );
}

function sha256In(etag: string | null): string | undefined {
  return etag?.match(/^(?:W\/)?"?([0-9a-f]{64})"?$/)?.[1];
}

/** The first byte that `Content-Range: bytes FIRST-LAST/TOTAL` announces. */
function startIn(response: Response): number {
  return Number(response.headers.get('content-range')?.match(/^bytes (\d+)-/)?.[1]);
}

function totalIn(response: Response): number {
  return Number(response.headers.get('content-range')?.match(/\/(\d+)$/)?.[1]);
}

function partOf(path: string): string {
  return `${path}.part`;
}

async function sizeOf(path: string): Promise<number | undefined> {
  return (await stat(path).catch(() => undefined))?.size;
}

async function readNote(part: string): Promise<PartNote> {
  try {
    return JSON.parse(await readFile(`${part}.json`, 'utf8')) as PartNote;
  } catch {
    return {}; // no note, or one that a kill cut short: the part cannot be trusted
  }
}
