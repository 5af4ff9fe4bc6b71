import { REST, SlashCommandBuilder } from 'discord.js';
import {
  ApplicationCommandOptionType,
  ApplicationCommandType,
  type LocalizationMap,
} from 'discord-api-types/v10';
import { afterEach, describe, expect, it } from 'vitest';
import { commands, registerCommands } from '../../bots/discord/commands.ts';
import { discordSetup, discordSetupText, PERMISSION_BITS } from '../../bots/discord/setup.ts';
import { DISCORD_LOCALES } from '../../bots/phrases/phrases.ts';
import { METHODS } from '../../core/index.ts';
import { type Discord, startDiscordFake } from '../fakes/discord.ts';
import { commandProblems } from '../fakes/discord-limits.ts';

let discord: Discord | undefined;

afterEach(async () => {
  await discord?.close();
  discord = undefined;
});

interface Named {
  setName(name: string): this;
  setDescription(text: string): this;
  setNameLocalizations(names: LocalizationMap | null): this;
  setDescriptionLocalizations(texts: LocalizationMap | null): this;
}

const named = <T extends Named>(
  built: T,
  facts: {
    name: string;
    description: string;
    name_localizations?: LocalizationMap | null;
    description_localizations?: LocalizationMap | null;
  },
): T =>
  built
    .setName(facts.name)
    .setDescription(facts.description)
    .setNameLocalizations(facts.name_localizations ?? null)
    .setDescriptionLocalizations(facts.description_localizations ?? null);

describe('the commands', () => {
  it('keep Discord’s limits in every language', () => {
    expect(commandProblems(commands())).toEqual([]);
  });

  it('are taken by discord.js’s own builder, which checks names, texts, choices and their numbers', () => {
    for (const command of commands()) {
      if (command.type !== ApplicationCommandType.ChatInput) continue;
      const built = named(new SlashCommandBuilder(), command);
      for (const option of command.options ?? []) {
        if (option.type === ApplicationCommandOptionType.Boolean)
          built.addBooleanOption((own) => named(own, option));
        else if (option.type === ApplicationCommandOptionType.String)
          built.addStringOption((own) => {
            named(own, option).setRequired(option.required ?? false);
            if ('choices' in option && option.choices) own.setChoices(option.choices);
            return option.max_length === undefined ? own : own.setMaxLength(option.max_length);
          });
      }
      expect(built.toJSON()).toMatchObject({ name: command.name, options: expect.any(Array) });
      expect(built.toJSON().options).toHaveLength(command.options?.length ?? 0);
    }
    expect(() => new SlashCommandBuilder().setName('Not allowed')).toThrow();
  });

  it('have a name and a description in each locale of our languages', () => {
    const locales = Object.values(DISCORD_LOCALES).flat().sort();
    for (const command of commands()) {
      expect(Object.keys(command.name_localizations ?? {}).sort()).toEqual(locales);
      if ('description_localizations' in command)
        expect(Object.keys(command.description_localizations ?? {}).sort()).toEqual(locales);
    }
  });

  it('offer every retrieval method', () => {
    const ask = JSON.stringify(commands()[0]);
    for (const method of Object.keys(METHODS)) expect(ask).toContain(`"${method}"`);
  });

  it('are there in servers, in DMs and for users who installed the app', () => {
    for (const command of commands())
      expect(command).toMatchObject({ integration_types: [0, 1], contexts: [0, 1, 2] });
  });

  it('are registered when one is new, changed, or no longer ours, and not otherwise', async () => {
    discord = await startDiscordFake();
    const { world, url, token } = discord;
    const rest = new REST({ api: url }).setToken(token);
    const register = () => registerCommands(rest, world.application);
    expect(await register()).toBe(true);
    expect(await register()).toBe(false);
    Object.assign(world.commands[0] as object, { name_localizations: { de: 'anders' } });
    expect(await register()).toBe(true);
    world.commands.push({ ...(world.commands[0] as object), name: 'old', id: '1' } as never);
    expect(await register()).toBe(true);
    expect(world.commands.map(({ name }) => name)).not.toContain('old');
    world.commands.reverse();
    expect(await register()).toBe(false);
  });
});

describe('the set-up', () => {
  it('prints an invite link with the least permissions, and the commands', () => {
    const text = discordSetupText(discordSetup());
    const link = new URL(/https:\/\/discord\.com\/oauth2\S+/.exec(text)?.[0] ?? '');
    expect(link.searchParams.get('permissions')).toBe(String(PERMISSION_BITS));
    expect(link.searchParams.get('scope')).toBe('bot applications.commands');
    expect(PERMISSION_BITS & 8n).toBe(0n); // Administrator
    for (const { name } of commands()) expect(text).toContain(name);
  });

  it('knows the application’s id from the token, and prints nothing else of it', () => {
    const id = '123456789012345678';
    const text = discordSetupText(discordSetup(`${Buffer.from(id).toString('base64')}.secret.part`));
    expect(text).toContain(`client_id=${id}`);
    expect(text).not.toContain('secret');
    expect(discordSetup('nonsense').invite).toContain('client_id=APPLICATION_ID');
  });
});
