/**
 * Knows how a GGUF file begins, and the error for a file that is not one; the rest of the format is llama.cpp's.
 */
import { open } from 'node:fs/promises';
import { CoreError, toCoreError } from '../errors.ts';

const HEADER_BYTES = 24;
const SUPPORTED = { from: 2, to: 3 };

/**
 * Refuses a file whose header is not that of a GGUF model, before native code reads it
 * (https://github.com/ggml-org/ggml/blob/master/docs/gguf.md: magic, u32 version, u64 tensors, u64 metadata pairs).
 * Throws `CoreError('bad-input')`, or `not-found` where there is no such file.
 */
export async function checkGguf(path: string): Promise<void> {
  const header = Buffer.alloc(HEADER_BYTES);
  let bytes: number;
  try {
    const file = await open(path, 'r');
    try {
      bytes = (await file.read(header, 0, HEADER_BYTES, 0)).bytesRead;
    } finally {
      await file.close();
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT')
      throw new CoreError('not-found', `There is no language model file ${path}.`, {
        hint: 'Name another with --generator, or fetch one with `footnote models pull`.',
        cause: error,
      });
    throw toCoreError(error);
  }
  if (bytes < HEADER_BYTES || header.toString('latin1', 0, 4) !== 'GGUF')
    throw badModel(path, 'it is not a GGUF file');
  const version = header.readUInt32LE(4);
  if (version < SUPPORTED.from || version > SUPPORTED.to)
    throw badModel(path, `it is GGUF version ${version}, and versions 2 and 3 are known`);
  if (header.readBigUInt64LE(8) === 0n) throw badModel(path, 'it holds no weights');
}

/** The error for a language model that does not load. */
export function badModel(path: string, reason: string, cause?: unknown): CoreError {
  return new CoreError(
    'bad-input',
    `The language model ${path} cannot be loaded: ${reason.replace(/\.*$/, '.')}`,
    {
      hint: 'The file may be damaged, or need more memory than there is: fetch it again with `footnote models pull`, or choose another with --generator.',
      cause,
    },
  );
}
