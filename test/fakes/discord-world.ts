/**
 * What is in a Discord: users, servers, channels, messages, permissions, a clock. State only; knows no connection.
 */
import {
  type APIApplicationCommand,
  type APIMessage,
  type APIUser,
  ChannelType,
  type GatewayGuildCreateDispatchData,
  MessageFlags,
} from 'discord-api-types/v10';

export interface Channel {
  id: string;
  type: ChannelType;
  /** Absent for a DM. */
  guild?: string;
  parent?: string;
  /** The other person in a DM. */
  recipient?: string;
  /** Whether the bot is in the channel's server. */
  inside: boolean;
  missing: Set<Permission>;
}

export type Permission = 'view' | 'send' | 'embed' | 'history';

export interface StoredMessage extends APIMessage {
  /** The one person who sees it. */
  onlyFor?: string;
  /** Token of the interaction that made it. */
  token?: string;
  /** How often it was edited. */
  edits: number;
  files: { name: string; content: string }[];
}

export interface Person extends APIUser {
  locale: string;
  roles: string[];
  /** Accepts no direct messages. */
  closed: boolean;
}

export interface World {
  application: string;
  bot: APIUser;
  guild: string;
  people: Map<string, Person>;
  channels: Map<string, Channel>;
  /** In the order in which they were sent. */
  messages: Map<string, StoredMessage>;
  commands: APIApplicationCommand[];
  nonces: Map<string, string>;
  /** Milliseconds since 1970, moved by {@link World.advance}. */
  now(): number;
  advance(ms: number): void;
  newId(): string;
  person(name: string, facts?: Partial<Pick<Person, 'locale' | 'roles' | 'closed'>>): Person;
  channel(facts?: Partial<Channel>): Channel;
  /** The DM with a person, opened when first asked for. */
  direct(person: string): Channel;
  /** Stores a message and gives it its id. */
  post(channel: string, author: APIUser, fields: Partial<StoredMessage>): StoredMessage;
  guildCreate(): GatewayGuildCreateDispatchData;
}

const EPOCH = 1_420_070_400_000n;

export function newWorld(): World {
  let offset = 0;
  let last = 0n;
  const now = () => Date.now() + offset;
  const newId = () => {
    const id = (BigInt(now()) - EPOCH) << 22n;
    last = id > last ? id : last + 1n;
    return String(last);
  };
  const application = newId();
  const bot = user(application, 'footnote', true);
  const guild = newId();
  const roles = ['700000000000000001', '700000000000000002'];

  const world: World = {
    application,
    bot,
    guild,
    people: new Map(),
    channels: new Map(),
    messages: new Map(),
    commands: [],
    nonces: new Map(),
    now,
    advance(ms) {
      offset += ms;
    },
    newId,
    person(name, facts = {}) {
      const person = { ...user(newId(), name, false), locale: 'en-US', roles: [], closed: false, ...facts };
      world.people.set(person.id, person);
      return person;
    },
    channel(facts = {}) {
      const channel: Channel = {
        id: newId(),
        type: ChannelType.GuildText,
        guild,
        inside: true,
        missing: new Set(),
        ...facts,
      };
      world.channels.set(channel.id, channel);
      return channel;
    },
    direct(person) {
      const known = [...world.channels.values()].find(({ recipient }) => recipient === person);
      if (known !== undefined) return known;
      const { guild: _, ...facts } = world.channel({ type: ChannelType.DM, recipient: person });
      world.channels.set(facts.id, facts);
      return facts;
    },
    post(channel, author, fields) {
      const message: StoredMessage = {
        id: newId(),
        channel_id: channel,
        author,
        content: '',
        timestamp: new Date(now()).toISOString(),
        edited_timestamp: null,
        tts: false,
        mention_everyone: false,
        mentions: [],
        mention_roles: [],
        attachments: [],
        embeds: [],
        components: [],
        pinned: false,
        type: 0,
        flags: 0 as MessageFlags,
        edits: 0,
        files: [],
        ...fields,
      };
      world.messages.set(message.id, message);
      return message;
    },
    guildCreate() {
      const channels = [...world.channels.values()].filter(
        (channel) => channel.guild === guild && channel.inside,
      );
      const thread = ({ type }: Channel) => type === ChannelType.PublicThread;
      return {
        id: guild,
        name: 'Test server',
        owner_id: bot.id,
        preferred_locale: 'en-US',
        features: [],
        emojis: [],
        stickers: [],
        members: [
          { user: bot, roles: [], joined_at: new Date(0).toISOString(), deaf: false, mute: false, flags: 0 },
        ],
        roles: [guild, ...roles].map((id, position) => ({
          id,
          name: `role ${position}`,
          color: 0,
          colors: { primary_color: 0, secondary_color: null, tertiary_color: null },
          hoist: false,
          position,
          permissions: '0',
          managed: false,
          mentionable: false,
          flags: 0,
        })),
        channels: channels.filter((channel) => !thread(channel)).map(wireChannel),
        threads: channels.filter(thread).map(wireChannel),
        presences: [],
        voice_states: [],
        stage_instances: [],
        guild_scheduled_events: [],
        soundboard_sounds: [],
        joined_at: new Date(0).toISOString(),
        large: false,
        unavailable: false,
        member_count: 2,
      } as unknown as GatewayGuildCreateDispatchData;
    },
  };
  return world;
}

/** A channel as the API and the gateway describe it. */
export function wireChannel({ id, type, guild, parent, recipient }: Channel): Record<string, unknown> {
  return {
    id,
    type,
    name: type === ChannelType.DM ? undefined : `channel-${id}`,
    ...(guild !== undefined && { guild_id: guild, permission_overwrites: [], position: 0 }),
    ...(parent !== undefined && { parent_id: parent, thread_metadata: { archived: false, locked: false } }),
    ...(recipient !== undefined && { recipients: [user(recipient, 'someone', false)] }),
  };
}

function user(id: string, username: string, bot: boolean): APIUser {
  return { id, username, discriminator: '0', global_name: username, avatar: null, bot } as APIUser;
}

export function isEphemeral({ flags }: Pick<APIMessage, 'flags'>): boolean {
  return ((flags ?? 0) & MessageFlags.Ephemeral) !== 0;
}
