/**
 * A loopback Slack that real clients talk to, and people in it: they mention, write, press, send forms. Knows the payloads
 * of events (https://docs.slack.dev/reference/events); the rules it enforces are in the files beside it.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { Delivery, HttpTarget } from './slack-delivery.ts';
import { type SlackServer, serveSlack } from './slack-server.ts';
import { BOT, bodyOf, buttonsOf, openWorld, type SlackMessage, TEAM, type World } from './slack-world.ts';

export interface Person {
  user?: string;
  channel?: string;
  thread?: string | undefined;
}

export interface Slack extends Omit<SlackServer, 'close'> {
  world: World;
  /** Each resolves with what was sent once it is acknowledged. */
  mention(text: string, person?: Person): Promise<SlackMessage>;
  dm(text: string, person?: Person): Promise<SlackMessage>;
  /** A message in a thread of a channel, without a mention. */
  threadReply(thread: string, text: string, person?: Person): Promise<SlackMessage>;
  slash(command: string, text?: string, person?: Person): Promise<Delivery>;
  shortcut(message: SlackMessage, person?: Person): Promise<Delivery>;
  /** Presses the button whose label or action contains `button`. */
  press(message: SlackMessage, button: string, person?: Person): Promise<Delivery>;
  /** Presses a button of the person's home tab. */
  pressHome(button: string, user?: string): Promise<Delivery>;
  /** Sends the form that was opened last. */
  submitView(text: string, user?: string): Promise<Delivery>;
  openHome(tab: 'home' | 'messages', user?: string): Promise<Delivery>;
  event(event: Record<string, unknown>): Promise<Delivery>;
  /** The bot's messages in a channel. */
  messages(channel?: string): SlackMessage[];
  /** Waits for a value that is not undefined or false. */
  waitFor<T>(what: () => T | undefined | false, ms?: number): Promise<T>;
  /** The newest message of the bot whose text contains `text`. */
  said(text: string, channel?: string): Promise<SlackMessage>;
  close(): Promise<void>;
}

const CHANNEL = 'C0GENERAL';
const USER = 'U0ANNA';
const URL_MS = 30 * 60_000;

export async function openSlack(http?: HttpTarget): Promise<Slack> {
  const world = openWorld();
  const server = await serveSlack(world, http);
  const { deliveries, origin } = server;

  const event = (content: Record<string, unknown>) =>
    deliveries.send('events_api', {
      type: 'event_callback',
      team_id: TEAM,
      api_app_id: 'A0APP',
      event_id: world.nextId('Ev'),
      event_time: Math.floor(world.now() / 1000),
      authorizations: [{ team_id: TEAM, user_id: BOT, is_bot: true, is_enterprise_install: false }],
      event: content,
    });
  const join = (channel: string, user: string) => world.channel(channel).members.add(user);
  const trigger = () => {
    const id = world.nextId('trigger.');
    world.triggers.set(id, world.now());
    return id;
  };
  const responseUrl = (channel: string | undefined, user: string, message?: SlackMessage) => {
    const id = world.nextId('R');
    const thread = message?.thread;
    world.urls.set(id, {
      channel,
      user,
      thread,
      until: world.now() + URL_MS,
      uses: 0,
      ...(message && { message }),
    });
    return `${origin}/response/${id}`;
  };
  const payloadOf = ({ ts, user, text, thread, channel }: SlackMessage) => ({
    type: 'message',
    ts,
    user,
    text,
    channel,
    team: TEAM,
    channel_type: world.channel(channel).kind,
    event_ts: ts,
    ...(thread !== undefined && { thread_ts: thread, parent_user_id: world.find(channel, thread)?.user }),
  });
  const actor = (user: string) => ({
    user: { id: user, username: user, team_id: TEAM },
    team: { id: TEAM, domain: 'test' },
  });
  const interactive = (payload: Record<string, unknown>) =>
    deliveries.send('interactive', { api_app_id: 'A0APP', token: 'old', ...payload });
  const pressed = (buttons: { action_id: string; label: string }[], wanted: string) => {
    const found = buttons.find(
      ({ action_id, label }) => label.includes(wanted) || action_id.includes(wanted),
    );
    if (found === undefined)
      throw new Error(`No button ${wanted} among ${buttons.map(({ label }) => label).join(', ')}`);
    const text = { type: 'plain_text', text: found.label };
    return [{ type: 'button', block_id: 'b', action_id: found.action_id, text, action_ts: '1' }];
  };

  const slack: Slack = {
    ...server,
    world,
    event,
    async mention(text, { user = USER, channel = CHANNEL, thread } = {}) {
      join(channel, user);
      const message = world.add({ channel, user, thread, text: `<@${BOT}> ${text}` });
      const { channel_type: _, ...mention } = payloadOf(message);
      await Promise.all([event(payloadOf(message)), event({ ...mention, type: 'app_mention' })]);
      return message;
    },
    async dm(text, { user = USER, thread } = {}) {
      const channel = `D${user}`;
      join(channel, user);
      const message = world.add({ channel, user, thread, text });
      await event(payloadOf(message));
      return message;
    },
    async threadReply(thread, text, { user = USER, channel = CHANNEL } = {}) {
      join(channel, user);
      const message = world.add({ channel, user, thread, text });
      await event(payloadOf(message));
      return message;
    },
    async slash(command, text = '', { user = USER, channel = CHANNEL } = {}) {
      join(channel, user);
      const delivery = await deliveries.send('slash_commands', {
        command,
        text,
        user_id: user,
        user_name: user,
        channel_id: channel,
        channel_name: 'general',
        team_id: TEAM,
        team_domain: 'test',
        api_app_id: 'A0APP',
        trigger_id: trigger(),
        response_url: responseUrl(channel, user),
      });
      if (delivery.answer?.response_type === 'in_channel')
        world.add({ channel, user, text: `${command} ${text}` });
      return delivery;
    },
    shortcut(message, { user = USER } = {}) {
      const { channel } = message;
      join(channel, user);
      return interactive({
        type: 'message_action',
        callback_id: 'ask_about',
        trigger_id: trigger(),
        response_url: responseUrl(channel, user),
        message_ts: message.ts,
        message: payloadOf(message),
        channel: { id: channel, name: 'general' },
        ...actor(user),
      });
    },
    press(message, button, { user = USER } = {}) {
      const { channel, ts, thread, ephemeralFor } = message;
      const ephemeral = ephemeralFor !== undefined;
      if (ephemeral && ephemeralFor !== user) throw new Error('Only one person sees that message.');
      return interactive({
        type: 'block_actions',
        trigger_id: trigger(),
        response_url: responseUrl(channel, user, message),
        container: {
          type: 'message',
          message_ts: ts,
          channel_id: channel,
          is_ephemeral: ephemeral,
          ...(thread && { thread_ts: thread }),
        },
        channel: { id: channel, name: 'general' },
        actions: pressed(buttonsOf(message), button),
        // Slack leaves an ephemeral message out.
        ...(!ephemeral && { message: { ...payloadOf(message), bot_id: 'B0BOT' } }),
        ...actor(user),
      });
    },
    pressHome(button, user = USER) {
      const home = world.homes.get(user);
      const actions = pressed(buttonsOf({ blocks: (home?.blocks ?? []) as SlackMessage['blocks'] }), button);
      return interactive({
        type: 'block_actions',
        trigger_id: trigger(),
        container: { type: 'view' },
        actions,
        ...actor(user),
      });
    },
    submitView(text, user = USER) {
      const view = [...world.views.values()].at(-1);
      if (view === undefined) throw new Error('No form is open.');
      const input = view.blocks.find((block) => block.type === 'input') as {
        block_id: string;
        element: { action_id: string };
      };
      const values = {
        [input.block_id]: {
          [input.element.action_id]: { type: 'plain_text_input', value: text === '' ? null : text },
        },
      };
      return interactive({
        type: 'view_submission',
        trigger_id: trigger(),
        view: { ...view, state: { values } },
        ...actor(user),
      });
    },
    openHome(tab, user = USER) {
      const channel = `D${user}`;
      join(channel, user);
      return event({ type: 'app_home_opened', user, channel, tab, event_ts: world.nextTs() });
    },
    messages: (channel = CHANNEL) => world.shown(channel).filter(({ user }) => user === BOT),
    async waitFor(what, ms = 8_000) {
      const end = Date.now() + ms;
      for (;;) {
        const value = what();
        if (value !== undefined && value !== false) return value;
        if (Date.now() > end) {
          const shown = world.messages
            .filter(({ user }) => user === BOT)
            .map((message) => bodyOf(message).slice(0, 200));
          const failed = world.calls
            .filter(({ error }) => error !== undefined)
            .map(({ method, error, why }) => ({ method, error, why }));
          throw new Error(
            `Did not come: ${what}\nshown: ${JSON.stringify(shown.slice(-6))}\nrefused: ${JSON.stringify(failed.slice(-6))}`,
          );
        }
        await delay(10);
      }
    },
    said: (text, channel = CHANNEL) =>
      slack.waitFor(() => slack.messages(channel).findLast((message) => bodyOf(message).includes(text))),
    close: server.close,
  };
  return slack;
}
