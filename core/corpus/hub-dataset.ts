/**
 * Knows where a Hugging Face hub keeps the Parquet files of a data set's configuration, and gives a Reader for each.
 * Knows neither retrying nor Parquet.
 */
import { z } from 'zod';
import { CoreError } from '../errors.ts';
import { type HubAccess, hubRequest } from './hub-request.ts';
import { parquetReader } from './parquet.ts';
import type { Reader } from './reader.ts';

const NAME = /^hf:([\w.-]+\/[\w.-]+)\/((?!(?:.*\/)?\.+(?:\/|$))[\w.-]+(?:\/[\w.-]+)*)$/;

const listingSchema = z.array(z.object({ type: z.string(), path: z.string(), size: z.number() }));

/**
 * Readers of `hf:OWNER/NAME/CONFIG`, one per Parquet file, ordered by name; nothing is downloaded before it is read.
 * Throws `CoreError('usage')` for another form of name, `not-found` if the data set is missing or has no Parquet file,
 * `network` for a hub that refuses or does not answer.
 */
export async function hubDataset(name: string, hub: HubAccess, signal?: AbortSignal): Promise<Reader[]> {
  const [, repo, config] = NAME.exec(name) ?? [];
  if (repo === undefined || config === undefined)
    throw new CoreError(
      'usage',
      `${name} does not name a data set on the hub; expected hf:OWNER/NAME/CONFIG.`,
      {
        hint: 'For example: hf:wikimedia/wikipedia/20231101.en',
      },
    );
  const endpoint = hub.endpoint.replace(/\/+$/, '');
  const files: { path: string; size: number }[] = [];
  let next: string | undefined = `${endpoint}/api/datasets/${repo}/tree/main/${config}`;
  while (next !== undefined) {
    const page: string = next;
    const { body, headers } = await hubRequest(page, hub, { signal });
    files.push(...parseListing(page, body).filter(({ path }) => path.endsWith('.parquet')));
    next = nextPage(page, headers.get('link'));
  }
  if (files.length === 0)
    throw new CoreError('not-found', `The data set ${repo} has no Parquet file in ${config}.`, {
      hint: `See ${endpoint}/datasets/${repo}/tree/main for the configurations that it has.`,
    });
  // Wikimedia's configurations are named after the dump they were made from, e.g. 20231101.en.
  const dumpDate = /^(\d{4})(\d\d)(\d\d)\./.exec(config)?.slice(1).join('-');
  files.sort((a, b) => (a.path < b.path ? -1 : 1));
  return files.map(({ path, size }) =>
    fileReader(`${endpoint}/datasets/${repo}/resolve/main/${path}`, size, dumpDate, hub),
  );
}

function fileReader(url: string, size: number, dumpDate: string | undefined, hub: HubAccess): Reader {
  return parquetReader(
    url,
    size,
    async (signal) => ({
      byteLength: size,
      async slice(start, end = size) {
        const { body } = await hubRequest(url, hub, { span: { start, end, of: size }, signal });
        return body.buffer.slice(body.byteOffset, body.byteOffset + body.length) as ArrayBuffer;
      },
    }),
    dumpDate,
  );
}

function parseListing(url: string, body: Uint8Array): z.infer<typeof listingSchema> {
  try {
    return listingSchema.parse(JSON.parse(Buffer.from(body).toString()));
  } catch (error) {
    throw new CoreError('network', `${url} did not answer with a list of files, as a hub does.`, {
      cause: error,
      hint: 'Check HF_ENDPOINT.',
    });
  }
}

/** The next page that a Link header names (RFC 8288). */
function nextPage(url: string, link: string | null): string | undefined {
  const next = /<([^>]+)>\s*;[^,]*\brel="?next"?/.exec(link ?? '')?.[1];
  return next === undefined ? undefined : new URL(next, url).href;
}
