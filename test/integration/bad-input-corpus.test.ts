import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { listBuilds } from '../../core/store/builds.ts';
import type { Manifest } from '../../core/types.ts';
import { ALMANAC_WORDS, asJsonl, towns } from '../fixtures/almanac.ts';
import { expectFailure, type Failure, footnote, footnoteJson } from '../fixtures/command.ts';
import { asPage, asParquet, asXml, placeRecords, xmlHead } from '../fixtures/corpus.ts';
import { writeWordModel } from '../fixtures/word-model.ts';

let root: string;
let data: string;
let common: string[];

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'footnote-bad-corpus-'));
  data = join(root, 'data');
  const model = join(root, 'model');
  await writeWordModel({ folder: model, words: ALMANAC_WORDS, dimensions: 32 });
  common = ['--data', data, '--model', model];
  await writeFile(join(root, 'towns.jsonl'), asJsonl(towns(20)));
  await footnoteJson(['build', join(root, 'towns.jsonl'), ...common]);
});
afterAll(() => rm(root, { recursive: true, force: true }));

const build = (source: string, ...more: string[]) => footnote(['build', source, ...more, ...common]);

/** The one whole build is the active one, as it was before. */
async function expectNothingNew(): Promise<void> {
  const builds = await listBuilds(data);
  expect(builds.filter(({ whole }) => whole).map(({ name, active }) => ({ name, active }))).toEqual([
    { name: 'towns', active: true },
  ]);
}

const xml = asXml(placeRecords(60));
const half = (bytes: Uint8Array) => bytes.subarray(0, Math.floor(bytes.length * 0.6));
const spoilt = (bytes: Uint8Array) => {
  const copy = Uint8Array.from(bytes);
  for (let at = Math.floor(copy.length / 2); at < copy.length / 2 + 40; at += 1)
    copy[at] = (copy[at] ?? 0) ^ 0x5a;
  return copy;
};
const bzip2 = () => readFile(join(import.meta.dirname, '../fixtures/places.xml.bz2'));
const otherColumns = () =>
  new Uint8Array(
    parquetWriteBuffer({
      columnData: [
        { name: 'word', data: ['town', 'river'], type: 'STRING' },
        { name: 'count', data: [3, 4], type: 'INT32' },
      ],
    }),
  );
const broken = asJsonl(towns(6)).replace(/\n/g, (newline, at, all) =>
  all.slice(0, at).split('\n').length === 3 ? `\n{"title": "Half a line", "te\n${newline}` : newline,
);

interface Case extends Failure {
  what: string;
  file: string;
  bytes: () => Uint8Array | string | Promise<Uint8Array>;
}

const again = /Download it again/;
const CASES: Case[] = [
  {
    what: 'a bzip2 dump that is cut short',
    file: 'cut-bz2.xml.bz2',
    bytes: async () => half(await bzip2()),
    says: /cut-bz2\.xml\.bz2 is cut short: its bzip2 data end in the middle\.$/,
    mend: again,
  },
  {
    what: 'a bzip2 dump with spoilt bytes',
    file: 'spoilt-bz2.xml.bz2',
    bytes: async () => spoilt(await bzip2()),
    says: /spoilt-bz2\.xml\.bz2 is damaged: its bzip2 data do not match their checksum/,
    mend: again,
  },
  {
    what: 'a gzip dump that is cut short',
    file: 'cut-gz.xml.gz',
    bytes: () => half(gzipSync(xml)),
    says: /cut-gz\.xml\.gz is cut short: its gzip data end in the middle\.$/,
    mend: again,
  },
  {
    what: 'a gzip dump with spoilt bytes',
    file: 'spoilt-gz.xml.gz',
    bytes: () => spoilt(gzipSync(xml)),
    // gzip has one checksum, at the end: what a spoilt byte becomes is met before it
    says: /spoilt-gz\.xml\.gz is (damaged|not valid UTF-8|not well-formed)/,
    mend: /download it again/i,
  },
  {
    what: 'XML that is no dump',
    file: 'page.xml',
    bytes: () => '<html><body><p>Alvenmoor is a town.</p></body></html>',
    says: /page\.xml .*MediaWiki/,
    mend: /./,
  },
  {
    what: 'a dump that ends in the middle of a page',
    file: 'ends.xml',
    bytes: () => xml.slice(0, xml.lastIndexOf('<page>') + 120),
    says: /ends\.xml /,
    mend: /./,
  },
  {
    what: 'a Parquet file with other columns',
    file: 'counts.parquet',
    bytes: otherColumns,
    says: /counts\.parquet .*title/,
    mend: /./,
  },
  {
    what: 'a Parquet file that is cut short',
    file: 'cut-parquet.parquet',
    bytes: () => half(asParquet(placeRecords(60))),
    says: /cut-parquet\.parquet /,
    mend: /./,
  },
  {
    what: 'a JSONL file with a broken line',
    file: 'broken.jsonl',
    bytes: () => broken,
    says: /^Line 4 of .*broken\.jsonl is not valid JSON\.$/,
    mend: /--skip-bad/,
  },
  {
    what: 'an empty file',
    file: 'empty.jsonl',
    bytes: () => '',
    says: /empty\.jsonl is empty: it holds not one article\.$/,
    mend: /export/,
  },
  {
    what: 'a dump of redirects alone',
    file: 'redirects.xml',
    bytes: () =>
      `${xmlHead()}${placeRecords(24)
        .filter(({ kind }) => kind === 'redirect')
        .map(asPage)
        .join('')}</mediawiki>\n`,
    says: /There is no article with text in .*redirects\.xml\.$/,
    mend: /build --help/,
  },
];

describe('a source that cannot be read ends the build with a sentence that names it, status 1, and no build', () => {
  it.each(CASES)('$what', async ({ file, bytes, ...failure }) => {
    await writeFile(join(root, file), await bytes());
    expectFailure(await build(join(root, file)), failure);
    await expectNothingNew();
  });

  it('an empty folder, a file of another kind, and a file that is not there, which leave no trace in the list', async () => {
    await mkdir(join(root, 'nothing'));
    await writeFile(join(root, 'towns.csv'), 'title,text\n');
    expectFailure(await build(join(root, 'nothing')), {
      says: /The folder .*nothing holds no file that Footnote reads\.$/,
      mend: /Footnote reads \.xml/,
    });
    expectFailure(await build(join(root, 'towns.csv')), {
      says: /towns\.csv is not a kind of file that Footnote reads\.$/,
      mend: /Footnote reads \.xml/,
    });
    expectFailure(await build(join(root, 'absent.xml')), {
      says: /There is no file or folder .*absent\.xml\.$/,
      mend: /hf:OWNER/,
    });
    const names = (await listBuilds(data)).map(({ name }) => name);
    expect(names).not.toEqual(expect.arrayContaining([expect.stringMatching(/nothing|csv|absent/)]));
  });
});

describe('a broken line', () => {
  it('is passed over and counted with --skip-bad, also by a build that stopped at it before', async () => {
    const source = join(root, 'stopped.jsonl');
    await writeFile(source, broken);
    expectFailure(await build(source), { says: /^Line 4 of /, mend: /--skip-bad/ });
    const resumed = await build(source, '--skip-bad');
    expect(resumed.status, resumed.stderr).toBe(0);
    expect(resumed.stderr).toMatch(/Going on with build "stopped" where it was/);
    expect(resumed.stdout).toMatch(/6 articles.* 1 record could not be read\./);
    const manifest = await footnoteJson<Manifest>(['builds', 'show', 'stopped', ...common]);
    expect(manifest).toMatchObject({ articles: 6, skipped: 1 });
    await footnote(['builds', 'activate', 'towns', ...common]);
    await footnote(['builds', 'remove', 'stopped', ...common]);
    await expectNothingNew();
  });
});
