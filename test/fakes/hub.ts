/**
 * A Hugging Face hub on the loopback: lists folders, serves files by range, and fails on command.
 * Stands in for the vendor's server only; knows nothing about what the files hold.
 */
import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What the next request gets instead of its answer. */
export type HubFault =
  | { status: number; retryAfter?: string }
  /** Half of the body, then the connection breaks. */
  | 'half'
  /** Half of the body, then nothing more. */
  | 'stall'
  /** Not even a status line. */
  | 'silence'
  /** The whole file with status 200, as from a server without ranges. */
  | 'no-range';

export interface HubRequest {
  method: string;
  /** Path and query. */
  url: string;
  range: string | undefined;
  authorization: string | undefined;
  /** Whether it came to the second origin, which serves file contents. */
  cdn: boolean;
}

export interface HubOptions {
  /** By URL path: `OWNER/NAME/resolve/REV/FILE`, or with `datasets/` before it. */
  files: Record<string, Uint8Array>;
  /** Without it in the Authorization header, everything is refused with 401. */
  token?: string;
  /** Entries on one page of a folder listing. */
  pageSize?: number;
  /** Sent as the Link header of a listing's last page. */
  listingLink?: string;
  /** Sent instead of a listing. */
  listingBody?: string;
  /** Redirect file contents to another origin, as the real hub does. */
  cdn?: boolean;
}

export interface Hub {
  endpoint: string;
  requests: HubRequest[];
  /** Faults of the next requests for file contents, one each. */
  failFiles(...faults: HubFault[]): void;
  /** Faults of the next requests for listings, one each. */
  failListings(...faults: HubFault[]): void;
  close(): Promise<void>;
}

export async function startHub(options: HubOptions): Promise<Hub> {
  const requests: HubRequest[] = [];
  const fileFaults: HubFault[] = [];
  const listingFaults: HubFault[] = [];
  let cdn: Listening | undefined;

  const note = (request: IncomingMessage, onCdn: boolean) =>
    requests.push({
      method: request.method ?? '',
      url: request.url ?? '',
      range: request.headers.range,
      authorization: request.headers.authorization,
      cdn: onCdn,
    });

  const origin = await listen((request, response) => {
    note(request, false);
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://hub');
    const path = decodeURIComponent(pathname).slice(1);
    const listing = /^api\/(datasets|models)\/([^/]+\/[^/]+)\/tree\/([^/]+)\/?(.*)$/.exec(path);
    const fault = listing ? listingFaults.shift() : cdn ? undefined : fileFaults.shift();
    if (typeof fault === 'object') return refuse(response, fault);
    if (fault === 'silence') return;
    if (options.token !== undefined && request.headers.authorization !== `Bearer ${options.token}`)
      return refuse(response, { status: 401 });
    if (listing) {
      const [, kind, repo, revision, folder = ''] = listing;
      const root = `${kind === 'datasets' ? 'datasets/' : ''}${repo}/resolve/${revision}/`;
      return list(response, root, folder, Number(searchParams.get('cursor') ?? 0));
    }
    const file = options.files[path];
    if (file === undefined) return refuse(response, { status: 404 });
    const digest = createHash('sha256').update(file).digest('hex');
    response.setHeader('x-linked-size', file.length);
    response.setHeader('x-linked-etag', `"${digest}"`);
    response.setHeader('x-repo-commit', 'c0ffee'.padEnd(40, '0'));
    if (cdn === undefined) return send(request, response, file, fault);
    response.writeHead(302, { location: `${cdn.url}/${encodeURI(path)}` }).end();
  });

  if (options.cdn)
    cdn = await listen((request, response) => {
      note(request, true);
      const fault = fileFaults.shift();
      if (typeof fault === 'object') return refuse(response, fault);
      if (fault === 'silence') return;
      const file = options.files[decodeURIComponent(request.url ?? '').slice(1)];
      if (file === undefined) return refuse(response, { status: 404 });
      send(request, response, file, fault);
    });

  function list(response: ServerResponse, root: string, folder: string, from: number): void {
    const prefix = folder === '' ? root : `${root}${folder}/`;
    const entries = Object.entries(options.files)
      .filter(([path]) => path.startsWith(prefix))
      .map(([path, file]) => ({ type: 'file', path: path.slice(root.length), size: file.length }));
    if (entries.length === 0) {
      refuse(response, { status: 404 });
      return;
    }
    const to = from + (options.pageSize ?? entries.length);
    if (to < entries.length) {
      const next = new URL(response.req.url ?? '/', origin.url);
      next.searchParams.set('cursor', String(to));
      response.setHeader('link', `<${next.href}>; rel="next"`);
    } else if (options.listingLink) response.setHeader('link', options.listingLink);
    response
      .setHeader('content-type', 'application/json')
      .end(options.listingBody ?? JSON.stringify(entries.slice(from, to)));
  }

  return {
    endpoint: origin.url,
    requests,
    failFiles: (...faults) => void fileFaults.push(...faults),
    failListings: (...faults) => void listingFaults.push(...faults),
    async close() {
      await Promise.all([origin.close(), cdn?.close()]);
    },
  };
}

interface Listening {
  url: string;
  close(): Promise<void>;
}

async function listen(
  answer: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<Listening> {
  const server: Server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function refuse(
  response: ServerResponse,
  { status, retryAfter }: { status: number; retryAfter?: string },
): void {
  if (retryAfter !== undefined) response.setHeader('retry-after', retryAfter);
  response.writeHead(status).end();
}

function send(
  request: IncomingMessage,
  response: ServerResponse,
  file: Uint8Array,
  fault: 'half' | 'stall' | 'no-range' | undefined,
): void {
  const range = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '');
  let body = file;
  const etag = `"${createHash('sha256').update(file).digest('hex')}"`;
  const condition = request.headers['if-range'];
  const unchanged = condition === undefined || condition === etag;
  response.setHeader('etag', etag);
  response.setHeader('accept-ranges', 'bytes');
  if (range && unchanged && fault !== 'no-range') {
    const start = Number(range[1]);
    const end = range[2] === '' ? file.length - 1 : Math.min(Number(range[2]), file.length - 1);
    if (start > end) {
      response.writeHead(416, { 'content-range': `bytes */${file.length}` }).end();
      return;
    }
    body = file.subarray(start, end + 1);
    response.writeHead(206, {
      'content-range': `bytes ${start}-${end}/${file.length}`,
      'content-length': body.length,
    });
  } else response.writeHead(200, { 'content-length': body.length });
  if (request.method === 'HEAD') response.end();
  else if (fault === 'half')
    response.write(body.subarray(0, body.length >> 1), () => response.socket?.destroySoon());
  else if (fault === 'stall') response.write(body.subarray(0, body.length >> 1));
  else response.end(body);
}
