/**
 * A Slack workspace in memory: people, channels, messages, a clock that can be moved, and the faults a test asks for.
 * Knows what is there; nothing about HTTP or sockets.
 */
import type { KnownBlock, View } from '@slack/types';

export const BOT = 'U0BOT';
export const BOT_ID = 'B0BOT';
export const TEAM = 'T0TEAM';

export interface SlackMessage {
  channel: string;
  ts: string;
  user: string;
  text: string;
  blocks: KnownBlock[];
  thread?: string | undefined;
  /** Only this person sees it. */
  ephemeralFor?: string;
  /** Text of a stream, and until when it accepts more. */
  streamed?: string;
  streamUntil?: number;
  edits: number;
  deleted: boolean;
}

export interface Channel {
  id: string;
  kind: 'channel' | 'group' | 'im';
  members: Set<string>;
  /** Deleted or archived. */
  gone: boolean;
}

export interface ResponseUrl {
  channel: string | undefined;
  thread: string | undefined;
  user: string;
  /** The message that was acted on. */
  message?: SlackMessage;
  until: number;
  uses: number;
}

export interface Trouble {
  /** The Web API's error, or `429`. */
  error: string;
  /** Fails each n-th call of the method; every one by default. */
  every?: number;
  /** How many calls fail; all by default. */
  times?: number;
  retryAfter?: number;
}

export interface World {
  now(): number;
  /** Moves the clock forward. */
  advance(ms: number): void;
  token: string;
  appToken: string;
  /** What every call answers with once set: `token_revoked`, `invalid_auth`. */
  dead?: string;
  scopes: Set<string>;
  locales: Map<string, string>;
  /** Members of user groups. */
  groups: Map<string, string[]>;
  channels: Map<string, Channel>;
  messages: SlackMessage[];
  urls: Map<string, ResponseUrl>;
  /** When each trigger was issued. */
  triggers: Map<string, number>;
  views: Map<string, View & { id: string }>;
  homes: Map<string, View>;
  prompts: Map<string, { title: string; message: string }[]>;
  statuses: Map<string, { text: string; at: number }>;
  files: { channel: string; name: string; content: string }[];
  uploads: Map<string, { name: string; content: string }>;
  /** Every call of the Web API. */
  calls: { method: string; args: Record<string, string>; error?: string; why?: string }[];
  /** Makes a method fail. */
  trouble(method: string, trouble: Trouble): void;
  troubles: Map<string, { trouble: Trouble; calls: number; met: number }>;
  nextTs(): string;
  nextId(prefix: string): string;
  channel(id: string): Channel;
  add(
    message: Omit<SlackMessage, 'edits' | 'deleted' | 'ts' | 'blocks'> & Partial<SlackMessage>,
  ): SlackMessage;
  /** Messages in a channel that are not deleted, also those that only one person sees. */
  shown(channel: string): SlackMessage[];
  find(channel: string, ts: string): SlackMessage | undefined;
  /** The line under an agent's thread; it disappears after two minutes. */
  status(channel: string, thread: string): string;
}

const STATUS_MS = 120_000;
const ALL_SCOPES =
  'app_mentions:read assistant:write channels:history chat:write chat:write.public commands files:write groups:history im:history im:write usergroups:read users:read';

export function openWorld(): World {
  let moved = 0;
  let ids = 0;
  let lastTs = 0;
  const world: World = {
    now: () => Date.now() + moved,
    advance(ms) {
      moved += ms;
    },
    token: 'xoxb-test',
    appToken: 'xapp-test',
    scopes: new Set(ALL_SCOPES.split(' ')),
    locales: new Map(),
    groups: new Map(),
    channels: new Map(),
    messages: [],
    urls: new Map(),
    triggers: new Map(),
    views: new Map(),
    homes: new Map(),
    prompts: new Map(),
    statuses: new Map(),
    files: [],
    uploads: new Map(),
    calls: [],
    troubles: new Map(),
    trouble: (method, trouble) => void world.troubles.set(method, { trouble, calls: 0, met: 0 }),
    nextTs() {
      lastTs = Math.max(lastTs + 1, world.now() * 1_000);
      return `${Math.floor(lastTs / 1e6)}.${String(lastTs % 1e6).padStart(6, '0')}`;
    },
    nextId: (prefix) => `${prefix}${String(++ids).padStart(6, '0')}`,
    channel(id) {
      const known = world.channels.get(id);
      if (known !== undefined) return known;
      const kind = id.startsWith('D') ? 'im' : id.startsWith('G') ? 'group' : 'channel';
      const made: Channel = { id, kind, members: new Set([BOT]), gone: false };
      world.channels.set(id, made);
      return made;
    },
    add(message) {
      const made: SlackMessage = { blocks: [], edits: 0, deleted: false, ts: world.nextTs(), ...message };
      world.messages.push(made);
      return made;
    },
    shown: (channel) => world.messages.filter((message) => message.channel === channel && !message.deleted),
    find: (channel, ts) =>
      world.messages.find((message) => message.channel === channel && message.ts === ts && !message.deleted),
    status(channel, thread) {
      const status = world.statuses.get(`${channel}/${thread}`);
      return status === undefined || status.at + STATUS_MS < world.now() ? '' : status.text;
    },
  };
  return world;
}

/** The text of a message as its blocks show it. */
export function bodyOf({ blocks, text, streamed }: SlackMessage): string {
  if (blocks.length === 0) return streamed ?? text;
  return blocks.map((block) => (block.type === 'markdown' ? block.text : '')).join('\n');
}

/** Buttons under a message. */
export function buttonsOf({ blocks }: { blocks: KnownBlock[] }): { action_id: string; label: string }[] {
  return blocks.flatMap((block) =>
    block.type !== 'actions'
      ? []
      : block.elements.flatMap((element) =>
          element.type === 'button' ? [{ action_id: element.action_id ?? '', label: element.text.text }] : [],
        ),
  );
}
