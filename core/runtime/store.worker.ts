/**
 * The store process: runs the operations of one chunk store, to keep SQLite's crashes and memory out of the caller.
 */
import { CoreError } from '../errors.ts';
import type { ChunkWriter } from '../store/chunk-store.ts';
import type { StoreOperations } from '../store/operations.ts';
import { type EntryReader, entryReader } from '../store/read.ts';
import { openForReading, openForWriting } from '../store/schema.ts';
import { openDatabase } from '../store/sqlite.ts';
import { chunkWriter } from '../store/write.ts';
import { serve } from './serve.ts';

let writer: ChunkWriter | undefined;
let reader: EntryReader | undefined;

serve<StoreOperations>({
  async open({ path, tokenizer, for: purpose }) {
    if (writer !== undefined || reader !== undefined)
      throw new CoreError('internal', 'This store process is in use.');
    if (purpose === 'writing')
      writer = await chunkWriter(await openForWriting(openDatabase, path, tokenizer), tokenizer);
    else reader = await entryReader(await openForReading(openDatabase, path, tokenizer), tokenizer);
  },
  async close() {
    await (writer ?? reader)?.close();
  },
  checkpoint: () => opened(writer).checkpoint(),
  async append({ chunks, checkpoint }) {
    await opened(writer).append(chunks, checkpoint);
  },
  async finish() {
    await opened(writer).finish();
  },
  count: () => opened(reader).count(),
  get: (ids) => opened(reader).get(ids),
  range: ({ from, to }) => opened(reader).range(from, to),
  titles: ({ typed, k }, { signal }) => opened(reader).titles(typed, k, { signal }),
  titled: ({ question, k }, { signal }) => opened(reader).titled(question, k, { signal }),
  async indexWords(_, { signal, emit }) {
    for await (const rows of opened(reader).indexWords(signal)) emit(rows);
  },
  keyword: ({ question, k }, { signal }) => opened(reader).keyword(question, k, { signal }),
});

function opened<T>(store: T | undefined): T {
  if (store === undefined) throw new CoreError('internal', 'This store was not opened for that.');
  return store;
}
