/**
 * Reads a source from end to end and holds it to its contract.
 */
import { CoreError, throwIfAborted } from '../errors.ts';
import type { VectorBlock, VectorSource } from './vectors.ts';

/**
 * Every block of a source; throws the signal's reason between blocks, `CoreError('bad-input')` where rows are missing.
 */
export async function* allVectors(source: VectorSource, signal?: AbortSignal): AsyncGenerator<VectorBlock> {
  let expected = 0;
  for await (const block of source.read(0, source.rows)) {
    throwIfAborted(signal);
    if (block.firstRow !== expected || block.vectors.length % source.dimensions !== 0)
      throw new CoreError('bad-input', `The vectors have a gap: row ${expected} should follow.`);
    expected += block.vectors.length / source.dimensions;
    yield block;
  }
  if (expected !== source.rows)
    throw new CoreError('bad-input', `There are ${expected} vectors where ${source.rows} were expected.`, {
      hint: 'Run the same build again to embed the missing chunks.',
    });
}

/** Blocks that follow each other, joined until each has at least `rows` rows; the last one may have fewer. */
export async function* joined(blocks: AsyncIterable<VectorBlock>, rows: number, dimensions: number) {
  let held: VectorBlock[] = [];
  let length = 0;
  const whole = (): VectorBlock => {
    const [first] = held as [VectorBlock];
    if (held.length === 1) return first;
    const vectors = new Float32Array(length);
    let filled = 0;
    for (const block of held) {
      vectors.set(block.vectors, filled);
      filled += block.vectors.length;
    }
    return { firstRow: first.firstRow, vectors };
  };
  for await (const block of blocks) {
    held.push(block);
    length += block.vectors.length;
    if (length < rows * dimensions) continue;
    yield whole();
    [held, length] = [[], 0];
  }
  if (held.length > 0) yield whole();
}
