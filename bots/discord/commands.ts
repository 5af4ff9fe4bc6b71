/**
 * The application's commands, in every language of the phrases, and their registration when they differ from what Discord
 * has. Knows names, options and Discord's limits on them; nothing about what a command does.
 */
import { isDeepStrictEqual } from 'node:util';
import { type REST, Routes } from 'discord.js';
import {
  type APIApplicationCommandBasicOption,
  ApplicationCommandOptionType,
  ApplicationCommandType,
  ApplicationIntegrationType,
  InteractionContextType,
  type Locale,
  type RESTPostAPIApplicationCommandsJSONBody,
} from 'discord-api-types/v10';
import { METHODS } from '../../core/index.ts';
import { DISCORD_LOCALES, type Language, PHRASES, type Phrase } from '../phrases/phrases.ts';

/** Commands and options arrive under their English names, whatever language the user sees. */
export const NAMES = {
  ask: PHRASES.en.commandAsk,
  compare: PHRASES.en.commandCompare,
  about: PHRASES.en.commandAbout,
  privacy: PHRASES.en.commandPrivacy,
  menu: PHRASES.en.menuAsk,
  question: PHRASES.en.optionQuestion,
  private: PHRASES.en.optionPrivate,
  method: PHRASES.en.optionMethod,
  language: PHRASES.en.optionLanguage,
  first: PHRASES.en.optionFirst,
  second: PHRASES.en.optionSecond,
} as const;

/** Languages of large Wikipedias, each offered under its own name; at most 25. */
const WIKIPEDIAS = 'en de fr es ja zh it pt ru pl nl sv uk ar vi fa ca id ko tr cs fi hu no he'.split(' ');

const QUESTION_CHARACTERS = 2_000;
const CHOICES = 25;
const CHOICE_CHARACTERS = 100;

export function commands(): RESTPostAPIApplicationCommandsJSONBody[] {
  const question: APIApplicationCommandBasicOption = {
    ...named('optionQuestion', 'optionQuestionAbout'),
    type: ApplicationCommandOptionType.String,
    required: true,
    max_length: QUESTION_CHARACTERS,
    autocomplete: true,
  };
  const method = (name: Phrase, about: Phrase, required: boolean): APIApplicationCommandBasicOption => ({
    ...named(name, about),
    type: ApplicationCommandOptionType.String,
    required,
    choices: Object.keys(METHODS)
      .slice(0, CHOICES)
      .map((value) => ({ name: value.slice(0, CHOICE_CHARACTERS), value })),
  });
  const slash = (
    name: Phrase,
    about: Phrase,
    options: APIApplicationCommandBasicOption[] = [],
  ): RESTPostAPIApplicationCommandsJSONBody => ({
    ...named(name, about),
    ...EVERYWHERE,
    type: ApplicationCommandType.ChatInput,
    options,
  });
  return [
    slash('commandAsk', 'commandAskAbout', [
      question,
      { ...named('optionPrivate', 'optionPrivateAbout'), type: ApplicationCommandOptionType.Boolean },
      method('optionMethod', 'optionMethodAbout', false),
      {
        ...named('optionLanguage', 'optionLanguageAbout'),
        type: ApplicationCommandOptionType.String,
        choices: WIKIPEDIAS.map((tag) => ({ name: ownName(tag), value: tag })),
      },
    ]),
    slash('commandCompare', 'commandCompareAbout', [
      question,
      method('optionFirst', 'optionFirstAbout', true),
      method('optionSecond', 'optionSecondAbout', true),
    ]),
    slash('commandAbout', 'commandAboutAbout'),
    slash('commandPrivacy', 'commandPrivacyAbout'),
    {
      name: NAMES.menu,
      name_localizations: localised('menuAsk'),
      ...EVERYWHERE,
      type: ApplicationCommandType.Message,
    },
  ];
}

/** Installable in servers and by users; usable in servers, in the app's own DMs and in DMs between others. */
const EVERYWHERE = {
  integration_types: [ApplicationIntegrationType.GuildInstall, ApplicationIntegrationType.UserInstall],
  contexts: [
    InteractionContextType.Guild,
    InteractionContextType.BotDM,
    InteractionContextType.PrivateChannel,
  ],
};

function named(name: Phrase, about: Phrase) {
  return {
    name: PHRASES.en[name],
    name_localizations: localised(name),
    description: PHRASES.en[about],
    description_localizations: localised(about),
  };
}

function localised(phrase: Phrase): Partial<Record<Locale, string>> {
  const entries = Object.entries(DISCORD_LOCALES).flatMap(([language, locales]) =>
    locales.map((locale) => [locale, PHRASES[language as Language][phrase]]),
  );
  return Object.fromEntries(entries);
}

function ownName(tag: string): string {
  return new Intl.DisplayNames(tag, { type: 'language' }).of(tag) ?? tag;
}

/** Registers the commands if Discord has different ones; true if it did so. */
export async function registerCommands(rest: REST, application: string): Promise<boolean> {
  const route = Routes.applicationCommands(application);
  const query = new URLSearchParams({ with_localizations: 'true' });
  const registered = (await rest.get(route, { query })) as object[];
  const wanted = commands();
  if (isDeepStrictEqual(byName(registered), byName(wanted))) return false;
  await rest.put(route, { body: wanted });
  return true;
}

const COMPARED =
  'name name_localizations description description_localizations type options required autocomplete choices value max_length integration_types contexts'.split(
    ' ',
  );

/** Commands sorted by name, without the fields that the server adds or leaves out. */
function byName(all: object[]): unknown {
  const kept = all.map((command) => canonical(command) as { name: string });
  return kept.sort((a, b) => (a.name < b.name ? -1 : 1));
}

function canonical(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(canonical);
  if (typeof value !== 'object' || value === null) return value;
  const fields = Object.entries(value)
    .filter(([name]) => COMPARED.includes(name))
    .map(([name, field]) => [name, /_localizations$/.test(name) ? field : canonical(field)])
    .filter(([, field]) => !isEmpty(field));
  return Object.fromEntries(fields);
}

function isEmpty(field: unknown): boolean {
  return (
    field === null ||
    field === undefined ||
    field === false ||
    field === '' ||
    (Array.isArray(field) && field.length === 0)
  );
}
