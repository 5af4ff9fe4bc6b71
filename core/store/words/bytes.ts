/**
 * Sequential reading and writing of files, a buffer at a time. Knows variable-length numbers (7 bits in each byte, low
 * ones first, the high bit set while more follow); nothing about what they mean.
 */
import { closeSync, fsyncSync, openSync, readSync, renameSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { CoreError, orCoreError } from '../../errors.ts';

const WRITE_BYTES = 1 << 20;
const LONGEST_VALUE = 1 << 10;

export interface ByteWriter {
  /** Bytes written so far. */
  readonly position: number;
  byte(value: number): void;
  number(value: number): void;
  /** Writes a length byte and UTF-8. */
  term(value: string): void;
  bytes(value: Uint8Array): void;
  /** Overwrites the beginning with `header`, syncs the file to disk and gives it its name. */
  finish(header?: Uint8Array): void;
  /** Closes the file if it is not finished. */
  abandon(): void;
}

/** Writes a file under a temporary name until `finish`. Throws `disk` as a CoreError. */
export function writeBytes(path: string): ByteWriter {
  const temporary = `${path}.tmp`;
  const file = orCoreError(() => openSync(temporary, 'w'));
  const buffer = Buffer.allocUnsafe(WRITE_BYTES + LONGEST_VALUE);
  let held = 0;
  let flushed = 0;
  let open = true;

  const writeAll = (bytes: Uint8Array, position: number) => {
    for (let done = 0; done < bytes.length; )
      done += orCoreError(() => writeSync(file, bytes, done, bytes.length - done, position + done));
  };
  const flush = () => {
    writeAll(buffer.subarray(0, held), flushed);
    flushed += held;
    held = 0;
  };
  const close = () => {
    if (open) closeSync(file);
    open = false;
  };

  return {
    get position() {
      return flushed + held;
    },
    byte(value) {
      buffer[held++] = value;
      if (held >= WRITE_BYTES) flush();
    },
    number(value) {
      let rest = value;
      for (; rest >= 128; rest = Math.floor(rest / 128)) buffer[held++] = (rest % 128) | 128;
      buffer[held++] = rest;
      if (held >= WRITE_BYTES) flush();
    },
    term(value) {
      const length = buffer.write(value, held + 1);
      buffer[held] = length;
      held += length + 1;
      if (held >= WRITE_BYTES) flush();
    },
    bytes(value) {
      flush();
      writeAll(value, flushed);
      flushed += value.length;
    },
    finish(header) {
      flush();
      if (header !== undefined) writeAll(header, 0);
      orCoreError(() => fsyncSync(file));
      close();
      orCoreError(() => renameSync(temporary, path));
      if (process.platform === 'win32') return; // a folder cannot be opened there
      const folder = orCoreError(() => openSync(dirname(path), 'r'));
      try {
        orCoreError(() => fsyncSync(folder));
      } finally {
        closeSync(folder);
      }
    },
    abandon: close,
  };
}

export interface ByteReader {
  /** True once everything has been read. */
  readonly ended: boolean;
  byte(): number;
  number(): number;
  term(): string;
  /** The next `count` bytes; valid until the next call. */
  bytes(count: number): Uint8Array;
  /** What is buffered, at least one byte; valid until the next call. */
  some(): Uint8Array;
  close(): void;
}

/** Reads a file from `from` to `to`. Throws `bad-input` if it ends too early. */
export function readBytes(
  path: string,
  bufferBytes: number,
  from = 0,
  to = Number.POSITIVE_INFINITY,
): ByteReader {
  const file = orCoreError(() => openSync(path, 'r'));
  let buffer = Buffer.allocUnsafe(Math.max(bufferBytes, LONGEST_VALUE));
  let at = 0;
  let held = 0;
  let position = from;

  /** Makes sure that the buffer holds `count` bytes, or all that are left. */
  const fill = (count: number) => {
    if (count > buffer.length) {
      const larger = Buffer.allocUnsafe(count);
      buffer.copy(larger, 0, at, held);
      buffer = larger;
    } else buffer.copy(buffer, 0, at, held);
    held -= at;
    at = 0;
    while (held < buffer.length && position < to) {
      const got = orCoreError(() =>
        readSync(file, buffer, held, Math.min(buffer.length - held, to - position), position),
      );
      if (got === 0) break;
      held += got;
      position += got;
    }
  };
  const need = (count: number) => {
    if (held - at >= count) return;
    fill(count);
    if (held - at < count)
      throw new CoreError('bad-input', `${path} ends too early.`, {
        hint: 'Remove that file and run the same `footnote build` again: it is made again.',
      });
  };
  const byte = () => {
    if (at === held) need(1);
    return buffer[at++] as number;
  };

  return {
    get ended() {
      if (at === held) fill(1);
      return at === held;
    },
    byte,
    number() {
      let value = byte();
      if (value < 128) return value;
      value -= 128;
      for (let scale = 128; ; scale *= 128) {
        const next = byte();
        value += (next & 127) * scale;
        if (next < 128) return value;
      }
    },
    term() {
      const length = byte();
      need(length);
      at += length;
      return buffer.toString('utf8', at - length, at);
    },
    bytes(count) {
      need(count);
      at += count;
      return buffer.subarray(at - count, at);
    },
    some() {
      need(1);
      const start = at;
      at = held;
      return buffer.subarray(start, at);
    },
    close: () => closeSync(file),
  };
}
