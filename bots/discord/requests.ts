/**
 * Discord's events -> what the conversation takes. Knows discord.js objects; asks and shows nothing.
 */
import { cleanContent, type Interaction, type Message, MessageType } from 'discord.js';
import { ApplicationIntegrationType, InteractionContextType } from 'discord-api-types/v10';
import type { Ask, Place, Request } from '../surface.ts';

/** Who, where and in which language, for an interaction. */
export function requestOf(interaction: Interaction): Request {
  const { id, user, member, locale } = interaction;
  const roles =
    member === null ? [] : Array.isArray(member.roles) ? member.roles : [...member.roles.cache.keys()];
  return { platform: 'discord', event: id, user: user.id, roles, place: placeOf(interaction), locale };
}

function placeOf({ guildId, channelId, channel, context }: Interaction): Place {
  const guild = guildId === null ? {} : { guild: guildId };
  const direct = guildId === null && context === InteractionContextType.BotDM;
  if (channel?.isThread())
    return { ...guild, channel: channel.parentId ?? channel.id, thread: channel.id, direct };
  return { ...guild, channel: channelId ?? '', direct };
}

/** Whether the bot itself is in the place, not only a user's installation of the app. */
export function isMember({ authorizingIntegrationOwners: owners, context }: Interaction): boolean {
  const inGuild = owners[ApplicationIntegrationType.GuildInstall] !== undefined;
  return inGuild || context === InteractionContextType.BotDM;
}

/** People's locales as their interactions reported them: a message carries none. */
export interface Locales {
  note(user: string, locale: string): void;
  of(user: string): string | undefined;
}

/** Locales remembered; the oldest are dropped. */
const REMEMBERED = 10_000;

export function openLocales(): Locales {
  const known = new Map<string, string>();
  return {
    note(user, locale) {
      known.delete(user);
      known.set(user, locale);
      const [oldest] = known.keys();
      if (known.size > REMEMBERED && oldest !== undefined) known.delete(oldest);
    },
    of: (user) => known.get(user),
  };
}

/** Key of the thread or DM whose earlier answers are the history. */
export function conversationOf({ thread, direct, channel }: Place): string | undefined {
  return thread ?? (direct ? channel : undefined);
}

/**
 * The question in a message, or undefined if it is not for the bot. `addressed` says whether it mentions the bot (as a
 * reply that pings it does) or comes in a DM; otherwise it may still continue a thread that the bot answers in.
 */
export function askOf(message: Message, locales: Locales): { ask: Ask; addressed: boolean } | undefined {
  const { author, client, channel, reference, mentions } = message;
  const me = client.user.id;
  const asked = message.type === MessageType.Default || message.type === MessageType.Reply;
  if (author.bot || !asked || message.webhookId !== null) return undefined;
  const direct = !message.inGuild();
  const addressed = direct || mentions.users.has(me);
  const toOthers =
    mentions.users.size > 0 || (mentions.repliedUser !== null && mentions.repliedUser.id !== me);
  if (!addressed && (toOthers || message.content === '')) return undefined;

  const thread = channel.isThread();
  const place: Place = {
    ...(message.guildId !== null && { guild: message.guildId }),
    channel: thread ? (channel.parentId ?? channel.id) : channel.id,
    ...(thread && { thread: channel.id }),
    direct,
  };
  const conversation = conversationOf(place);
  const quoted =
    reference?.messageId === undefined ? undefined : channel.messages.cache.get(reference.messageId);
  const about = quoted !== undefined && quoted.author.id !== me ? quoted.content : '';
  const ask: Ask = {
    platform: 'discord',
    event: message.id,
    user: author.id,
    roles: [...(message.member?.roles.cache.keys() ?? [])],
    place,
    locale: locales.of(author.id) ?? message.guild?.preferredLocale ?? 'en-US',
    text: cleanContent(message.content.replaceAll(new RegExp(`<@!?${me}>`, 'g'), ' '), channel).trim(),
    ...(about !== '' && { about }),
    ...(conversation !== undefined && { conversation }),
    ...(reference?.messageId !== undefined && { repliesTo: `${reference.channelId}/${reference.messageId}` }),
  };
  return { ask, addressed };
}
