import { afterEach, describe, expect, it } from 'vitest';
import type { HubAccess } from '../../core/corpus/hub-request.ts';
import { openSource } from '../../core/corpus/open.ts';
import type { Reader } from '../../core/corpus/reader.ts';
import { type Hub, type HubOptions, startHub } from '../fakes/hub.ts';
import { asParquet, placeRecords } from '../fixtures/corpus.ts';

const PATIENCE = { silenceMs: 250, tries: 3, pauseMs: 5 };
const PARTS = [placeRecords(40).slice(0, 24), placeRecords(40).slice(24)].map((records) =>
  asParquet(records),
);
const FILES = {
  'datasets/o/n/resolve/main/20231101.sv/train-00001.parquet': PARTS[1] as Uint8Array,
  'datasets/o/n/resolve/main/20231101.sv/train-00000.parquet': PARTS[0] as Uint8Array,
  'datasets/o/n/resolve/main/20231101.sv/notes.txt': Buffer.from('x'),
  'datasets/o/n/resolve/main/text/readme.md': Buffer.from('x'),
};
const ARTICLES = placeRecords(40).filter(({ kind }) => kind === 'article').length;

let hub: Hub;
afterEach(() => hub.close());

async function open(
  options: Partial<HubOptions> = {},
  access: Partial<HubAccess> = {},
  name = 'hf:o/n/20231101.sv',
) {
  hub = await startHub({ files: FILES, ...options });
  return openSource(name, { endpoint: hub.endpoint, patience: PATIENCE, ...access });
}

async function titles(readers: Reader[], signal?: AbortSignal): Promise<string[]> {
  const all: string[] = [];
  for (const reader of readers)
    for await (const { article } of reader.articles({ signal })) all.push(article.title);
  return all;
}

describe('a data set on a hub', () => {
  it('is its Parquet files in the order of their names, over every page of the listing', async () => {
    const patience = { ...PATIENCE, silenceMs: 20_000 }; // a busy machine’s request would be sent again
    const readers = await open({ pageSize: 1 }, { patience });
    expect(readers.map(({ source }) => source.split('/').at(-1))).toEqual([
      'train-00000.parquet',
      'train-00001.parquet',
    ]);
    expect(hub.requests).toHaveLength(3);
    expect(await titles(readers)).toHaveLength(ARTICLES);
  });

  it('tells the date that its name carries', async () => {
    const [reader] = await open();
    await titles([reader as Reader]);
    expect(reader?.facts).toMatchObject({
      dumpDate: '2023-11-01',
      language: 'sv',
      site: 'https://sv.wikipedia.org',
    });
  });

  it('is read by ranges only, and the token goes to the hub but not to where the hub sends on', async () => {
    await titles(await open({ cdn: true, token: 'secret' }, { token: 'secret' }));
    const contents = hub.requests.filter(({ url }) => url.includes('.parquet'));
    expect(contents.every(({ range }) => /^bytes=\d+-\d+$/.test(range ?? ''))).toBe(true);
    for (const { cdn, authorization } of hub.requests)
      expect(authorization).toBe(cdn ? undefined : 'Bearer secret');
    expect(contents.filter(({ cdn }) => cdn).length).toBeGreaterThan(2);
  });

  it('gets no token from us when its listing goes on at another address', async () => {
    const other = await startHub({ files: FILES });
    try {
      const next = `<${other.endpoint}/api/datasets/o/n/tree/main/20231101.sv>; rel="next"`;
      await open({ listingLink: next }, { token: 'secret' });
      expect(hub.requests[0]?.authorization).toBe('Bearer secret');
      expect(other.requests.map(({ authorization }) => authorization)).toEqual([undefined]);
    } finally {
      await other.close();
    }
  });
});

describe('a hub that fails for a while', () => {
  it.each([
    ['500', { status: 500 }],
    ['429 with a pause', { status: 429, retryAfter: '0' }],
    ['429 without one', { status: 429 }],
    ['silence', 'silence'],
    ['half a body', 'half'],
    ['half a body, then silence', 'stall'],
  ] as const)('costs nothing but time: %s', async (_, fault) => {
    const readers = await open();
    hub.failFiles(fault, fault);
    expect(await titles(readers)).toHaveLength(ARTICLES);
  });

  it('is asked only for the rest of a half body, however often that breaks', async () => {
    const readers = await open();
    hub.failFiles('half', 'half', 'half', 'half', 'half', 'half');
    expect(await titles(readers.slice(0, 1))).not.toHaveLength(0);
    const spans = hub.requests.flatMap(
      ({ range }) =>
        /(\d+)-(\d+)/
          .exec(range ?? '')
          ?.slice(1)
          .map(Number) ?? [],
    );
    const [start = 0, end = 0, secondStart = 0, secondEnd = 0] = spans;
    expect(secondStart).toBe(start + Math.floor((end + 1 - start) / 2));
    expect(secondEnd).toBe(end);
  });

  it('is left in peace for as long as it asks', async () => {
    const readers = await open();
    hub.failFiles({ status: 429, retryAfter: '60' });
    const before = hub.requests.length;
    const controller = new AbortController();
    const reading = titles(readers, controller.signal);
    setTimeout(() => controller.abort(), 200);
    await expect(reading).rejects.toMatchObject({ code: 'cancelled' });
    expect(hub.requests.length - before).toBe(1);
  });

  it('may fail at the listing, too', async () => {
    hub = await startHub({ files: FILES });
    hub.failListings({ status: 503 }, 'silence');
    expect(
      await openSource('hf:o/n/20231101.sv', { endpoint: hub.endpoint, patience: PATIENCE }),
    ).toHaveLength(2);
  });
});

describe('a hub that refuses', () => {
  const ALWAYS = 10;
  it.each([
    ['500', { status: 500 }, 'network', /failed \(HTTP 500 for /, 3],
    ['429', { status: 429 }, 'network', /refuses more requests for now \(HTTP 429/, 3],
    ['429 for an hour', { status: 429, retryAfter: '3600' }, 'network', /asks for a pause of 3600 s/, 1],
    ['401', { status: 401 }, 'network', /asks for an access token \(HTTP 401/, 1],
    ['403', { status: 403 }, 'network', /does not open this to your token \(HTTP 403/, 1],
    ['404', { status: 404 }, 'not-found', /There is nothing at .*\(HTTP 404\)/, 1],
    ['silence', 'silence', 'network', /could not be read: nothing came for 0\.25 s/, 3],
    ['no ranges', 'no-range', 'network', /does not answer requests for parts of a file/, 1],
  ] as const)('is given up in one sentence: %s', async (_, fault, code, sentence, tries) => {
    const readers = await open();
    const before = hub.requests.length;
    hub.failFiles(...Array(ALWAYS).fill(fault));
    await expect(titles(readers)).rejects.toMatchObject({
      code,
      message: expect.stringMatching(sentence),
      hint: expect.any(String),
    });
    expect(hub.requests.length - before).toBe(tries);
  });

  it('is named when it cannot be reached at all', async () => {
    const readers = await open();
    await hub.close();
    await expect(titles(readers)).rejects.toMatchObject({
      code: 'network',
      message: expect.stringMatching(/the connection failed \(ECONNREFUSED\)\.$/),
    });
  });

  it('does not hold up someone who cancels', async () => {
    const readers = await open({}, { patience: { ...PATIENCE, silenceMs: 60_000 } });
    hub.failFiles('silence');
    const controller = new AbortController();
    const reading = titles(readers, controller.signal);
    setTimeout(() => controller.abort(), 50);
    await expect(reading).rejects.toMatchObject({ code: 'cancelled' });
  });
});

describe('a name on a hub', () => {
  it.each(['hf:o/n', 'hf:', 'hf:o/n/../x', 'hf:o/n/a?b'])(
    'must be of the form hf:OWNER/NAME/CONFIG, not %s',
    async (name) => {
      await expect(open({}, {}, name)).rejects.toMatchObject({ code: 'usage' });
    },
  );

  it('that does not exist, or holds no Parquet file, is not found', async () => {
    await expect(open({}, {}, 'hf:o/n/none')).rejects.toMatchObject({
      code: 'not-found',
      hint: expect.any(String),
    });
    await hub.close();
    await expect(open({}, {}, 'hf:o/n/text')).rejects.toMatchObject({
      code: 'not-found',
      message: 'The data set o/n has no Parquet file in text.',
    });
  });

  it('at an address that is no hub is told as such', async () => {
    await expect(open({ listingBody: '<html></html>' })).rejects.toMatchObject({
      code: 'network',
      message: expect.stringMatching(/did not answer with a list of files/),
    });
  });
});
