/**
 * Interactions as Discord keeps them: three seconds to answer, one answer each, a token for fifteen minutes, five follow-ups
 * where the app is installed for the user only. Knows the world and the limits; nothing about HTTP.
 */
import {
  InteractionResponseType as Answer,
  type APIInteractionResponse,
  MessageFlags,
} from 'discord-api-types/v10';
import { choiceProblems, EMPTY, type MessageBody, messageProblems, modalProblems } from './discord-limits.ts';
import type { StoredMessage, World } from './discord-world.ts';

const ANSWER_MS = 3_000;
const TOKEN_MS = 900_000;
const GUEST_FOLLOW_UPS = 5;

/** The error that a request is refused with. */
export class ApiError extends Error {
  readonly status: number;
  readonly code: number;
  readonly problems: string[];
  constructor(status: number, code: number, message: string, problems: string[] = []) {
    super(message);
    this.status = status;
    this.code = code;
    this.problems = problems;
  }
}

export interface Interaction {
  id: string;
  token: string;
  at: number;
  user: string;
  channel: string;
  kind: 'command' | 'autocomplete' | 'component' | 'modal';
  /** The app is not in the channel's server. */
  guest: boolean;
  /** The message with the component. */
  source?: string;
  /** How it was answered, and after how long. */
  answer?: Answer;
  answeredMs?: number;
  /** The message that `@original` means. */
  original?: string;
  modal?: { custom_id: string; title: string };
  choices?: { name: string; value: string }[];
  followUps: number;
}

export interface Interactions {
  all: Map<string, Interaction>;
  open(facts: Omit<Interaction, 'id' | 'token' | 'at' | 'followUps'>): Interaction;
  /** The first answer. */
  respond(id: string, token: string, body: APIInteractionResponse): void;
  followUp(token: string, body: MessageBody, files: StoredMessage['files']): StoredMessage;
  edit(token: string, message: string, body: MessageBody, files: StoredMessage['files']): StoredMessage;
  remove(token: string, message: string): void;
}

export function openInteractions(world: World): Interactions {
  const all = new Map<string, Interaction>();

  const alive = (token: string): Interaction => {
    const found = [...all.values()].find((interaction) => interaction.token === token);
    if (found === undefined) throw new ApiError(404, 10015, 'Unknown Webhook');
    if (world.now() - found.at > TOKEN_MS) throw new ApiError(401, 50027, 'Invalid Webhook Token');
    return found;
  };

  const own = (token: string, message: string): StoredMessage => {
    const interaction = alive(token);
    const id = message === '@original' ? interaction.original : message;
    const found = id === undefined ? undefined : world.messages.get(id);
    if (found === undefined || (found.token !== token && found.id !== interaction.original))
      throw new ApiError(404, 10008, 'Unknown Message');
    return found;
  };

  const postAs = (interaction: Interaction, fields: Partial<StoredMessage>): StoredMessage => {
    const ephemeral = ((fields.flags ?? 0) & MessageFlags.Ephemeral) !== 0;
    return world.post(interaction.channel, world.bot, {
      ...fields,
      token: interaction.token,
      ...(ephemeral && { onlyFor: interaction.user }),
    });
  };

  return {
    all,
    open(facts) {
      const interaction = {
        ...facts,
        id: world.newId(),
        token: `token-${world.newId()}`,
        at: world.now(),
        followUps: 0,
      };
      all.set(interaction.id, interaction);
      return interaction;
    },
    respond(id, token, body) {
      const interaction = all.get(id);
      if (interaction === undefined || interaction.token !== token)
        throw new ApiError(404, 10062, 'Unknown interaction');
      if (interaction.answer !== undefined)
        throw new ApiError(400, 40060, 'Interaction has already been acknowledged.');
      const after = world.now() - interaction.at;
      if (after > ANSWER_MS) throw new ApiError(404, 10062, 'Unknown interaction');
      const { kind } = interaction;
      const fits =
        kind === 'autocomplete'
          ? body.type === Answer.ApplicationCommandAutocompleteResult
          : body.type === Answer.ChannelMessageWithSource ||
            body.type === Answer.DeferredChannelMessageWithSource ||
            ((body.type === Answer.DeferredMessageUpdate || body.type === Answer.UpdateMessage) &&
              interaction.source !== undefined) ||
            (body.type === Answer.Modal && kind !== 'modal');
      if (!fits) throw formError([`response type ${body.type} for ${kind}`]);
      const data = ('data' in body ? body.data : undefined) ?? {};
      if (body.type === Answer.Modal) {
        refuse(modalProblems(body.data));
        interaction.modal = body.data;
      } else if (body.type === Answer.ApplicationCommandAutocompleteResult) {
        refuse(choiceProblems(body.data.choices ?? []));
        interaction.choices = body.data.choices as Interaction['choices'] & object;
      } else if (
        body.type === Answer.ChannelMessageWithSource ||
        body.type === Answer.DeferredChannelMessageWithSource
      ) {
        const whole = body.type === Answer.ChannelMessageWithSource;
        if (whole) refuse(messageProblems(data as MessageBody, 0, true));
        interaction.original = postAs(interaction, data as Partial<StoredMessage>).id;
      } else interaction.original = interaction.source as string;
      interaction.answer = body.type;
      interaction.answeredMs = after;
    },
    followUp(token, body, files) {
      const interaction = alive(token);
      if (interaction.answer === undefined) throw new ApiError(404, 10015, 'Unknown Webhook');
      if (interaction.guest && interaction.followUps >= GUEST_FOLLOW_UPS)
        throw new ApiError(400, 40094, 'This interaction has hit the maximum number of follow up messages.');
      refuse(messageProblems(body, files.length, true));
      interaction.followUps += 1;
      return postAs(interaction, { ...(body as Partial<StoredMessage>), files });
    },
    edit(token, message, body, files) {
      const found = own(token, message);
      refuse(messageProblems(body, files.length, false));
      return applyEdit(found, body, files);
    },
    remove(token, message) {
      world.messages.delete(own(token, message).id);
    },
  };
}

/** An edit replaces the fields that it names. */
export function applyEdit(
  message: StoredMessage,
  body: MessageBody,
  files: StoredMessage['files'],
): StoredMessage {
  const { content, embeds, components } = body as Partial<StoredMessage>;
  const next = { content: content ?? message.content, embeds: embeds ?? message.embeds };
  if (next.content.trim() === '' && next.embeds.length === 0 && files.length === 0)
    throw new ApiError(400, 50006, 'Cannot send an empty message');
  Object.assign(message, next, {
    ...(components !== undefined && { components }),
    edits: message.edits + 1,
    edited_timestamp: new Date().toISOString(),
    files: [...message.files, ...files],
  });
  return message;
}

export function refuse(problems: string[]): void {
  if (problems.length === 1 && problems[0] === EMPTY)
    throw new ApiError(400, 50006, 'Cannot send an empty message');
  if (problems.length > 0) throw formError(problems);
}

function formError(problems: string[]): ApiError {
  return new ApiError(400, 50035, 'Invalid Form Body', problems);
}
