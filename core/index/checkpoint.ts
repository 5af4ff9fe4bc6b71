/**
 * What training has reached, on disk, so that a kill loses one iteration: a line of JSON that says what was trained, how
 * far, and the checksum, then the numbers (float32, row-major). Knows no training.
 */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { writeWhole } from '../runtime/whole-file.ts';
import { bytesOf } from './faiss-format.ts';

/** The state after a whole iteration. */
export interface Reached {
  /** Iterations done. */
  iteration: number;
  /** What the last one measured. */
  objective: number;
  /** Whether it was the last. */
  done: boolean;
  numbers: Float32Array;
}

export interface Checkpoint {
  /** The state that an earlier run kept; undefined where there is none, a broken one, or one of something else. */
  kept(): Promise<Reached | undefined>;
  /** Keeps a state, whole or not at all. */
  keep(reached: Reached): Promise<void>;
}

/** Training that leaves nothing behind. */
export const NO_CHECKPOINT: Checkpoint = { kept: async () => undefined, keep: async () => undefined };

export interface CheckpointFile {
  path: string;
  /** What is trained, and on what: a state of anything else is not taken. */
  of: string;
}

export function fileCheckpoint({ path, of }: CheckpointFile): Checkpoint {
  return {
    async kept() {
      const content = await readFile(path).catch((error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOENT') return undefined;
        throw error;
      });
      if (content === undefined) return undefined;
      const end = content.indexOf('\n');
      const numbers = content.subarray(end + 1);
      const said = parse(content.toString('utf8', 0, Math.max(0, end)));
      if (said?.of !== of || said.sha256 !== checksum(numbers)) return undefined;
      const { iteration, objective, done } = said;
      // copied: the numbers must lie on a multiple of four
      return { iteration, objective, done, numbers: new Float32Array(Uint8Array.from(numbers).buffer) };
    },
    async keep({ numbers, ...reached }) {
      const content = bytesOf(numbers);
      await writeWhole(
        path,
        (async function* () {
          yield Buffer.from(`${JSON.stringify({ of, ...reached, sha256: checksum(content) })}\n`);
          yield content;
        })(),
      );
    },
  };
}

interface FirstLine extends Omit<Reached, 'numbers'> {
  of: string;
  sha256: string;
}

function parse(line: string): FirstLine | undefined {
  try {
    return JSON.parse(line) as FirstLine;
  } catch {
    return undefined; // a file of something else
  }
}

function checksum(numbers: Uint8Array): string {
  return createHash('sha256').update(numbers).digest('hex');
}
