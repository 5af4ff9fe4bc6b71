/**
 * What a hub's refusals mean, one sentence each. Knows status codes and failed connections; moves no bytes.
 */
import { CoreError } from '../errors.ts';
import type { Hub } from '../hub/hub.ts';
import { retryAfterMs } from '../hub/retry.ts';
import type { Late } from '../hub/watch.ts';

/** A file of a repository on a hub. */
export interface RemoteFile {
  hub: Hub;
  repo: string;
  revision: string;
  /** Path of the file in the repository. */
  remote: string;
}

/** A hub that asks for a longer pause is not tried again. */
const LONGEST_PAUSE_MS = 60_000;

/** Throws one clear sentence for an answer that is not the file. */
export function refuseStatus(request: RemoteFile, response: Response): void {
  const { status } = response;
  if (status === 200 || status === 206) return;
  void response.body?.cancel();
  const file = fileName(request);
  if (status === 401 || status === 403)
    throw new CoreError('model-missing', `${file} is not open to this token (HTTP ${status}).`, {
      hint: 'Set HF_TOKEN to a token that may read the repository, and accept its licence on its page.',
    });
  if (status === 404)
    throw new CoreError('model-missing', `${file} does not exist (HTTP 404).`, {
      hint: 'Check the name; `footnote models list` shows the models that Footnote knows.',
    });
  if (status === 429 || status === 503) {
    const pauseMs = retryAfterMs(response.headers.get('retry-after'));
    throw new CoreError(
      'network',
      `${file} was refused for now (HTTP ${status})${pauseMs === undefined ? '' : `: the hub asks for a pause of ${Math.ceil(pauseMs / 1_000)} s`}.`,
      {
        hint: 'Run the same command again later; it goes on where it stopped.',
        retryable: (pauseMs ?? 0) <= LONGEST_PAUSE_MS,
        ...(pauseMs !== undefined && { details: { pauseMs } }),
      },
    );
  }
  throw new CoreError('network', `${file} could not be downloaded: the hub answered HTTP ${status}.`, {
    hint: 'Run the same command again later; it goes on where it stopped.',
    retryable: status >= 500 || status === 416,
  });
}

const LATE = { answer: 'did not answer within', body: 'sent nothing for' };

const UNREACHABLE = new Set(['ENOTFOUND', 'ECONNREFUSED', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH']);

/** The error for a failed fetch or read; retryable after a broken connection, not if the hub never answered. */
export function connectionError(request: RemoteFile, late: Late | undefined, error: unknown): CoreError {
  const host = new URL(request.hub.endpoint).host;
  const hint = 'Check the network, or name a mirror with HF_ENDPOINT.';
  if (late !== undefined)
    return new CoreError('network', `The hub at ${host} ${LATE[late.what]} ${late.ms / 1_000} s.`, {
      hint,
      retryable: late.what === 'body',
      cause: error,
    });
  const cause = (error as { cause?: { code?: string } }).cause;
  const code = cause?.code ?? (error as Error).message;
  if (UNREACHABLE.has(code))
    return new CoreError('network', `The hub at ${host} cannot be reached (${code}).`, {
      hint,
      cause: error,
    });
  return new CoreError('network', `The connection to the hub at ${host} broke (${code}).`, {
    hint,
    retryable: true,
    cause: error,
  });
}

/** Names the file for messages. */
export function fileName({ hub, repo, revision, remote }: RemoteFile): string {
  return `${remote} of ${repo}${revision === 'main' ? '' : ` at ${revision}`} on ${new URL(hub.endpoint).host}`;
}
