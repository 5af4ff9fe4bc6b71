import { execFile } from 'node:child_process';
import { chmod, mkdtemp, open, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { indexWords, openChunkReader, openChunkWriter } from '../../core/store/client.ts';
import { openForWriting } from '../../core/store/schema.ts';
import { openDatabase } from '../../core/store/sqlite.ts';
import { chunkWriter } from '../../core/store/write.ts';
import { checkpointAfter, makeChunks } from '../fixtures/chunks.ts';

const NOBODY = 65_534;
let folder: string;
let path: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'footnote-store-'));
  path = join(folder, 'chunks.sqlite');
});

afterEach(async () => {
  await chmod(folder, 0o700);
  await rm(folder, { recursive: true, force: true });
});

const read = () => openChunkReader({ path, tokenizer: 'porter' });
const write = () => openChunkWriter({ path, tokenizer: 'porter' });

async function makeStore(rows = 50): Promise<void> {
  const writer = await write();
  await writer.append(makeChunks(0, rows), checkpointAfter(rows));
  await writer.finish();
  await writer.close();
  for await (const _ of indexWords({ path, tokenizer: 'porter' }));
}

/** Overwrites four bytes of the file's header. */
async function patch(offset: number, value: number): Promise<void> {
  const file = await open(path, 'r+');
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  await file.write(bytes, 0, 4, offset);
  await file.close();
}

it('reading a store that is not there says so and makes none', async () => {
  await expect(read()).rejects.toMatchObject({ code: 'not-found', message: expect.stringContaining(path) });
  expect(await readdir(folder)).toEqual([]);
});

it.each([
  ['an empty file', Buffer.alloc(0)],
  ['a text file', Buffer.from('Not a database at all. '.repeat(50))],
])('%s is refused and left as it was', async (_, content) => {
  await writeFile(path, content);
  await expect(read()).rejects.toMatchObject({ code: 'bad-input', hint: expect.stringContaining('remove') });
  await expect(write()).rejects.toMatchObject({ code: 'bad-input' });
  expect(await readFile(path)).toEqual(content);
});

it('another program’s SQLite file is refused and left as it was', async () => {
  const other = await openDatabase(path);
  await other.query('CREATE TABLE recipe (name TEXT)');
  await other.close();
  const before = await readFile(path);
  await expect(write()).rejects.toMatchObject({ code: 'bad-input' });
  expect(await readFile(path)).toEqual(before);
});

it('a store cut short is refused when its lost part is read', async () => {
  await makeStore(2_000);
  await truncate(path, Math.floor((await stat(path)).size / 3));
  const reading = async () => {
    const reader = await read();
    try {
      await reader.range(0, 2_000);
    } finally {
      await reader.close();
    }
  };
  await expect(reading()).rejects.toMatchObject({ code: 'bad-input' });
});

it('a store of another version is refused by both versions’ numbers', async () => {
  await makeStore();
  await patch(60, 7);
  for (const opening of [read, write])
    await expect(opening()).rejects.toMatchObject({
      code: 'incompatible',
      message: expect.stringMatching(/7.*1/),
    });
});

it('a store written with another keyword tokenizer is refused', async () => {
  await makeStore();
  await expect(openChunkReader({ path, tokenizer: 'segmenter' })).rejects.toMatchObject({
    code: 'incompatible',
    message: expect.stringMatching(/porter.*segmenter/),
  });
});

it('a second writer and a reader are refused while a writer is at work, and welcome after it finished', async () => {
  const writer = await write();
  await writer.append(makeChunks(0, 10), checkpointAfter(10));
  await expect(write()).rejects.toMatchObject({ code: 'locked', retryable: true });
  await expect(read()).rejects.toMatchObject({ code: 'locked' });
  await writer.append(makeChunks(10, 20), checkpointAfter(20));
  await writer.finish();
  const reader = await read();
  expect(await reader.count()).toBe(20);
  await reader.close();
  await writer.close();
});

it('a full disk fails the append as a whole and loses nothing that was stored before', async () => {
  const database = await openForWriting(openDatabase, path, 'porter');
  const writer = await chunkWriter(database, 'porter');
  await writer.append(makeChunks(0, 500), checkpointAfter(500));
  const [pages] = await database.query<{ page_count: number }>('PRAGMA page_count');
  await database.query(`PRAGMA max_page_count = ${(pages?.page_count ?? 0) + 20}`);
  await expect(writer.append(makeChunks(500, 5_000), checkpointAfter(5_000))).rejects.toMatchObject({
    code: 'disk',
    message: expect.stringContaining('full'),
  });
  expect(await writer.checkpoint()).toEqual(checkpointAfter(500));
  await database.query('PRAGMA max_page_count = 1000000');
  await writer.append(makeChunks(500, 5_000), checkpointAfter(5_000));
  await writer.finish();
  await writer.close();
  for await (const _ of indexWords({ path, tokenizer: 'porter' }));
  const reader = await read();
  expect(await reader.count()).toBe(5_000);
  expect((await reader.keyword('unique4999', 1))[0]?.id).toBe(4_999);
  await reader.close();
});

it('a read-only file in a read-only folder can be read and searched, and refuses writers', async () => {
  await makeStore();
  await chmod(path, 0o444);
  await chmod(folder, 0o555);
  // Root may write everything: as root, the program runs as nobody.
  const user = process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : {};
  const program = fileURLToPath(new URL('../fixtures/read-only-store.ts', import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, ['--import', 'tsx', program, path], user);
  expect(JSON.parse(stdout)).toEqual({ count: 50, found: 7, write: 'disk', create: 'disk' });
});
