/**
 * Discord's documented limits on what a bot sends: each check names the field and the limit that it breaks.
 * Written from the API reference ("Create Message", "Embed Limits", "Component Reference", "Application Command Object",
 * "Interaction Callback Data"); knows nothing about the program under test.
 */
import {
  type APIEmbed,
  type APIMessageTopLevelComponent,
  type APIModalInteractionResponseCallbackData,
  ApplicationCommandOptionType,
  ApplicationCommandType,
  ButtonStyle,
  ComponentType,
  type RESTPostAPIApplicationCommandsJSONBody,
  type RESTPostAPIChannelMessageJSONBody,
} from 'discord-api-types/v10';

export type MessageBody = RESTPostAPIChannelMessageJSONBody;

const USES_COMPONENTS_V2 = 1 << 15;
const EMOJI_OR_WORD = /^[-_'\p{L}\p{N}\p{sc=Deva}\p{sc=Thai}]{1,32}$/u;

/** What is wrong with a message's body; `whole` is for a new message, which must not be empty. */
export function messageProblems(body: MessageBody, files: number, whole: boolean): string[] {
  const problems: string[] = [];
  const { content, embeds = [], components = [], flags = 0, nonce, allowed_mentions: allowed } = body;
  const check = (ok: boolean, problem: string) => ok || problems.push(problem);
  if ((flags & USES_COMPONENTS_V2) !== 0 && (content || embeds.length > 0))
    problems.push('components V2 allow neither content nor embeds');
  check(typeof (content ?? '') === 'string', 'content is a string');
  check((content ?? '').length <= 2000, `content has ${content?.length} > 2000 characters`);
  check((content ?? '').isWellFormed(), 'content has half a surrogate pair');
  check(String(nonce ?? '').length <= 25, 'nonce > 25 characters');
  check(files <= 10, 'more than 10 files');
  problems.push(...embedProblems(embeds), ...componentProblems(components));
  const parse = allowed?.parse ?? [];
  check(
    !(parse.includes('users' as never) && allowed?.users?.length),
    'allowed_mentions: parse and users exclude each other',
  );
  const empty =
    (content ?? '').trim() === '' && embeds.length === 0 && files === 0 && components.length === 0;
  if (whole && empty) problems.push(EMPTY);
  return problems;
}

export const EMPTY = 'cannot send an empty message';

export function embedProblems(embeds: APIEmbed[]): string[] {
  const problems: string[] = embeds.length > 10 ? ['more than 10 embeds'] : [];
  let total = 0;
  const within = (name: string, text: string | undefined, most: number) => {
    total += text?.length ?? 0;
    if ((text?.length ?? 0) > most) problems.push(`embed ${name} has ${text?.length} > ${most} characters`);
  };
  for (const { title, description, fields = [], footer, author, url } of embeds) {
    within('title', title, 256);
    within('description', description, 4096);
    within('footer', footer?.text, 2048);
    within('author', author?.name, 256);
    if (fields.length > 25) problems.push('more than 25 fields');
    for (const field of fields) {
      within('field name', field.name, 256);
      within('field value', field.value, 1024);
      if (field.name === '' || field.value === '') problems.push('an embed field is empty');
    }
    if (url !== undefined && !URL.canParse(url)) problems.push('embed url');
    if (![title, description, footer?.text, author?.name].some(Boolean) && fields.length === 0)
      problems.push('an embed is empty');
  }
  if (total > 6000) problems.push(`embeds have ${total} > 6000 characters in all`);
  return problems;
}

export function componentProblems(rows: APIMessageTopLevelComponent[]): string[] {
  const problems: string[] = rows.length > 5 ? ['more than 5 rows'] : [];
  const ids = new Set<string>();
  for (const row of rows) {
    if (row.type !== ComponentType.ActionRow) {
      problems.push(`component type ${row.type} is not an action row`);
      continue;
    }
    const buttons = row.components.filter(({ type }) => type === ComponentType.Button);
    if (row.components.length === 0) problems.push('an action row is empty');
    if (buttons.length > 5) problems.push('more than 5 buttons in a row');
    if (buttons.length < row.components.length && row.components.length > 1)
      problems.push('a select shares its row');
    for (const part of row.components) {
      if (part.type !== ComponentType.Button) {
        if ('options' in part && part.options.length > 25) problems.push('more than 25 options');
        continue;
      }
      if (part.style === ButtonStyle.Premium) continue;
      const label = part.label ?? '';
      if (label.trim() === '' && part.emoji === undefined) problems.push('a button has no label');
      if (label.length > 80) problems.push(`button label has ${label.length} > 80 characters`);
      if (part.style === ButtonStyle.Link) {
        if (part.url.length > 512) problems.push('button url > 512 characters');
        continue;
      }
      if (part.custom_id.length < 1 || part.custom_id.length > 100)
        problems.push('custom_id is not 1 to 100 characters long');
      if (ids.has(part.custom_id)) problems.push(`custom_id ${part.custom_id} is there twice`);
      ids.add(part.custom_id);
    }
  }
  return problems;
}

export function modalProblems(data: APIModalInteractionResponseCallbackData): string[] {
  const problems: string[] = [];
  if (data.title.length < 1 || data.title.length > 45)
    problems.push('modal title is not 1 to 45 characters long');
  if (data.custom_id.length < 1 || data.custom_id.length > 100) problems.push('modal custom_id');
  if (data.components.length < 1 || data.components.length > 5)
    problems.push('a modal has 1 to 5 components');
  for (const part of data.components) {
    if (part.type !== ComponentType.Label) {
      problems.push('modal component is not a label');
      continue;
    }
    if (part.label.length < 1 || part.label.length > 45)
      problems.push('label is not 1 to 45 characters long');
    if (part.component.type !== ComponentType.TextInput) continue;
    const { custom_id, max_length = 4000, placeholder = '' } = part.component;
    if (custom_id.length < 1 || custom_id.length > 100) problems.push('text input custom_id');
    if (max_length < 1 || max_length > 4000) problems.push('text input max_length');
    if (placeholder.length > 100) problems.push('placeholder > 100 characters');
  }
  return problems;
}

export function choiceProblems(choices: { name: string; value: unknown }[]): string[] {
  const problems: string[] = choices.length > 25 ? ['more than 25 choices'] : [];
  for (const { name, value } of choices) {
    if (name.length < 1 || name.length > 100) problems.push('choice name is not 1 to 100 characters long');
    if (typeof value === 'string' && (value.length < 1 || value.length > 100)) problems.push('choice value');
  }
  return problems;
}

/** What is wrong with the application's global commands. */
export function commandProblems(commands: RESTPostAPIApplicationCommandsJSONBody[]): string[] {
  const problems: string[] = [];
  const slash = commands.filter(({ type }) => (type ?? 1) === ApplicationCommandType.ChatInput);
  if (slash.length > 100) problems.push('more than 100 slash commands');
  if (commands.length - slash.length > 30) problems.push('more than 30 menu commands');
  if (new Set(commands.map(({ name, type }) => `${type} ${name}`)).size < commands.length)
    problems.push('a name is there twice');
  for (const command of commands) {
    const names = [command.name, ...Object.values(command.name_localizations ?? {})] as string[];
    const menu =
      command.type === ApplicationCommandType.Message || command.type === ApplicationCommandType.User;
    for (const name of names)
      if (menu ? name.length < 1 || name.length > 32 : !isSlashName(name))
        problems.push(`command name ${name}`);
    if (menu) continue;
    let text = lengthOf(command);
    let optional = false;
    const options = 'options' in command ? (command.options ?? []) : [];
    if (options.length > 25) problems.push('more than 25 options');
    for (const option of options) {
      text += lengthOf(option);
      if (option.required && optional) problems.push('a required option after an optional one');
      optional ||= option.required !== true;
      for (const name of [option.name, ...Object.values(option.name_localizations ?? {})] as string[])
        if (!isSlashName(name)) problems.push(`option name ${name}`);
      const choices = 'choices' in option ? (option.choices ?? []) : [];
      problems.push(...choiceProblems(choices));
      if (choices.length > 0 && 'autocomplete' in option && option.autocomplete)
        problems.push('choices and autocomplete');
      for (const { name, value } of choices) text += name.length + String(value).length;
      if (option.type === ApplicationCommandOptionType.String && (option.max_length ?? 1) > 6000)
        problems.push('max_length > 6000');
      problems.push(...descriptionProblems(option));
    }
    problems.push(...descriptionProblems(command as Described));
    if (text > 8000) problems.push(`command ${command.name} has ${text} > 8000 characters`);
  }
  return problems;
}

interface Described {
  name: string;
  description: string;
  name_localizations?: Partial<Record<string, string | null>> | null | undefined;
  description_localizations?: Partial<Record<string, string | null>> | null | undefined;
}

function descriptionProblems({ name, description, description_localizations: others }: Described): string[] {
  const all = [description, ...Object.values(others ?? {})];
  const wrong = all.filter((text) => (text ?? '').length < 1 || (text ?? '').length > 100);
  return wrong.map(() => `description of ${name} is not 1 to 100 characters long`);
}

/** The longest translation counts. */
function lengthOf(command: object): number {
  const {
    name,
    description,
    name_localizations: names,
    description_localizations: texts,
  } = command as Described;
  const longest = (text: string | undefined, others: Described['name_localizations']) =>
    Math.max(...[text, ...Object.values(others ?? {})].map((one) => (one ?? '').length));
  return longest(name, names) + longest(description, texts);
}

function isSlashName(name: string): boolean {
  return EMOJI_OR_WORD.test(name) && name === name.toLowerCase();
}
