/**
 * Discord's REST routes that a bot of this kind uses, with authentication, permissions, validation and rate limits.
 * Every other route is refused and recorded. Knows HTTP; the rules are in the files beside it.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { APIApplicationCommand, RESTPostAPIApplicationCommandsJSONBody } from 'discord-api-types/v10';
import { ApiError, applyEdit, type Interactions, refuse } from './discord-interactions.ts';
import { commandProblems, type MessageBody, messageProblems } from './discord-limits.ts';
import { type Channel, type StoredMessage, type World, wireChannel } from './discord-world.ts';

export interface RestRules {
  token: string;
  gatewayUrl: () => string;
  shards: number;
}

export interface Refused {
  route: string;
  code: number;
  problems: string[];
}

export interface Rest {
  /** `METHOD path` of every request, with ids as they are. */
  requests: string[];
  refused: Refused[];
  /** Decides whether a request is answered with 429, and for how many ms. */
  limit: (route: string) => number | undefined;
  /** Whether a request is carried out but its response lost on the way: Discord's load balancer then answers 502. */
  lose: (route: string) => boolean;
  /** Called after each new message. */
  onMessage: (message: StoredMessage, channel: Channel) => void;
  handle(request: IncomingMessage, response: ServerResponse): Promise<void>;
}

interface Sent {
  body: MessageBody;
  files: StoredMessage['files'];
}

export function openRest(world: World, interactions: Interactions, rules: RestRules): Rest {
  const visible = (id: string): Channel => {
    const channel = world.channels.get(id);
    if (channel === undefined) throw new ApiError(404, 10003, 'Unknown Channel');
    if (!channel.inside || channel.missing.has('view')) throw new ApiError(403, 50001, 'Missing Access');
    return channel;
  };
  const messageIn = (channel: string, id: string): StoredMessage => {
    const message = world.messages.get(id);
    if (message === undefined || message.channel_id !== channel)
      throw new ApiError(404, 10008, 'Unknown Message');
    if (message.onlyFor !== undefined) throw new ApiError(404, 10008, 'Unknown Message');
    return message;
  };
  const writable = (id: string, { body }: Sent): Channel => {
    const channel = visible(id);
    if (channel.missing.has('send') || (channel.missing.has('embed') && (body.embeds ?? []).length > 0))
      throw new ApiError(403, 50013, 'Missing Permissions');
    if (channel.recipient !== undefined && world.people.get(channel.recipient)?.closed)
      throw new ApiError(403, 50007, 'Cannot send messages to this user');
    return channel;
  };

  const post = (id: string, sent: Sent): StoredMessage => {
    const { body, files } = sent;
    const channel = writable(id, sent);
    refuse(messageProblems(body, files.length, true));
    const { nonce, enforce_nonce: once, message_reference: reference, ...fields } = body;
    const known = once ? world.messages.get(world.nonces.get(`${id} ${nonce}`) ?? '') : undefined;
    if (known !== undefined) return known;
    if (reference !== undefined) {
      if (channel.missing.has('history'))
        throw new ApiError(400, 160002, 'Cannot reply without permission to read message history');
      if (!world.messages.has(reference.message_id) && reference.fail_if_not_exists !== false)
        refuse(['message_reference: Unknown message']);
    }
    const message = world.post(id, world.bot, {
      ...(fields as Partial<StoredMessage>),
      files,
      ...(reference !== undefined && {
        type: 19,
        message_reference: { ...reference, type: 0, channel_id: id },
      }),
    });
    if (once && nonce !== undefined) world.nonces.set(`${id} ${nonce}`, message.id);
    rest.onMessage(message, channel);
    return message;
  };

  const edit = (channel: string, id: string, sent: Sent): StoredMessage => {
    visible(channel);
    const message = messageIn(channel, id);
    if (message.author.id !== world.bot.id)
      throw new ApiError(403, 50005, 'Cannot edit a message authored by another user');
    writable(channel, sent);
    refuse(messageProblems(sent.body, sent.files.length, false));
    return applyEdit(message, sent.body, sent.files);
  };

  const setCommands = (commands: RESTPostAPIApplicationCommandsJSONBody[]): APIApplicationCommand[] => {
    refuse(commandProblems(commands));
    world.commands = commands.map(
      (command) =>
        ({
          id: world.newId(),
          application_id: world.application,
          version: world.newId(),
          default_member_permissions: null,
          nsfw: false,
          ...structuredClone(command),
        }) as unknown as APIApplicationCommand,
    );
    return world.commands;
  };

  /** Routes by method and path; `:x` is one part of the path. Those with `open` need no bot token. */
  const routes: {
    route: string;
    open?: boolean;
    run: (parts: string[], sent: Sent, raw: unknown) => unknown;
  }[] = [
    {
      route: 'GET /gateway/bot',
      run: () => ({
        url: rules.gatewayUrl(),
        shards: rules.shards,
        session_start_limit: { total: 1000, remaining: 1000, reset_after: 86_400_000, max_concurrency: 16 },
      }),
    },
    { route: 'GET /applications/:app/commands', run: () => world.commands },
    { route: 'PUT /applications/:app/commands', run: (_, __, raw) => setCommands(raw as never) },
    { route: 'POST /users/@me/channels', run: (_, __, raw) => wireChannel(directWith(raw)) },
    { route: 'POST /channels/:channel/messages', run: ([channel = ''], sent) => post(channel, sent) },
    {
      route: 'PATCH /channels/:channel/messages/:id',
      run: ([channel = '', id = ''], sent) => edit(channel, id, sent),
    },
    {
      route: 'DELETE /channels/:channel/messages/:id',
      run: ([channel = '', id = '']) => {
        visible(channel);
        world.messages.delete(messageIn(channel, id).id);
      },
    },
    {
      route: 'POST /interactions/:id/:token/callback',
      open: true,
      run: ([id = '', token = ''], _, raw) => interactions.respond(id, token, raw as never),
    },
    {
      route: 'POST /webhooks/:app/:token',
      open: true,
      run: ([, token = ''], { body, files }) => interactions.followUp(token, body, files),
    },
    {
      route: 'PATCH /webhooks/:app/:token/messages/:id',
      open: true,
      run: ([, token = '', id = ''], { body, files }) => interactions.edit(token, id, body, files),
    },
    {
      route: 'DELETE /webhooks/:app/:token/messages/:id',
      open: true,
      run: ([, token = '', id = '']) => interactions.remove(token, id),
    },
  ];

  const directWith = (raw: unknown): Channel => {
    const { recipient_id: person } = raw as { recipient_id: string };
    if (!world.people.has(person)) throw new ApiError(404, 10013, 'Unknown User');
    return world.direct(person);
  };

  const rest: Rest = {
    requests: [],
    refused: [],
    limit: () => undefined,
    lose: () => false,
    onMessage: () => undefined,
    async handle(request, response) {
      const path = decodeURIComponent(new URL(request.url ?? '/', 'http://discord').pathname);
      const name = `${request.method} ${path.replace(/^\/api\/v10/, '')}`;
      rest.requests.push(name);
      try {
        const waitMs = rest.limit(name);
        if (waitMs !== undefined) return tooMany(response, waitMs);
        const { raw, sent } = await read(request);
        const found = routes
          .map((entry) => ({ ...entry, parts: match(entry.route, name) }))
          .find(({ parts }) => parts !== undefined);
        if (found?.parts === undefined) throw new ApiError(404, 0, '404: Not Found');
        if (!found.open && request.headers.authorization !== `Bot ${rules.token}`)
          throw new ApiError(401, 0, '401: Unauthorized');
        const result = found.run(found.parts, sent, raw);
        if (rest.lose(name)) response.writeHead(502).end();
        else if (result === undefined) response.writeHead(204).end();
        else response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(result));
      } catch (error) {
        if (!(error instanceof ApiError)) throw error;
        const { status, code, message, problems } = error;
        rest.refused.push({ route: name, code, problems });
        response.writeHead(status, { 'content-type': 'application/json' }).end(
          JSON.stringify({
            code,
            message,
            ...(problems.length > 0 && {
              errors: { _errors: problems.map((text) => ({ code: 'INVALID', message: text })) },
            }),
          }),
        );
      }
    },
  };
  return rest;
}

function match(route: string, name: string): string[] | undefined {
  const wanted = route.split('/');
  const given = name.split('/');
  if (wanted.length !== given.length) return undefined;
  const parts: string[] = [];
  for (const [n, part] of wanted.entries()) {
    if (part.startsWith(':')) parts.push(given[n] ?? '');
    else if (part !== given[n]) return undefined;
  }
  return parts;
}

function tooMany(response: ServerResponse, waitMs: number): void {
  const seconds = waitMs / 1000;
  response
    .writeHead(429, {
      'content-type': 'application/json',
      'retry-after': String(Math.ceil(seconds)),
      'x-ratelimit-limit': '5',
      'x-ratelimit-remaining': '0',
      'x-ratelimit-reset-after': String(seconds),
      'x-ratelimit-bucket': 'edits',
      'x-ratelimit-scope': 'user',
    })
    .end(JSON.stringify({ message: 'You are being rate limited.', retry_after: seconds, global: false }));
}

/** The JSON body, alone or as `payload_json` beside files. */
async function read(request: IncomingMessage): Promise<{ raw: unknown; sent: Sent }> {
  const pieces: Buffer[] = [];
  for await (const piece of request) pieces.push(piece as Buffer);
  const bytes = Buffer.concat(pieces);
  const type = request.headers['content-type'] ?? '';
  if (!type.startsWith('multipart/form-data')) {
    const raw = bytes.length === 0 ? {} : JSON.parse(bytes.toString());
    return { raw, sent: { body: raw as MessageBody, files: [] } };
  }
  const form = await new Response(bytes, { headers: { 'content-type': type } }).formData();
  const raw = JSON.parse(String(form.get('payload_json') ?? '{}'));
  const files: StoredMessage['files'] = [];
  for (const [name, part] of form.entries())
    if (name.startsWith('files[') && typeof part !== 'string')
      files.push({ name: part.name, content: await part.text() });
  return { raw, sent: { body: raw as MessageBody, files } };
}
