/**
 * Handles each event from Discord: acknowledges it first, then hands it to the conversation with a surface to show on.
 * Knows interactions and messages; nothing about what is shown.
 */
import {
  type AutocompleteInteraction,
  type ButtonInteraction,
  type ChatInputCommandInteraction,
  type Client,
  Events,
  type Interaction,
  type Message,
  type MessageContextMenuCommandInteraction,
  type ModalSubmitInteraction,
} from 'discord.js';
import {
  type APIModalInteractionResponseCallbackData,
  ComponentType,
  MessageFlags,
  TextInputStyle,
} from 'discord-api-types/v10';
import { decodeAction } from '../action.ts';
import { intake } from '../event-loop.ts';
import { languageOf, say } from '../phrases/phrases.ts';
import { cut } from '../render/layout.ts';
import type { AdapterDeps, Ask, Form, PressSurfaces, Surface } from '../surface.ts';
import { NAMES } from './commands.ts';
import { refusalOf, tokenError } from './failure.ts';
import { askOf, conversationOf, isMember, type Locales, openLocales, requestOf } from './requests.ts';
import type { Start } from './surface.ts';

type Deps = Pick<AdapterDeps, 'conversation' | 'log' | 'fatal'>;
type Open = (start: Start) => Surface;
type Command = ChatInputCommandInteraction | MessageContextMenuCommandInteraction;

const CHOICES = 25;
const CHOICE_CHARACTERS = 100;
const FIELD = 'text';

/** Hands every event of the client to the conversation until the client is destroyed. No listener rejects. */
export function listen(client: Client<true>, deps: Deps, open: Open): void {
  const locales = openLocales();
  const guarded =
    <T>(name: string, handle: (event: T) => Promise<void>) =>
    (event: T) => {
      intake()
        .then(() => handle(event))
        .catch((error) => {
          if (refusalOf(error) === 'token') deps.fatal(tokenError(error));
          deps.log('event-failed', { platform: 'discord', event: name, reason: refusalOf(error) });
        });
    };
  client.on(
    Events.MessageCreate,
    guarded('message', (message) => onMessage(message, locales, deps, open)),
  );
  client.on(
    Events.InteractionCreate,
    guarded('interaction', (interaction) => {
      locales.note(interaction.user.id, interaction.locale);
      return onInteraction(interaction, deps, open);
    }),
  );
}

async function onMessage(
  message: Message,
  locales: Locales,
  { conversation }: Deps,
  open: Open,
): Promise<void> {
  const found = askOf(message, locales);
  if (found === undefined) return;
  const { ask, addressed } = found;
  if (
    !addressed &&
    !(ask.conversation !== undefined && (await conversation.knows('discord', ask.conversation)))
  )
    return;
  const { channelId: channel, id: replyTo } = message;
  await conversation.ask(ask, open({ way: 'channel', channel, replyTo, user: ask.user }));
}

async function onInteraction(interaction: Interaction, deps: Deps, open: Open): Promise<void> {
  if (interaction.isAutocomplete()) return complete(interaction, deps);
  if (interaction.isChatInputCommand() || interaction.isMessageContextMenuCommand())
    return onCommand(interaction, deps, open);
  if (interaction.isButton() || interaction.isModalSubmit()) return onPress(interaction, deps, open);
}

async function onCommand(interaction: Command, deps: Deps, open: Open): Promise<void> {
  const { conversation } = deps;
  const { commandName } = interaction;
  const information = commandName === NAMES.about || commandName === NAMES.privacy;
  const hidden =
    information ||
    (interaction.isChatInputCommand() && interaction.options.getBoolean(NAMES.private) === true);
  await acknowledged(interaction.deferReply(hidden ? { flags: MessageFlags.Ephemeral } : {}), deps);
  const surface = open({ ...startOf(interaction), original: true, private: hidden });
  const request = requestOf(interaction);
  if (information) {
    const name = commandName === NAMES.about ? 'about' : 'privacy';
    return conversation.command({ ...request, name }, surface);
  }
  const key = conversationOf(request.place);
  const ask: Ask = {
    ...request,
    text: '',
    ...(key !== undefined && { conversation: key }),
    ...askedIn(interaction),
  };
  return conversation.ask(hidden ? { ...ask, private: true } : ask, surface);
}

/** The question and how to answer it. */
function askedIn(interaction: Command): Partial<Ask> {
  if (interaction.isMessageContextMenuCommand()) return { about: textOf(interaction.targetMessage) };
  const { options, commandName } = interaction;
  const text = options.getString(NAMES.question, true);
  if (commandName === NAMES.compare)
    return { text, compare: [options.getString(NAMES.first, true), options.getString(NAMES.second, true)] };
  const method = options.getString(NAMES.method);
  const language = options.getString(NAMES.language);
  return { text, ...(method !== null && { method }), ...(language !== null && { language }) };
}

/** A message's text; that of its first embed if it has none of its own. */
function textOf({ content, embeds }: Message): string {
  return content === '' ? [embeds[0]?.title, embeds[0]?.description].filter(Boolean).join('\n') : content;
}

async function onPress(
  interaction: ButtonInteraction | ModalSubmitInteraction,
  deps: Deps,
  open: Open,
): Promise<void> {
  const { conversation } = deps;
  const { customId, locale } = interaction;
  const action = decodeAction(customId);
  const form = action !== undefined && interaction.isButton() ? conversation.form(action, locale) : undefined;
  if (form !== undefined && interaction.isButton())
    return interaction.showModal(modalOf(customId, form)).then(() => undefined);
  const update = interaction.isButton() || interaction.isFromMessage();
  await acknowledged(
    update ? interaction.deferUpdate() : interaction.deferReply({ flags: MessageFlags.Ephemeral }),
    deps,
  );

  const hidden = interaction.message?.flags.has(MessageFlags.Ephemeral) ?? true;
  const surfaces = surfacesOf(interaction, hidden, open);
  if (action === undefined) {
    const language = languageOf(locale);
    return surfaces.private.show({
      kind: 'notice',
      sentence: say(language, 'noticeGone'),
      language,
      buttons: [],
    });
  }
  const text = interaction.isModalSubmit() ? interaction.fields.getTextInputValue(FIELD) : undefined;
  return conversation.press(
    { ...requestOf(interaction), action, hidden, ...(text !== undefined && { text }) },
    surfaces,
  );
}

function surfacesOf(
  interaction: ButtonInteraction | ModalSubmitInteraction,
  hidden: boolean,
  open: Open,
): PressSurfaces {
  const start = startOf(interaction);
  return {
    here: open({ ...start, original: true, private: hidden, shown: interaction.message?.id ?? '' }),
    private: open({ ...start, private: true }),
    public: open(start),
  };
}

function startOf(interaction: Command | ButtonInteraction | ModalSubmitInteraction): Start {
  const { token, channelId, user } = interaction;
  return { way: 'token', token, channel: channelId ?? '', user: user.id, member: isMember(interaction) };
}

function modalOf(customId: string, form: Form): APIModalInteractionResponseCallbackData {
  return {
    custom_id: customId,
    title: form.title,
    components: [
      {
        type: ComponentType.Label,
        label: form.label,
        component: {
          type: ComponentType.TextInput,
          custom_id: FIELD,
          style: TextInputStyle.Paragraph,
          required: form.required,
          max_length: form.maxLength,
        },
      },
    ],
  };
}

async function complete(interaction: AutocompleteInteraction, { conversation }: Deps): Promise<void> {
  const language = languageOf(interaction.locale);
  const titles = await conversation.titles(interaction.options.getFocused(), CHOICES);
  const choices = titles.slice(0, CHOICES).map((title) => {
    const name = cut(title, CHOICE_CHARACTERS);
    const question = say(language, 'nearestQuestion', { title });
    return { name, value: question.length <= CHOICE_CHARACTERS ? question : name };
  });
  await interaction.respond(choices.filter(({ name }) => name.trim() !== ''));
}

/**
 * Waits for the acknowledgement. If it fails, the question is still answered: a redelivered interaction was
 * acknowledged already, and a late one is answered in a place that needs no token.
 */
async function acknowledged(answer: Promise<unknown>, { log, fatal }: Deps): Promise<void> {
  try {
    await answer;
  } catch (error) {
    const reason = refusalOf(error);
    if (reason === 'token') fatal(tokenError(error));
    log('acknowledge-failed', { platform: 'discord', reason });
  }
}
