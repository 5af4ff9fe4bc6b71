/**
 * Slack's Web API over a world: the methods that the bots call, with the errors, rates and expiries of the documentation
 * (https://docs.slack.dev/reference/methods). Knows nothing about HTTP.
 */
import type { KnownBlock, View } from '@slack/types';
import { messageFault, viewFault } from './slack-limits.ts';
import { BOT, BOT_ID, type SlackMessage, TEAM, type World } from './slack-world.ts';

type Args = Record<string, string>;
type Method = (args: Args) => Record<string, unknown>;

/** Thrown by a method: the `error` of its answer. */
class Refusal extends Error {
  readonly error: string;
  readonly why: string;
  constructor(error: string, why = '') {
    super(error);
    this.error = error;
    this.why = why;
  }
}

export interface ApiAnswer {
  status: number;
  body: Record<string, unknown>;
  retryAfter?: number;
}

const STREAM_MS = 300_000;
const TRIGGER_MS = 3_000;
/** Calls per minute; posting is limited per channel, with a tenth of a second allowed for latency. */
const PER_MINUTE: Record<string, number> = {
  'chat.update': 50,
  'chat.delete': 50,
  'chat.startStream': 20,
  'chat.stopStream': 20,
  'chat.appendStream': 100,
  'chat.postEphemeral': 100,
  'users.info': 100,
  'usergroups.users.list': 20,
};
const SCOPES: Record<string, string> = {
  'chat.postMessage': 'chat:write',
  'chat.update': 'chat:write',
  'chat.postEphemeral': 'chat:write',
  'chat.startStream': 'chat:write',
  'users.info': 'users:read',
  'usergroups.users.list': 'usergroups:read',
  'conversations.open': 'im:write',
  'files.getUploadURLExternal': 'files:write',
  'assistant.threads.setStatus': 'assistant:write',
  'assistant.threads.setSuggestedPrompts': 'assistant:write',
};

export function openWebApi(
  world: World,
  origin: () => string,
): (method: string, args: Args, token: string) => ApiAnswer {
  const recent = new Map<string, number[]>();
  const methods = { ...messageMethods(world), ...otherMethods(world, origin) } as Record<string, Method>;

  /** Seconds to wait, or 0. */
  const overRate = (method: string, args: Args): number => {
    const [most, perMs] = method === 'chat.postMessage' ? [1, 900] : [PER_MINUTE[method] ?? 1_000, 60_000];
    const key = method === 'chat.postMessage' ? `${method} ${args.channel}` : method;
    const now = world.now();
    const times = (recent.get(key) ?? []).filter((at) => at > now - perMs);
    const oldest = times[0] ?? now;
    if (times.length >= most) return Math.max(1, Math.ceil((oldest + perMs - now) / 1000));
    recent.set(key, [...times, now]);
    return 0;
  };

  const troubleOf = (method: string) => {
    const planned = world.troubles.get(method);
    if (planned === undefined) return undefined;
    planned.calls += 1;
    const { every = 1, times = Number.POSITIVE_INFINITY } = planned.trouble;
    if (planned.calls % every !== 0 || planned.met >= times) return undefined;
    planned.met += 1;
    return planned.trouble;
  };

  return (method, args, token) => {
    const refuse = (error: string, more: Record<string, unknown> = {}): ApiAnswer => {
      world.calls.push({ method, args, error, ...(typeof more.why === 'string' && { why: more.why }) });
      return { status: 200, body: { ok: false, error, ...more } };
    };
    if (world.dead !== undefined) return refuse(world.dead);
    if (token !== (method === 'apps.connections.open' ? world.appToken : world.token))
      return refuse('invalid_auth');
    const trouble = troubleOf(method);
    const wait =
      trouble?.error === '429'
        ? (trouble.retryAfter ?? 1)
        : trouble === undefined
          ? overRate(method, args)
          : 0;
    if (wait > 0) {
      world.calls.push({ method, args, error: 'ratelimited' });
      return { status: 429, body: { ok: false, error: 'ratelimited' }, retryAfter: wait };
    }
    if (trouble !== undefined) return refuse(trouble.error);
    const scope = SCOPES[method];
    if (scope !== undefined && !world.scopes.has(scope)) return refuse('missing_scope', { needed: scope });
    const work = methods[method];
    if (work === undefined) return refuse('unknown_method');
    try {
      const body = { ok: true, ...work(args) };
      world.calls.push({ method, args });
      return { status: 200, body };
    } catch (thrown) {
      if (!(thrown instanceof Refusal)) throw thrown;
      return refuse(thrown.error, { why: thrown.why });
    }
  };
}

export function blocksOf(args: Args): KnownBlock[] | undefined {
  return args.blocks === undefined ? undefined : (JSON.parse(args.blocks) as KnownBlock[]);
}

function messageMethods(world: World): Record<string, Method> {
  const checked = (args: Args): { text: string; blocks: KnownBlock[] } => {
    const text = args.text ?? '';
    const blocks = blocksOf(args);
    const fault = messageFault(text, blocks);
    if (fault !== undefined) throw new Refusal(fault.error, fault.why);
    return { text, blocks: blocks ?? [] };
  };
  /** Where a message goes; the bot must be a member, or may post in public channels. */
  const place = ({
    channel: id = '',
    thread_ts: thread,
  }: Args): { channel: string; thread: string | undefined } => {
    const channel = world.channels.get(id);
    if (channel === undefined || channel.gone) throw new Refusal('channel_not_found');
    if (!channel.members.has(BOT)) {
      if (channel.kind !== 'channel') throw new Refusal('channel_not_found');
      if (!world.scopes.has('chat:write.public')) throw new Refusal('not_in_channel');
    }
    if (thread !== undefined && world.find(id, thread) === undefined) throw new Refusal('thread_not_found');
    return { channel: id, thread };
  };
  const own = ({ channel = '', ts = '' }: Args): SlackMessage => {
    if (world.channels.get(channel)?.gone !== false) throw new Refusal('channel_not_found');
    const message = world.find(channel, ts);
    if (message === undefined || message.ephemeralFor !== undefined) throw new Refusal('message_not_found');
    if (message.user !== BOT) throw new Refusal('cant_update_message');
    return message;
  };
  const isStreaming = ({ streamUntil }: SlackMessage) =>
    streamUntil !== undefined && world.now() < streamUntil;
  const streaming = (args: Args): SlackMessage => {
    const message = own(args);
    if (!isStreaming(message)) throw new Refusal('message_not_in_streaming_state');
    return message;
  };
  const append = (message: SlackMessage, { markdown_text: text = '', chunks }: Args) => {
    const pieces = (JSON.parse(chunks ?? '[]') as { type: string; text?: string }[]).map(
      (chunk) => chunk.text ?? '',
    );
    const added = text + pieces.join('');
    message.streamed = (message.streamed ?? '') + added;
    if (!added.isWellFormed()) throw new Refusal('invalid_arguments', 'half a surrogate pair');
    if (message.streamed.length > 12_000) throw new Refusal('msg_too_long', 'stream over 12,000');
  };

  return {
    'chat.postMessage': (args) => {
      const at = place(args);
      const { ts } = world.add({ ...at, user: BOT, ...checked(args) });
      return { ts, channel: at.channel };
    },
    'chat.postEphemeral': (args) => {
      const { channel, thread } = place(args);
      const user = args.user ?? '';
      const { members, kind } = world.channel(channel);
      if (kind !== 'im' && !members.has(user)) throw new Refusal('user_not_in_channel');
      const { ts } = world.add({ channel, thread, user: BOT, ephemeralFor: user, ...checked(args) });
      return { message_ts: ts };
    },
    'chat.update': (args) => {
      const message = own(args);
      if (isStreaming(message)) throw new Refusal('streaming_state_conflict');
      Object.assign(message, checked(args));
      message.edits += 1;
      return { ts: message.ts, channel: message.channel };
    },
    'chat.delete': (args) => {
      own(args).deleted = true;
      return {};
    },
    'chat.startStream': (args) => {
      const at = place(args);
      if (world.channel(at.channel).kind !== 'im') {
        if (at.thread === undefined) throw new Refusal('invalid_thread_ts');
        if (!args.recipient_user_id) throw new Refusal('missing_recipient_user_id');
        if (!args.recipient_team_id) throw new Refusal('missing_recipient_team_id');
      }
      const message = world.add({
        ...at,
        user: BOT,
        text: '',
        streamUntil: world.now() + STREAM_MS,
        streamed: '',
      });
      append(message, args);
      return { ts: message.ts, channel: at.channel };
    },
    'chat.appendStream': (args) => {
      const message = streaming(args);
      append(message, args);
      return { ts: message.ts };
    },
    'chat.stopStream': (args) => {
      const message = streaming(args);
      append(message, args);
      message.streamUntil = 0;
      return { ts: message.ts };
    },
  };
}

function otherMethods(world: World, origin: () => string): Record<string, Method> {
  const spend = (trigger = '') => {
    const at = world.triggers.get(trigger);
    if (at === undefined) throw new Refusal('invalid_trigger_id');
    world.triggers.delete(trigger);
    if (world.now() - at > TRIGGER_MS) throw new Refusal('expired_trigger_id');
  };
  const view = (json = '{}'): View => {
    const parsed = JSON.parse(json) as View;
    const why = viewFault(parsed);
    if (why !== undefined) throw new Refusal('invalid_arguments', why);
    return parsed;
  };
  return {
    'auth.test': () => ({
      user_id: BOT,
      bot_id: BOT_ID,
      team_id: TEAM,
      user: 'footnote',
      team: 'test',
      url: origin(),
    }),
    'apps.connections.open': () => ({
      url: `${origin().replace('http', 'ws')}/socket?ticket=${world.nextId('S')}`,
    }),
    'users.info': ({ user = '' }) => ({ user: { id: user, locale: world.locales.get(user) ?? 'en-US' } }),
    'usergroups.users.list': ({ usergroup = '' }) => {
      const users = world.groups.get(usergroup);
      if (users === undefined) throw new Refusal('no_such_subteam');
      return { users };
    },
    'conversations.open': ({ users = '' }) => {
      const { id } = world.channel(`D${users}`);
      return { channel: { id } };
    },
    'views.open': ({ trigger_id, view: json }) => {
      spend(trigger_id);
      const opened = { ...view(json), id: world.nextId('V') };
      world.views.set(opened.id, opened);
      return { view: opened };
    },
    'views.publish': ({ user_id = '', view: json }) => {
      world.homes.set(user_id, view(json));
      return {};
    },
    'assistant.threads.setStatus': ({ channel_id = '', thread_ts = '', status = '' }) => {
      if (world.find(channel_id, thread_ts) === undefined) throw new Refusal('thread_not_found');
      world.statuses.set(`${channel_id}/${thread_ts}`, { text: status, at: world.now() });
      return {};
    },
    'assistant.threads.setSuggestedPrompts': ({ channel_id = '', prompts = '[]' }) => {
      const list = JSON.parse(prompts) as { title: string; message: string }[];
      if (list.length === 0 || list.length > 4)
        throw new Refusal('invalid_arguments', `${list.length} prompts`);
      world.prompts.set(channel_id, list);
      return {};
    },
    'files.getUploadURLExternal': ({ filename = '' }) => {
      const file_id = world.nextId('F');
      world.uploads.set(file_id, { name: filename, content: '' });
      return { file_id, upload_url: `${origin()}/upload/${file_id}` };
    },
    'files.completeUploadExternal': ({ files = '[]', channel_id = '' }) => {
      for (const { id } of JSON.parse(files) as { id: string }[]) {
        const upload = world.uploads.get(id);
        if (upload === undefined) throw new Refusal('file_not_found');
        world.files.push({ channel: channel_id, ...upload });
      }
      return { files: [] };
    },
  };
}
