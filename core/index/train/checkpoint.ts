/**
 * The state of a training on disk, so that a kill loses one iteration: a line of JSON that says what was trained, how
 * far, and the checksum, then the numbers (float32, row-major). Knows no training.
 */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { writeWhole } from '../../runtime/whole-file.ts';
import { bytesOf } from '../format/faiss-format.ts';

/** The state after a whole iteration. */
export interface Reached {
  /** Iterations done. */
  iteration: number;
  /** Objective of the last iteration. */
  objective: number;
  /** Whether training is finished. */
  done: boolean;
  numbers: Float32Array;
}

export interface Checkpoint {
  /** The state that an earlier run kept; undefined if it is missing, broken, or of something else. */
  kept(): Promise<Reached | undefined>;
  /** Stores a state atomically. */
  keep(reached: Reached): Promise<void>;
}

/** For training that stores no state. */
export const NO_CHECKPOINT: Checkpoint = { kept: async () => undefined, keep: async () => undefined };

export interface CheckpointFile {
  path: string;
  /** What is trained, and on what: a state of anything else is ignored. */
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
