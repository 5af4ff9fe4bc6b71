import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openRecords, type Records } from '../../core/store/records.ts';
import { descendants } from '../fixtures/processes.ts';

let folder: string;
let path: string;
let records: Records;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'footnote-records-'));
  path = join(folder, 'bots.sqlite');
  records = await openRecords(path);
});

afterEach(async () => {
  await records.close();
  await rm(folder, { recursive: true });
});

describe('records', () => {
  it('come back as they were stored, also from a file that was opened again', async () => {
    const value = { text: 'ä “quoted” 👩‍🚀', nested: [1, { two: null }] };
    await records.set('answer:1', value);
    await records.close();
    records = await openRecords(path);
    expect(await records.get('answer:1')).toEqual(value);
  });

  it('are gone once their time to live is over, from reads, lists and claims', async () => {
    await records.set('event:1', 1, 30);
    await delay(60);
    expect(await records.get('event:1')).toBeUndefined();
    expect(await records.list('event:', { limit: 10 })).toEqual([]);
    expect(await records.add('event:1', 2, 60_000)).toBe(true);
    expect(await records.get('event:1')).toBe(2);
  });

  it('let one of many claims of the same key through', async () => {
    const claims = await Promise.all(Array.from({ length: 20 }, () => records.add('event:2', 1, 60_000)));
    expect(claims.filter(Boolean)).toHaveLength(1);
  });

  it('are listed by prefix, in the order of their keys, a page at a time', async () => {
    for (const key of ['q:3', 'q:1', 'q:2', 'p:9', 'r:0']) await records.set(key, key);
    const first = await records.list<string>('q:', { limit: 2 });
    const rest = await records.list<string>('q:', { limit: 2, after: 'q:2' });
    expect([...first, ...rest].map(({ value }) => value)).toEqual(['q:1', 'q:2', 'q:3']);
  });

  it('can be deleted many at once', async () => {
    for (const key of ['a', 'b', 'c']) await records.set(key, key);
    await records.delete(['a', 'c', 'none']);
    expect(await records.list('', { limit: 10 })).toEqual([{ key: 'b', value: 'b' }]);
  });

  it.skipIf(process.platform !== 'linux')(
    'are all stored although their process is killed in between',
    async () => {
      const writing = Array.from({ length: 50 }, (_, n) => records.set(`k${n}`, n));
      for (const pid of descendants(process.pid, /records\.worker/)) process.kill(pid, 'SIGKILL');
      await Promise.all(writing);
      expect(await records.list('k', { limit: 100 })).toHaveLength(50);
    },
  );

  it('refuse a file that is no database with a sentence that names it', async () => {
    const other = join(folder, 'notes.txt');
    await writeFile(other, 'These are notes and not a database at all. '.repeat(50));
    await expect(openRecords(other)).rejects.toMatchObject({
      code: 'bad-input',
      message: expect.stringContaining('notes.txt'),
    });
  });
});
