/**
 * Knows how to decompress gzip and bzip2 files as a stream that never runs ahead of its reader.
 * Knows nothing about what the bytes mean.
 */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createReadStream, type ReadStream } from 'node:fs';
import { pipeline, Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import unbzip2 from 'unbzip2-stream';
import { CoreError } from '../errors.ts';
import type { SourceFacts } from './reader.ts';

const READ_BYTES = 256 * 1024;
const STDERR_KEPT = 2_000;
/** A bzip2 block holds 900 kB; the rest is room for long runs of one character, which it stores run-length encoded. */
const HELD_BACK_BYTES = 4 * 2 ** 20;

/**
 * The bytes of a file, decompressed by its extension: `.gz`, `.bz2` (one stream or many), or unchanged.
 * Block checksums are checked. `facts.bytesRead` follows the place in the file that the yielded bytes come from.
 * Throws `CoreError('bad-input')` for data that is not what the name says, is cut short, or is damaged; earlier data
 * have been yielded by then. File-system errors are thrown as they are.
 */
export async function* readBytes(
  path: string,
  facts: Pick<SourceFacts, 'bytesRead'>,
  signal?: AbortSignal,
): AsyncGenerator<Uint8Array> {
  const format = /\.gz$/i.test(path) ? gzip : /\.bz2$/i.test(path) ? bzip2 : undefined;
  const file = createReadStream(path, { highWaterMark: READ_BYTES, ...(signal && { signal }) });
  // Errors are thrown where the bytes are read; one that comes while nobody reads must not end the process.
  file.on('error', () => undefined);
  let yielded = 0;
  try {
    await once(file, 'open');
    let place = () => file.bytesRead;
    const locate = (better: () => number) => {
      place = better;
    };
    for await (const bytes of format === undefined ? file : format.decompress(file, locate)) {
      yielded += bytes.length;
      facts.bytesRead = Math.round(place());
      yield bytes;
    }
  } catch (error) {
    if (format === undefined || isSystemError(error)) throw error;
    throw brokenFile(path, format, error as Error, yielded, file.bytesRead);
  } finally {
    file.destroy();
  }
}

interface Compression {
  name: string;
  /** The error messages for data that end too early, and for data that never were in this format. */
  cutShort: RegExp;
  foreign: RegExp;
  /** Calls `locate` if it knows better than the default how far into the file the bytes given so far reach. */
  decompress(file: ReadStream, locate: (place: () => number) => void): AsyncIterable<Uint8Array>;
}

const gzip: Compression = {
  name: 'gzip',
  cutShort: /unexpected end of file/,
  foreign: /incorrect header check/,
  decompress: (file) => pipeline(file, createGunzip(), () => undefined),
};

const bzip2: Compression = {
  name: 'bzip2',
  // The library reads past its last buffer where the data end inside a block.
  cutShort: /ends? unexpectedly|short read|prematurely|of undefined \(reading '(?:0|length)'\)/,
  foreign: /not a bzip2 file|magic/i,
  async *decompress(file, locate) {
    // The system's bzip2 is about four times as fast as the library and runs in parallel with this process.
    const program = await started('bzip2', ['-dc']);
    yield* program === undefined ? byLibrary(file) : byProgram(file, program, locate);
  },
};

async function started(command: string, args: string[]): Promise<ChildProcessWithoutNullStreams | undefined> {
  const child = spawn(command, args);
  try {
    await once(child, 'spawn');
    return child;
  } catch {
    return undefined; // not installed
  }
}

/** The program outputs a block before checking it, so the last ones are held back until it ends successfully. */
async function* byProgram(
  file: ReadStream,
  program: ChildProcessWithoutNullStreams,
  locate: (place: () => number) => void,
): AsyncGenerator<Uint8Array> {
  const { stdin, stdout, stderr } = program;
  let message = '';
  stderr.on('data', (data: Buffer) => {
    message = (message + data).slice(0, STDERR_KEPT);
  });
  const closed = once(program, 'close');
  const giveUp = () => program.kill();
  file.once('error', giveUp);
  // A program that gives up closes its input first; its exit status says more than the broken pipe.
  stdin.on('error', () => file.unpipe(stdin));
  if (file.errored) giveUp();
  else file.pipe(stdin);
  try {
    const held: Uint8Array[] = [];
    let heldBytes = 0;
    let received = 0;
    // Output lags behind input: what the program was given, times the share of its output that was yielded.
    locate(
      () =>
        (file.bytesRead - file.readableLength - stdin.writableLength) *
        (1 - heldBytes / Math.max(1, received)),
    );
    for await (const part of stdout) {
      held.push(part);
      heldBytes += part.length;
      received += part.length;
      while (heldBytes > HELD_BACK_BYTES) {
        const oldest = held.shift() as Uint8Array;
        heldBytes -= oldest.length;
        yield oldest;
      }
    }
    const [status] = await closed;
    if (file.errored) throw file.errored;
    if (status !== 0) throw new Error(message);
    for (const part of held) {
      heldBytes -= part.length;
      yield part;
    }
  } finally {
    program.kill();
  }
}

function byLibrary(file: ReadStream): Readable {
  const blocks = unbzip2();
  const output = new Readable().wrap(blocks);
  file.once('error', (error) => output.destroy(error));
  if (file.errored) output.destroy(file.errored);
  else file.pipe(blocks);
  return output;
}

function isSystemError(error: unknown): boolean {
  const { code, name } = error as NodeJS.ErrnoException;
  return name === 'AbortError' || (code !== undefined && /^E[A-Z]+$/.test(code));
}

function brokenFile(
  path: string,
  format: Compression,
  cause: Error,
  yielded: number,
  bytesRead: number,
): CoreError {
  const what =
    yielded === 0 && format.foreign.test(cause.message)
      ? `is not ${format.name} data, although its name says so`
      : format.cutShort.test(cause.message)
        ? `is cut short: its ${format.name} data end in the middle`
        : `is damaged: its ${format.name} data do not match their checksum or cannot be decoded`;
  return new CoreError('bad-input', `${path} ${what}.`, {
    cause,
    hint: 'Download it again and compare it with the checksum that is published beside it.',
    details: { file: path, bytesRead, bytesDecompressed: yielded },
  });
}
