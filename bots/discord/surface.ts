/**
 * One thing that Discord shows, wherever it can still be shown: with the interaction's token, as a channel message,
 * or as a direct message, in this order. Knows routes and refusals; nothing about when something is shown.
 */
import { randomBytes } from 'node:crypto';
import { type REST, Routes } from 'discord.js';
import { type APIMessage, MessageFlags } from 'discord-api-types/v10';
import type { CoreError } from '../../core/index.ts';
import type { Surface, View } from '../surface.ts';
import { refusalOf, showError } from './failure.ts';
import { type Message, messagesOf } from './payload.ts';

/** Where a surface is: plain JSON, kept over a restart. */
export type Where = {
  way: 'token' | 'channel' | 'direct';
  /** The interaction's token, valid for 15 minutes; empty if there is none. */
  token: string;
  /** The first message is the interaction's own response (or the message with the pressed button). */
  original: boolean;
  channel: string;
  /** Message to reply to; empty for none. */
  replyTo: string;
  user: string;
  /** Nobody else may see it. */
  private: boolean;
  /** The bot can write in the channel without a token. */
  member: boolean;
  /** Ids of the messages it shows, separated by commas; an empty one does not exist yet. */
  shown: string;
  /** With `made`, tells Discord which message a repeated request means. */
  nonce: string;
  made: number;
};

export type Start = Pick<Where, 'way' | 'channel' | 'user'> & Partial<Where>;

export interface Wire {
  rest: REST;
  application: string;
  /** Called when the bot's token is refused. */
  lost(error: CoreError): void;
}

/** A surface that begins at `start`, or continues from a stored target. */
export function openSurface(wire: Wire, start: Start): Surface {
  const { rest, application } = wire;
  const where: Where = {
    token: '',
    original: false,
    replyTo: '',
    private: false,
    member: true,
    shown: '',
    made: 0,
    nonce: randomBytes(9).toString('base64url'),
    ...start,
  };
  /** A message with this nonce may exist already, from a request whose response was lost or from an earlier process. */
  let sentBefore = start.nonce !== undefined;
  const ids = () => (where.shown === '' ? [] : where.shown.split(','));
  const setId = (n: number, id: string) => {
    const all = ids();
    all[n] = id;
    where.shown = all.join(',');
  };
  const isThere = (n: number) => (n === 0 && where.original) || (ids()[n] ?? '') !== '';

  /** Moves on to the next place; false if there is none. */
  const moveOn = async (): Promise<boolean> => {
    if (where.way === 'direct') return false;
    const left = { ...where };
    where.way = where.way === 'token' && where.member && !where.private ? 'channel' : 'direct';
    Object.assign(where, { original: false, shown: '' });
    // What the old place still shows would never be finished.
    if (left.way === 'token' && where.way === 'channel')
      for (const id of left.shown.split(',').filter((id) => id !== ''))
        await rest.delete(Routes.channelMessage(left.channel, id)).catch(() => undefined);
    return true;
  };

  const create = async (n: number, message: Message): Promise<void> => {
    if (where.way === 'token') {
      const flags = where.private ? MessageFlags.Ephemeral : undefined;
      const route = Routes.webhook(application, where.token);
      const query = new URLSearchParams({ wait: 'true' });
      const made = (await rest.post(route, {
        ...bodyOf(message, { flags }),
        auth: false,
        query,
      })) as APIMessage;
      return setId(n, made.id);
    }
    if (where.way === 'direct' && n === 0) await openDirect();
    const again = sentBefore;
    sentBefore = true;
    const reference = n === 0 && where.replyTo !== '' && where.way === 'channel';
    const made = (await rest.post(
      Routes.channelMessages(where.channel),
      bodyOf(message, {
        nonce: `${where.nonce}-${where.made}`,
        enforce_nonce: true,
        allowed_mentions: { parse: [], ...(where.token !== '' && { users: [where.user] }) },
        message_reference: reference ? { message_id: where.replyTo, fail_if_not_exists: false } : undefined,
      }),
    )) as APIMessage;
    sentBefore = false;
    where.made += 1;
    setId(n, made.id);
    // Discord returns the message that was first created with the nonce, with its first content.
    if (again) await edit(n, message);
  };

  const openDirect = async (): Promise<void> => {
    const opened = await rest.post(Routes.userChannels(), { body: { recipient_id: where.user } });
    where.channel = (opened as { id: string }).id;
  };

  const edit = async (n: number, message: Message): Promise<void> => {
    const id = ids()[n] ?? '';
    if (where.way !== 'token') {
      await rest.patch(Routes.channelMessage(where.channel, id), bodyOf(message));
      return;
    }
    const route = Routes.webhookMessage(
      application,
      where.token,
      n === 0 && where.original ? '@original' : id,
    );
    const edited = (await rest.patch(route, { ...bodyOf(message), auth: false })) as APIMessage;
    setId(n, edited.id);
  };

  const put = async (n: number, message: Message): Promise<void> => {
    try {
      await (isThere(n) ? edit(n, message) : create(n, message));
    } catch (error) {
      const refusal = refusalOf(error);
      if (refusal === 'missing' && isThere(n)) {
        if (n === 0) where.original = false;
        setId(n, '');
      } else if (refusal === 'unquotable' && where.replyTo !== '') where.replyTo = '';
      else throw error;
      await create(n, message);
    }
  };

  const putAll = async (messages: Message[]): Promise<void> => {
    for (const [n, message] of messages.entries()) await put(n, message);
    const surplus = ids().slice(messages.length);
    where.shown = ids().slice(0, messages.length).join(',');
    for (const id of surplus) {
      const route =
        where.way === 'token'
          ? Routes.webhookMessage(application, where.token, id)
          : Routes.channelMessage(where.channel, id);
      await rest.delete(route, { auth: where.way !== 'token' }).catch(() => undefined);
    }
  };

  const showHere = async (view: View): Promise<void> => {
    const look = {
      question: where.way !== 'channel' || where.replyTo === '',
      guest: !where.member,
      // Only a new message in the channel can tell the asker that the answer came after all.
      ...(where.way === 'channel' && where.token !== '' && { call: where.user }),
    };
    try {
      await putAll(messagesOf(view, look));
    } catch (error) {
      // Without the permission to embed, the plain form still gets through.
      if (!['form', 'permission'].includes(refusalOf(error))) throw error;
      await putAll(messagesOf(view, { ...look, plain: true }));
    }
  };

  return {
    target: () => ({ ...where }),
    messages: () =>
      ids()
        .filter((id) => id !== '')
        .map((id) => `${where.channel}/${id}`),
    async show(view) {
      for (;;) {
        try {
          return await showHere(view);
        } catch (error) {
          const refusal = refusalOf(error);
          const failure = showError(error);
          if (refusal === 'token') wire.lost(failure);
          const elsewhere = ['place', 'permission', 'missing'].includes(refusal);
          if (!elsewhere || !(await moveOn())) throw failure;
        }
      }
    },
  };
}

function bodyOf({ file, ...message }: Message, more: Record<string, unknown> = {}) {
  const body = { allowed_mentions: { parse: [] }, ...message, ...more };
  if (file === undefined) return { body };
  return { body, files: [{ name: file.name, data: file.content, contentType: 'application/json' }] };
}
