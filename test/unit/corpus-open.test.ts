import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openSource } from '../../core/corpus/open.ts';

const HUB = { endpoint: 'http://127.0.0.1:9' };

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'footnote-open-'));
  await mkdir(join(folder, 'sub', 'empty'), { recursive: true });
  await mkdir(join(folder, '.hidden'));
  await mkdir(join(folder, 'folder.xml'));
  const files = [
    'b.xml',
    'a.JSONL.GZ',
    'wiki-pages-articles1.xml-p1p41242.bz2',
    'sub/c.parquet',
    'sub/z.txt',
    'notes.md',
    'index.txt.bz2',
    '.secret.txt',
    '.hidden/x.txt',
  ];
  for (const file of files) await writeFile(join(folder, file), 'x');
  await symlink(join(folder, 'sub', 'z.txt'), join(folder, 'link.txt'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

it('a folder is all files of known kinds in it and below, by name, hidden ones left out', async () => {
  const readers = await openSource(folder, HUB);
  expect(readers.map(({ source }) => source.slice(folder.length + 1))).toEqual([
    'a.JSONL.GZ',
    'b.xml',
    'link.txt',
    'sub/c.parquet',
    'sub/z.txt',
    'wiki-pages-articles1.xml-p1p41242.bz2',
  ]);
});

it('a file is itself', async () => {
  const readers = await openSource(join(folder, 'b.xml'), HUB);
  expect(readers).toMatchObject([{ source: join(folder, 'b.xml'), facts: { bytesRead: 0, bytesTotal: 1 } }]);
});

it.each([
  ['notes.md', 'bad-input', /notes\.md is not a kind of file that Footnote reads\.$/, /\.xml\.bz2/],
  ['sub/empty', 'bad-input', /The folder .*empty holds no file that Footnote reads\.$/, /\.parquet/],
  ['nowhere.xml', 'not-found', /There is no file or folder .*nowhere\.xml\.$/, /hf:OWNER/],
])('%s is refused in one sentence, with what would do', async (name, code, sentence, hint) => {
  await expect(openSource(join(folder, name), HUB)).rejects.toMatchObject({
    code,
    message: expect.stringMatching(sentence),
    hint: expect.stringMatching(hint),
  });
});
