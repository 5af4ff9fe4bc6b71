/**
 * Slack's events -> questions, presses and commands. Every listener acknowledges before any other work (Bolt does so itself
 * for events). Knows the shapes of events; nothing about answers.
 */
import type { App, MessageShortcut } from '@slack/bolt';
import { CoreError } from '../../core/index.ts';
import { languageOf } from '../phrases/phrases.ts';
import type { Ask, Conversation, Request } from '../surface.ts';
import { attempt, type Calls } from './calls.ts';
import type { Groups } from './groups.ts';
import { homeView, suggestedPrompts } from './home.ts';
import { addressed, askOptions, compareOptions, mentions, plainText, typedCommand } from './incoming.ts';
import type { Locales } from './locale.ts';
import { isDirect, privateSurface, publicSurface, type Spot } from './surface.ts';

export interface EventParts {
  calls: Calls;
  conversation: Conversation;
  locales: Locales;
  groups: Groups;
  /** User id of the bot. */
  bot: string;
  keepDays: number;
}

export const SHORTCUT = 'ask_about';

/** What a message and a mention have in common. */
interface Said {
  channel: string;
  ts: string;
  user: string;
  text: string;
  thread_ts?: string | undefined;
}

export function listenToEvents(app: App, parts: EventParts): void {
  listenToMessages(app, parts);
  listenToCommands(app, parts);
  listenToShortcut(app, parts);
  listenToHome(app, parts);
  for (const event of ['app_uninstalled', 'tokens_revoked'])
    app.event(event, async () => {
      const hint = 'Install the app to the workspace again, set the new tokens, and start again.';
      parts.calls.fatal(new CoreError('usage', 'The Slack app was removed from its workspace.', { hint }));
    });
}

function listenToMessages(app: App, parts: EventParts): void {
  const { calls, conversation, bot } = parts;

  const answer = async (said: Said, team: string | undefined): Promise<void> => {
    const { channel, ts, user, thread_ts } = said;
    const direct = isDirect(channel);
    const thread = thread_ts ?? ts;
    // The top level of direct messages is one conversation; every thread is one of its own.
    const key = direct && thread_ts === undefined ? channel : `${channel}/${thread}`;
    const spot = { channel, thread, user, team, url: undefined };
    // A mention arrives as two events with different ids, but it is one message.
    const about = await request(parts, `${channel}:${ts}`, { ...spot, thread: thread_ts });
    const text = plainText(said.text, bot);
    const typed = typedCommand(text);
    if (typed?.name === 'about' || typed?.name === 'privacy')
      return conversation.command({ ...about, name: typed.name }, privateSurface(calls, spot));
    const begun = thread_ts !== undefined && !(await conversation.knows('slack', key));
    const ask: Ask = {
      ...about,
      ...(typed === undefined ? { text } : optionsOf(typed.name, typed.text)),
      conversation: key,
      ...(begun && { repliesTo: `${channel}/${thread_ts}` }),
    };
    await conversation.ask(
      ask,
      ask.private === true ? privateSurface(calls, spot) : publicSurface(calls, spot),
    );
  };

  app.event('app_mention', async ({ event, body }) => {
    const { channel, ts, user, thread_ts } = event;
    if (user === undefined || event.bot_id !== undefined || isDirect(channel)) return;
    await answer({ channel, ts, user, text: event.text, thread_ts }, body.team_id);
  });

  app.message(async ({ message, body }) => {
    const { subtype, channel, ts } = message;
    if (subtype !== undefined && subtype !== 'file_share' && subtype !== 'thread_broadcast') return;
    const { user, text, thread_ts, bot_id, parent_user_id } = message as Partial<Said> & {
      bot_id?: string;
      parent_user_id?: string;
    };
    if (user === undefined || bot_id !== undefined || user === bot) return;
    const said = { channel, ts, user, text: text ?? '', thread_ts };
    if (!isDirect(channel)) {
      // A mention is handled as `app_mention`; a message that begins with another mention is for someone else.
      if (thread_ts === undefined || mentions(said.text, bot) || addressed(said.text)) return;
      const ours =
        typedCommand(plainText(said.text, bot)) !== undefined ||
        parent_user_id === bot ||
        (await conversation.knows('slack', `${channel}/${thread_ts}`));
      if (!ours) return;
    }
    await answer(said, body.team_id);
  });
}

function listenToCommands(app: App, parts: EventParts): void {
  const { calls, conversation } = parts;
  const spotOf = (command: Record<'channel_id' | 'user_id' | 'team_id' | 'response_url', string>) => ({
    channel: command.channel_id,
    thread: undefined,
    user: command.user_id,
    team: command.team_id,
    url: command.response_url,
  });

  for (const name of ['/ask', '/compare'] as const)
    app.command(name, async ({ command, ack }) => {
      const options = optionsOf(name === '/ask' ? 'ask' : 'compare', command.text ?? '');
      const hidden = options.private === true || options.text === '';
      // A public answer goes below the command, which Slack shows to everyone if it is acknowledged like this.
      await ack(hidden ? undefined : { response_type: 'in_channel' });
      const spot = spotOf(command);
      const ask = {
        ...(await request(parts, command.trigger_id, spot)),
        ...options,
        text: plainText(options.text, parts.bot),
      };
      await conversation.ask(ask, hidden ? privateSurface(calls, spot) : publicSurface(calls, spot));
    });

  for (const name of ['about', 'privacy'] as const)
    app.command(`/${name}`, async ({ command, ack }) => {
      await ack();
      const spot = spotOf(command);
      await conversation.command(
        { ...(await request(parts, command.trigger_id, spot)), name },
        privateSurface(calls, spot),
      );
    });
}

function optionsOf(
  name: 'ask' | 'compare',
  typed: string,
): Pick<Ask, 'text' | 'private' | 'method' | 'language' | 'compare'> {
  return name === 'ask' ? askOptions(typed) : compareOptions(typed);
}

function listenToShortcut(app: App, parts: EventParts): void {
  const { calls, conversation, bot } = parts;
  app.shortcut<MessageShortcut>(
    { callback_id: SHORTCUT, type: 'message_action' },
    async ({ shortcut, ack }) => {
      await ack();
      const { message, response_url: url } = shortcut;
      const channel = shortcut.channel.id;
      const thread = typeof message.thread_ts === 'string' ? message.thread_ts : message.ts;
      const team = shortcut.team?.id;
      const spot = { channel, thread, user: shortcut.user.id, team, url };
      const about = plainText(message.text ?? '', bot);
      const ask = {
        ...(await request(parts, shortcut.trigger_id, spot)),
        text: '',
        about,
        conversation: `${channel}/${thread}`,
      };
      await conversation.ask(ask, publicSurface(calls, spot));
    },
  );
}

function listenToHome(app: App, { calls, locales, keepDays }: EventParts): void {
  const { client } = calls;
  app.event('app_home_opened', async ({ event }) => {
    const { user, channel, tab } = event;
    const language = languageOf(await locales(user));
    if (tab === 'home')
      await attempt(calls, 'views.publish', () =>
        client.views.publish({ user_id: user, view: homeView(language, keepDays) }),
      );
    else
      await attempt(calls, 'assistant.threads.setSuggestedPrompts', () =>
        client.assistant.threads.setSuggestedPrompts({
          channel_id: channel,
          prompts: suggestedPrompts(language),
        }),
      );
  });
}

/** What every request carries. `event` is the same for each redelivery. */
export async function request(
  { locales, groups }: Pick<EventParts, 'locales' | 'groups'>,
  event: string,
  spot: Spot,
): Promise<Request> {
  const { channel, thread, user, team } = spot;
  const [locale, roles] = await Promise.all([locales(user), groups(user)]);
  return {
    platform: 'slack',
    event,
    user,
    roles,
    place: {
      channel: channel ?? '',
      direct: channel === undefined || isDirect(channel),
      ...(team !== undefined && { guild: team }),
      ...(thread !== undefined && { thread }),
    },
    locale,
  };
}
