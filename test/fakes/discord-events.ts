/**
 * What people do in Discord, as the payloads that a bot gets: commands, buttons, forms, menu commands.
 * Checks against the registered commands that a person could do so. Knows payloads; sends nothing.
 */
import {
  type APIApplicationCommand,
  type APIApplicationCommandBasicOption,
  type APIButtonComponentWithCustomId,
  ApplicationCommandOptionType,
  ApplicationCommandType,
  ApplicationIntegrationType,
  ComponentType,
  InteractionContextType,
  InteractionType,
} from 'discord-api-types/v10';
import type { Interaction } from './discord-interactions.ts';
import { type Channel, type Person, type StoredMessage, type World, wireChannel } from './discord-world.ts';

export type OptionValues = Record<string, string | boolean>;

/** The payload's fields that every interaction has. */
export function interactionPayload(
  world: World,
  { id, token, guest }: Interaction,
  person: Person,
  channel: Channel,
) {
  const guild = channel.guild;
  const context =
    guild !== undefined
      ? InteractionContextType.Guild
      : channel.recipient !== undefined
        ? InteractionContextType.BotDM
        : InteractionContextType.PrivateChannel;
  const owners = guest
    ? { [ApplicationIntegrationType.UserInstall]: person.id }
    : { [ApplicationIntegrationType.GuildInstall]: guild ?? '0' };
  return {
    id,
    token,
    application_id: world.application,
    version: 1,
    channel_id: channel.id,
    channel: { ...wireChannel(channel), permissions: '0' },
    locale: person.locale,
    app_permissions: '0',
    entitlements: [],
    attachment_size_limit: 10_485_760,
    authorizing_integration_owners: owners,
    context,
    ...(guild === undefined
      ? { user: person }
      : {
          guild_id: guild,
          guild_locale: 'en-US',
          guild: { id: guild, locale: 'en-US', features: [] },
          member: memberOf(person, true),
        }),
  };
}

/** A member as messages contain it; with `whole`, as interactions do, with its user. */
export function memberOf(person: Person, whole = false): object {
  return {
    roles: person.roles,
    joined_at: new Date(0).toISOString(),
    deaf: false,
    mute: false,
    flags: 0,
    permissions: '0',
    ...(whole && { user: person }),
  };
}

/** The data of a slash command as typed, or of its autocompletion if `focused` names the option. */
export function commandData(world: World, name: string, values: OptionValues, focused?: string) {
  const command = registered(world, name, ApplicationCommandType.ChatInput);
  const known = (command.options ?? []) as APIApplicationCommandBasicOption[];
  for (const option of known)
    if (option.required && values[option.name] === undefined && focused === undefined)
      throw new Error(`/${name} needs the option ${option.name}`);
  const options = Object.entries(values).map(([key, value]) => {
    const option = known.find((one) => one.name === key);
    if (option === undefined) throw new Error(`/${name} has no option ${key}`);
    if (option.type === ApplicationCommandOptionType.String) checkText(option, String(value));
    return { name: key, type: option.type, value, ...(focused === key && { focused: true }) };
  });
  return { id: command.id, name, type: ApplicationCommandType.ChatInput, options };
}

function checkText(option: APIApplicationCommandBasicOption, value: string): void {
  if (option.type !== ApplicationCommandOptionType.String) return;
  if (value.length > (option.max_length ?? 6000)) throw new Error(`${option.name} is too long to be typed`);
  const choices = 'choices' in option ? option.choices : undefined;
  if (choices !== undefined && choices.length > 0 && !choices.some((choice) => choice.value === value))
    throw new Error(`${option.name} does not offer ${value}`);
}

export function menuData(world: World, name: string, target: StoredMessage) {
  const command = registered(world, name, ApplicationCommandType.Message);
  return {
    id: command.id,
    name,
    type: ApplicationCommandType.Message,
    target_id: target.id,
    resolved: { messages: { [target.id]: wireMessage(target) } },
  };
}

function registered(world: World, name: string, type: ApplicationCommandType): APIApplicationCommand {
  const command = world.commands.find((one) => one.name === name && one.type === type);
  if (command === undefined) throw new Error(`The command ${name} is not registered`);
  return command;
}

export function modalData(interaction: Interaction, text: string) {
  const modal = interaction.modal as
    | {
        custom_id: string;
        components: { component: { custom_id: string; required?: boolean; max_length?: number } }[];
      }
    | undefined;
  const input = modal?.components[0]?.component;
  if (modal === undefined || input === undefined) throw new Error('No form is open');
  if (text === '' && input.required) throw new Error('The form needs a text');
  if (text.length > (input.max_length ?? 4000)) throw new Error('The form takes no text of that length');
  return {
    custom_id: modal.custom_id,
    components: [
      {
        type: ComponentType.Label,
        id: 1,
        component: { type: ComponentType.TextInput, id: 2, custom_id: input.custom_id, value: text },
      },
    ],
  };
}

/** The button of a message by its label or a part of its custom_id. */
export function buttonOf(message: StoredMessage, which: string): APIButtonComponentWithCustomId {
  const buttons = buttonsOf(message);
  const found = buttons.find(({ label, custom_id: id }) => label === which || id.includes(which));
  if (found === undefined)
    throw new Error(`There is no button ${which} among ${buttons.map(({ label }) => label).join(', ')}`);
  return found;
}

export function buttonsOf(message: StoredMessage): APIButtonComponentWithCustomId[] {
  return (message.components ?? []).flatMap((row) =>
    row.type === ComponentType.ActionRow
      ? row.components.filter((part) => part.type === ComponentType.Button && 'custom_id' in part)
      : [],
  ) as APIButtonComponentWithCustomId[];
}

/** A message without what only the fake knows. */
export function wireMessage({ onlyFor: _, token: __, edits: ___, files: ____, ...message }: StoredMessage) {
  return message;
}

/** A message that a person sends, with the mentions that it contains. */
export function messageFields(
  world: World,
  text: string,
  to: StoredMessage | undefined,
  ping: boolean,
): Partial<StoredMessage> {
  const named = [...world.people.values(), world.bot].filter(({ id }) => text.includes(`<@${id}>`));
  const replied = to !== undefined && ping && !named.some(({ id }) => id === to.author.id) ? [to.author] : [];
  return {
    content: text,
    mentions: [...named, ...replied],
    ...(to !== undefined && {
      type: 19,
      message_reference: { type: 0, message_id: to.id, channel_id: to.channel_id },
      referenced_message: wireMessage(to),
    }),
  } as Partial<StoredMessage>;
}

export const KIND = {
  command: InteractionType.ApplicationCommand,
  autocomplete: InteractionType.ApplicationCommandAutocomplete,
  component: InteractionType.MessageComponent,
  modal: InteractionType.ModalSubmit,
} as const satisfies Record<Interaction['kind'], InteractionType>;
