/**
 * A Discord on the loopback: REST and gateway that enforce what the vendor documents, and a driver with which tests act as
 * people. Stands in for the vendor's servers only.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import {
  buttonOf,
  commandData,
  interactionPayload,
  KIND,
  memberOf,
  menuData,
  messageFields,
  modalData,
  type OptionValues,
  wireMessage,
} from './discord-events.ts';
import { type Gateway, openGateway } from './discord-gateway.ts';
import { type Interaction, type Interactions, openInteractions } from './discord-interactions.ts';
import { openRest, type Rest } from './discord-rest.ts';
import { type Channel, newWorld, type Person, type StoredMessage, type World } from './discord-world.ts';

export { buttonsOf } from './discord-events.ts';
export type { Interaction } from './discord-interactions.ts';
export type { Channel, Person, StoredMessage } from './discord-world.ts';

export interface DiscordOptions {
  token?: string;
  /** Whether the application may have the Message Content intent. */
  messageContent?: boolean;
  /** Shards that the gateway recommends. */
  shards?: number;
}

/** Where something is done; by default, in the default channel and by the default person. */
export interface Where {
  channel?: Channel;
  by?: Person;
  /** The app is installed for the person, not in the server. */
  guest?: boolean;
}

export interface Discord {
  /** For `DISCORD_API_URL`. */
  url: string;
  token: string;
  world: World;
  gateway: Gateway;
  interactions: Interactions;
  rest: Rest;
  channel: Channel;
  person: Person;
  /** A slash command, `/ask` and so on. */
  ask(command: string, options: OptionValues, where?: Where): Interaction;
  /** The choices offered for the text typed so far. */
  complete(
    command: string,
    option: string,
    typed: string,
    where?: Where,
  ): Promise<{ name: string; value: string }[]>;
  say(text: string, where?: Where): StoredMessage;
  mention(text: string, where?: Where): StoredMessage;
  reply(to: StoredMessage, text: string, where?: Where & { ping?: boolean }): StoredMessage;
  messageMenu(command: string, target: StoredMessage, where?: Where): Interaction;
  press(message: StoredMessage, button: string, where?: Where): Interaction;
  submitModal(opened: Interaction, text: string, where?: Where): Interaction;
  /** Sends the event of an interaction or message again. */
  redeliver(what: Interaction | StoredMessage): void;
  /** The bot's messages in a channel as a person sees them. */
  messages(channel?: Channel, person?: Person): StoredMessage[];
  waitFor<T>(find: () => T | undefined | false, what?: string, ms?: number): Promise<T>;
  close(): Promise<void>;
}

export async function startDiscordFake(options: DiscordOptions = {}): Promise<Discord> {
  const token = options.token ?? 'MTIzNDU2Nzg5MDEyMzQ1Njc4.fake.token';
  const world = newWorld();
  const channel = world.channel();
  const person = world.person('ann');
  const interactions = openInteractions(world);
  const sent = new Map<
    string,
    { event: 'INTERACTION_CREATE'; data: object } | { event: 'MESSAGE_CREATE'; data: StoredMessage }
  >();
  const failures: unknown[] = [];

  const server = createServer((request, response) => {
    rest.handle(request, response).catch((error) => {
      failures.push(error);
      response.writeHead(500).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const socketUrl = () => `ws://127.0.0.1:${port}`;
  const gateway = openGateway(
    server,
    world,
    { token, messageContent: options.messageContent ?? false },
    socketUrl,
  );
  const rest = openRest(world, interactions, { token, gatewayUrl: socketUrl, shards: options.shards ?? 1 });

  const announce = (message: StoredMessage, place: Channel, by?: Person) => {
    if (!place.inside) return;
    const member = by === undefined ? undefined : memberOf(by);
    gateway.message(message, { guild: place.guild, member, channelType: place.type });
  };
  rest.onMessage = (message, place) => announce(message, place);

  const resolve = ({ channel: place = channel, by = person, guest = false }: Where = {}) => ({
    place,
    by,
    guest: guest || !place.inside,
  });

  const interact = (
    kind: Interaction['kind'],
    data: object,
    where: Where | undefined,
    source?: StoredMessage,
  ): Interaction => {
    const { place, by, guest } = resolve(where);
    const facts = {
      kind,
      user: by.id,
      channel: place.id,
      guest,
      ...(source !== undefined && { source: source.id }),
    };
    const interaction = interactions.open(facts);
    const payload = {
      ...interactionPayload(world, interaction, by, place),
      type: KIND[kind],
      data,
      ...(source !== undefined && { message: wireMessage(source) }),
    };
    sent.set(interaction.id, { event: 'INTERACTION_CREATE', data: payload });
    gateway.dispatch('INTERACTION_CREATE', payload);
    return interaction;
  };

  const say = (text: string, where?: Where, to?: StoredMessage, ping = true): StoredMessage => {
    const { place, by } = resolve(where);
    const message = world.post(place.id, by, messageFields(world, text, to, ping));
    sent.set(message.id, { event: 'MESSAGE_CREATE', data: message });
    announce(message, place, by);
    return message;
  };

  const visibleTo = (message: StoredMessage, by: Person) => {
    if (message.onlyFor !== undefined && message.onlyFor !== by.id)
      throw new Error('That person does not see the message');
    if (!world.messages.has(message.id)) throw new Error('The message is deleted');
  };

  const discord: Discord = {
    url: `http://127.0.0.1:${port}/api`,
    token,
    world,
    gateway,
    interactions,
    rest,
    channel,
    person,
    ask: (command, values, where) =>
      interact('command', commandData(world, command.replace(/^\//, ''), values), where),
    async complete(command, option, typed, where) {
      const data = commandData(world, command.replace(/^\//, ''), { [option]: typed }, option);
      const interaction = interact('autocomplete', data, where);
      return discord.waitFor(() => interaction.choices, 'the choices');
    },
    say: (text, where) => say(text, where),
    mention: (text, where) => say(`<@${world.bot.id}> ${text}`, where),
    reply: (to, text, where) => say(text, where, to, where?.ping),
    messageMenu: (command, target, where) => interact('command', menuData(world, command, target), where),
    press(message, button, where) {
      visibleTo(message, resolve(where).by);
      const { custom_id } = buttonOf(message, button);
      return interact('component', { custom_id, component_type: 2 }, where, message);
    },
    submitModal: (opened, text, where) =>
      interact(
        'modal',
        modalData(opened, text),
        where,
        opened.source === undefined ? undefined : world.messages.get(opened.source),
      ),
    redeliver({ id }) {
      const event = sent.get(id);
      if (event === undefined) throw new Error(`No event ${id} was sent`);
      if (event.event === 'INTERACTION_CREATE') return gateway.dispatch(event.event, event.data);
      const place = world.channels.get(event.data.channel_id);
      const by = world.people.get(event.data.author.id);
      if (place !== undefined) announce(event.data, place, by);
    },
    messages: (place = channel, by = person) =>
      [...world.messages.values()].filter(
        ({ channel_id, author, onlyFor }) =>
          channel_id === place.id &&
          author.id === world.bot.id &&
          (onlyFor === undefined || onlyFor === by.id),
      ),
    async waitFor(find, what = 'what the test waits for', ms = 8_000) {
      const end = Date.now() + ms;
      for (;;) {
        const found = find();
        if (found !== undefined && found !== false) return found as never;
        if (Date.now() > end) {
          const shown = [...world.messages.values()].map(
            ({ content, flags }) => `${flags} ${content.slice(0, 160)}`,
          );
          throw new Error(
            `${what} did not come. Messages:\n${shown.join('\n')}\nRefused: ${JSON.stringify(rest.refused)}`,
          );
        }
        await delay(10);
      }
    },
    async close() {
      await gateway.close();
      server.closeAllConnections();
      await new Promise<void>((done) => server.close(() => done()));
      if (failures.length > 0) throw failures[0];
    },
  };
  return discord;
}
