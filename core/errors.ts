/**
 * Knows how Footnote fails: one error type that crosses process boundaries and names its own remedy.
 * Knows nothing about who shows it.
 */

const MARK = Symbol.for('footnote.error');

/** A closed list, so that code that shows errors (console, bots) can cover every case. */
export type ErrorCode =
  | 'usage' // the caller asked for something that does not exist
  | 'bad-input' // a file or text that is not as expected
  | 'not-found' // a build, model or file that does not exist
  | 'model-missing' // weights that could not be obtained
  | 'model-mismatch' // a build made with another model than the one asked for
  | 'incompatible' // state written by another version
  | 'locked' // another running instance holds it
  | 'disk' // full, read-only or failing storage
  | 'network' // a server that refused, failed or stayed silent
  | 'native' // a native module that is missing or does not load
  | 'worker-crashed' // a child process that ended in the middle of a call
  | 'cancelled'
  | 'internal';

export interface ErrorFields {
  /** How to fix it: a command or a setting, in one sentence. */
  hint?: string;
  /** Whether the same call may work when tried again. */
  retryable?: boolean;
  /** Facts for an admin (file, line, bytes …); never shown in a chat. */
  details?: Record<string, string | number | boolean>;
  cause?: unknown;
}

/** What crosses a process boundary in place of a CoreError: plain data. */
export interface WireError {
  code: ErrorCode;
  message: string;
  hint?: string;
  retryable: boolean;
  details: Record<string, string | number | boolean>;
  stack?: string;
}

export class CoreError extends Error {
  readonly code: ErrorCode;
  readonly hint: string | undefined;
  readonly retryable: boolean;
  readonly details: Record<string, string | number | boolean>;
  readonly [MARK] = true;

  /** @param message one sentence that says what is wrong, where, and what was expected */
  constructor(code: ErrorCode, message: string, fields: ErrorFields = {}) {
    super(message, fields.cause === undefined ? undefined : { cause: fields.cause });
    this.name = 'CoreError';
    this.code = code;
    this.hint = fields.hint;
    this.retryable = fields.retryable ?? false;
    this.details = fields.details ?? {};
  }
}

/** True for a CoreError of any copy of this module (another process, another bundle). */
export function isCoreError(error: unknown): error is CoreError {
  return typeof error === 'object' && error !== null && MARK in error;
}

const ELSEWHERE = 'Free space or choose another place with --data DIR, then run the same command again.';
const PERMIT = 'Give this user the right to it (`ls -l` shows who has it), or choose another place.';
const RENAME = 'Check the path: a folder is wanted where a file is, or the other way round.';

/** What the system's errors mean, and what mends them. */
const DISK_SENTENCES: Record<string, { sentence: string; hint: string }> = {
  ENOSPC: { sentence: 'the disk is full', hint: ELSEWHERE },
  EDQUOT: { sentence: 'the disk quota is used up', hint: ELSEWHERE },
  EROFS: { sentence: 'the file system is read-only', hint: ELSEWHERE },
  EIO: { sentence: 'the disk reported an input/output error', hint: ELSEWHERE },
  EMFILE: {
    sentence: 'too many files are open',
    hint: 'Raise the limit (`ulimit -n`), then run the same command again.',
  },
  EACCES: { sentence: 'permission was denied', hint: PERMIT },
  EPERM: { sentence: 'permission was denied', hint: PERMIT },
  ENOTDIR: { sentence: 'a part of the path is not a folder', hint: RENAME },
  EEXIST: { sentence: 'something else is there already', hint: RENAME },
  EISDIR: { sentence: 'it is a folder, not a file', hint: RENAME },
  ENAMETOOLONG: { sentence: 'the name is too long', hint: 'Choose a shorter one.' },
};

/** Any thrown value as a CoreError; system errors of the file system become `disk` or `not-found`. */
export function toCoreError(error: unknown): CoreError {
  if (isCoreError(error)) return error;
  if (error instanceof Error && error.name === 'AbortError')
    return new CoreError('cancelled', 'Cancelled.', { cause: error });
  const system = error as NodeJS.ErrnoException;
  const known = system?.code === undefined ? undefined : DISK_SENTENCES[system.code];
  if (known !== undefined) {
    const what = `Cannot ${system.syscall ?? 'use'} ${system.path ?? 'a file'}: ${known.sentence}.`;
    return new CoreError('disk', what, { cause: error, hint: known.hint });
  }
  if (system?.code === 'ENOENT')
    return new CoreError('not-found', `There is no file ${system.path ?? ''}.`, {
      cause: error,
      hint: 'Check its name; if it belongs to a build, `footnote builds verify NAME` shows what that build lacks.',
    });
  return new CoreError('internal', error instanceof Error ? error.message : String(error), { cause: error });
}

/** What `work` returns; what it throws becomes a CoreError. */
export function orCoreError<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw toCoreError(error);
  }
}

/** The plain-data form of an error, for a message to another process. */
export function toWire(error: unknown): WireError {
  const { code, message, hint, retryable, details, stack } = toCoreError(error);
  return {
    code,
    message,
    retryable,
    details,
    ...(hint !== undefined && { hint }),
    ...(stack !== undefined && { stack }),
  };
}

/** The error that another process described. */
export function fromWire(wire: WireError): CoreError {
  const error = new CoreError(wire.code, wire.message, wire);
  if (wire.stack !== undefined) error.stack = wire.stack;
  return error;
}

/** Throws the signal's reason as a CoreError once it is aborted. */
export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted)
    throw isCoreError(signal.reason) ? signal.reason : new CoreError('cancelled', 'Cancelled.');
}
