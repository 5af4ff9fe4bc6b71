import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { readBytes } from '../../core/corpus/decompress.ts';
import { asXml, placeRecords } from '../fixtures/corpus.ts';

const XML = asXml(placeRecords(200));
const PATH = process.env.PATH;

let folder: string;
let single: Buffer;
let multistream: Buffer;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'footnote-bytes-'));
  single = await readFile(new URL('../fixtures/places.xml.bz2', import.meta.url));
  multistream = await readFile(new URL('../fixtures/places-multistream.xml.bz2', import.meta.url));
});
afterAll(() => rm(folder, { recursive: true, force: true }));
afterEach(() => {
  process.env.PATH = PATH;
});

async function decompressed(name: string, bytes: Uint8Array) {
  const path = join(folder, name);
  await writeFile(path, bytes);
  const facts = { bytesRead: 0 };
  let content = '';
  try {
    for await (const part of readBytes(path, facts)) content += Buffer.from(part).toString('latin1');
  } catch (error) {
    return { content: Buffer.from(content, 'latin1').toString(), facts, error: error as Error };
  }
  return { content: Buffer.from(content, 'latin1').toString(), facts, error: undefined };
}

it('the place in a bzip2 file is that of the bytes given, not of those that the program has taken', async () => {
  const path = join(folder, 'large.xml.bz2');
  const many = Array.from({ length: 400 }, () => multistream);
  await writeFile(path, Buffer.concat(many));
  const bytes = 400 * multistream.length;
  const facts = { bytesRead: 0 };
  const total = 400 * (await decompressed('one.xml.bz2', multistream)).content.length;
  let given = 0;
  const wrong: number[] = [];
  for await (const part of readBytes(path, facts)) {
    given += part.length;
    wrong.push(Math.abs(facts.bytesRead / bytes - given / total));
  }
  expect(wrong[0]).toBeLessThan(0.1);
  expect(wrong.at(-1)).toBeLessThan(0.02);
});

const spoiled = (bytes: Uint8Array, at: number) => {
  const copy = Buffer.from(bytes);
  copy.fill(0x55, at, at + 8);
  return copy;
};

describe.each([
  ['the system’s bzip2', PATH],
  ['the library, where no bzip2 is installed', ''],
])('bzip2 by %s', (_, path) => {
  it('gives every byte of one stream and of many', async () => {
    process.env.PATH = path;
    for (const [bytes, xml] of [
      [single, XML],
      [multistream, asXml(placeRecords(40))],
    ] as const) {
      const { content, facts, error } = await decompressed('a.bz2', bytes);
      expect(error).toBeUndefined();
      expect(content === xml).toBe(true);
      expect(facts.bytesRead).toBe(bytes.length);
    }
  });

  it('fails at a file that is cut short, and gives no wrong byte', async () => {
    process.env.PATH = path;
    for (const [bytes, xml] of [
      [single, XML],
      [multistream, asXml(placeRecords(40))],
    ] as const) {
      const { content, error } = await decompressed('a.bz2', bytes.subarray(0, bytes.length * 0.9));
      expect(error).toMatchObject({
        code: 'bad-input',
        message: expect.stringMatching(/a\.bz2 is cut short: /),
      });
      expect(xml.startsWith(content)).toBe(true);
    }
  });

  it('fails at a byte that was changed, and gives no wrong byte', async () => {
    process.env.PATH = path;
    const { content, error } = await decompressed('a.bz2', spoiled(single, 20_000));
    expect(error).toMatchObject({ code: 'bad-input', message: expect.stringMatching(/a\.bz2 is damaged: /) });
    expect(XML.startsWith(content)).toBe(true);
  });

  it('tells the damage, too, where most of the file lies behind it', async () => {
    process.env.PATH = path;
    const bytes = Buffer.concat([spoiled(single, 5_000), ...Array(80).fill(single)]);
    const { error } = await decompressed('a.bz2', bytes);
    expect(error).toMatchObject({ code: 'bad-input', message: expect.stringMatching(/a\.bz2 is damaged: /) });
  });

  it('stops when it is cancelled in the middle', async () => {
    process.env.PATH = path;
    await writeFile(join(folder, 'c.bz2'), Buffer.concat(Array(50).fill(single)));
    const controller = new AbortController();
    const reading = async () => {
      for await (const _ of readBytes(join(folder, 'c.bz2'), { bytesRead: 0 }, controller.signal))
        controller.abort();
    };
    await expect(reading()).rejects.toMatchObject({ name: 'AbortError' });
  });

  it('says that other data are not bzip2', async () => {
    process.env.PATH = path;
    const { error } = await decompressed('a.bz2', Buffer.from('<mediawiki>'.repeat(20)));
    expect(error?.message).toMatch(/a\.bz2 is not bzip2 data/);
  });

  it('can be left early', async () => {
    process.env.PATH = path;
    await writeFile(join(folder, 'b.bz2'), Buffer.concat(Array(50).fill(single)));
    const facts = { bytesRead: 0 };
    for await (const _ of readBytes(join(folder, 'b.bz2'), facts)) break;
    expect(facts.bytesRead).toBeLessThan(50 * single.length);
  });
});

describe('gzip', () => {
  it('gives every byte, also of several members', async () => {
    const bytes = Buffer.concat([gzipSync(XML.slice(0, 1000)), gzipSync(XML.slice(1000))]);
    expect(await decompressed('a.gz', bytes)).toEqual({
      content: XML,
      facts: { bytesRead: bytes.length },
      error: undefined,
    });
  });

  it('tells a file that is cut short, one that is damaged, and one that is none', async () => {
    const bytes = gzipSync(XML);
    const sentence = async (data: Uint8Array) => (await decompressed('a.gz', data)).error?.message;
    expect(await sentence(bytes.subarray(0, bytes.length / 2))).toMatch(/a\.gz is cut short: its gzip data/);
    expect(await sentence(spoiled(bytes, bytes.length - 8))).toMatch(/a\.gz is damaged: its gzip data/);
    expect(await sentence(Buffer.from(XML))).toMatch(/a\.gz is not gzip data/);
  });
});

it('a file that is not there is a file-system error, for a plain and for a compressed name', async () => {
  for (const name of ['none.xml', 'none.xml.gz', 'none.xml.bz2']) {
    const reading = readBytes(join(folder, name), { bytesRead: 0 }).next();
    await expect(reading).rejects.toMatchObject({ code: 'ENOENT' });
  }
});
