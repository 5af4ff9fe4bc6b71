import { REST } from 'discord.js';
import { afterEach, describe, expect, it } from 'vitest';
import { commands, registerCommands } from '../../bots/discord/commands.ts';
import { discordSetup, PERMISSION_BITS } from '../../bots/discord/setup.ts';
import { DISCORD_LOCALES } from '../../bots/phrases/phrases.ts';
import { METHODS } from '../../core/index.ts';
import { type Discord, startDiscordFake } from '../fakes/discord.ts';
import { commandProblems } from '../fakes/discord-limits.ts';

let discord: Discord | undefined;

afterEach(async () => {
  await discord?.close();
  discord = undefined;
});

describe('the commands', () => {
  it('keep Discord’s limits in every language', () => {
    expect(commandProblems(commands())).toEqual([]);
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
    const text = discordSetup();
    const link = new URL(/https:\/\/discord\.com\/oauth2\S+/.exec(text)?.[0] ?? '');
    expect(link.searchParams.get('permissions')).toBe(String(PERMISSION_BITS));
    expect(link.searchParams.get('scope')).toBe('bot applications.commands');
    expect(PERMISSION_BITS & 8n).toBe(0n); // Administrator
    for (const { name } of commands()) expect(text).toContain(name);
  });

  it('knows the application’s id from the token, and prints nothing else of it', () => {
    const id = '123456789012345678';
    const text = discordSetup(`${Buffer.from(id).toString('base64')}.secret.part`);
    expect(text).toContain(`client_id=${id}`);
    expect(text).not.toContain('secret');
    expect(discordSetup('nonsense')).toContain('client_id=APPLICATION_ID');
  });
});
