/**
 * The HTTP side of a loopback Slack: Web API, `response_url`s, uploads, and the socket's upgrade. Knows requests and answers.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { KnownBlock } from '@slack/types';
import { WebSocketServer } from 'ws';
import { type Deliveries, type HttpTarget, openDeliveries } from './slack-delivery.ts';
import { messageFault } from './slack-limits.ts';
import { openWebApi } from './slack-web-api.ts';
import { BOT, type ResponseUrl, type World } from './slack-world.ts';

const URL_USES = 5;

export interface SlackServer {
  /** Base address of the Web API, for `SLACK_API_URL`. */
  apiUrl: string;
  origin: string;
  deliveries: Deliveries;
  close(): Promise<void>;
}

export async function serveSlack(world: World, http?: HttpTarget): Promise<SlackServer> {
  let origin = '';
  const api = openWebApi(world, () => origin);
  const deliveries = openDeliveries(world, http);

  const answer = async (incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> => {
    const path = new URL(incoming.url ?? '/', origin).pathname;
    const body = await readBody(incoming);
    const reply = (status: number, said: unknown, headers: Record<string, string> = {}) =>
      outgoing
        .writeHead(status, { 'content-type': 'application/json', ...headers })
        .end(typeof said === 'string' ? said : JSON.stringify(said));
    if (path.startsWith('/api/')) {
      const args = Object.fromEntries(new URLSearchParams(body));
      const token = incoming.headers.authorization?.replace('Bearer ', '') ?? args.token ?? '';
      const { status, body: said, retryAfter } = api(path.slice('/api/'.length), args, token);
      reply(status, said, {
        'x-oauth-scopes': [...world.scopes].join(','),
        ...(retryAfter !== undefined && { 'retry-after': String(retryAfter) }),
      });
    } else if (path.startsWith('/response/')) {
      const { status, said } = respond(world, world.urls.get(path.slice('/response/'.length)), body);
      reply(status, said);
    } else if (path.startsWith('/upload/')) {
      const upload = world.uploads.get(path.slice('/upload/'.length));
      if (upload !== undefined) upload.content = /\r\n\r\n([\s\S]*)\r\n--/.exec(body)?.[1] ?? body;
      reply(upload === undefined ? 404 : 200, 'OK');
    } else reply(404, { ok: false, error: 'unknown_path' });
  };

  const server = createServer((incoming, outgoing) => {
    answer(incoming, outgoing).catch((error) => outgoing.writeHead(500).end(String(error)));
  });
  const sockets = new WebSocketServer({ server, path: '/socket', maxPayload: 64 * 1024 * 1024 });
  sockets.on('connection', (socket) => deliveries.connect(socket));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  return {
    origin,
    apiUrl: `${origin}/api/`,
    deliveries,
    async close() {
      deliveries.close();
      sockets.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** What a `response_url` does, and what it answers. */
function respond(
  world: World,
  url: ResponseUrl | undefined,
  body: string,
): { status: number; said: unknown } {
  const refuse = (error: string) => {
    world.calls.push({ method: 'response_url', args: { body }, error });
    return { status: 404, said: { ok: false, error } };
  };
  if (url === undefined || world.now() >= url.until) return refuse('expired_url');
  if (url.uses >= URL_USES) return refuse('used_url');
  const sent = JSON.parse(body) as {
    text?: string;
    blocks?: KnownBlock[];
    response_type?: string;
    replace_original?: boolean;
    thread_ts?: string;
  };
  const fault = messageFault(sent.text ?? '', sent.blocks);
  world.calls.push({ method: 'response_url', args: { body }, ...(fault !== undefined && fault) });
  if (fault !== undefined) return { status: 400, said: { ok: false, error: fault.error } };
  url.uses += 1;
  const content = { text: sent.text ?? '', blocks: sent.blocks ?? [] };
  if (sent.replace_original === true && url.message !== undefined) {
    Object.assign(url.message, content);
    url.message.edits += 1;
  } else {
    const place = { channel: url.channel ?? '', thread: sent.thread_ts, user: BOT };
    world.add({
      ...place,
      ...content,
      ...(sent.response_type !== 'in_channel' && { ephemeralFor: url.user }),
    });
  }
  return { status: 200, said: 'ok' };
}

async function readBody(incoming: IncomingMessage): Promise<string> {
  const pieces: Buffer[] = [];
  for await (const piece of incoming) pieces.push(piece as Buffer);
  return Buffer.concat(pieces).toString('utf8');
}
