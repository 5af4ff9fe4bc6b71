import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runBots } from '../../bots/run.ts';
import { readSettings } from '../../core/config.ts';
import { type Discord, startDiscordFake } from '../fakes/discord.ts';
import { openHome } from './discord-bot.ts';

let home: Awaited<ReturnType<typeof openHome>>;
let discord: Discord;
let ending: AbortController;

beforeEach(async () => {
  home = await openHome();
  discord = await startDiscordFake();
  ending = new AbortController();
});

afterEach(async () => {
  await discord.close();
  await home.close();
});

const run = (token: string) => {
  const env = {
    FOOTNOTE_CONFIG: '/nowhere',
    FOOTNOTE_DATA: home.folder,
    DISCORD_TOKEN: token,
    DISCORD_API_URL: discord.url,
  };
  const { settings } = readSettings({}, env);
  return runBots(settings, { only: 'discord', signal: ending.signal, log: () => undefined });
};

const connected = () => discord.waitFor(() => discord.world.commands.length > 0, 'the commands', 60_000);

describe('the bots with Discord', () => {
  it('end with a sentence and a hint where the token is bad', async () => {
    await expect(run('wrong')).rejects.toMatchObject({
      code: 'usage',
      message: 'Discord refused the bot token.',
      hint: expect.stringContaining('DISCORD_TOKEN'),
    });
  });

  it('end with a sentence and a hint where the gateway refuses their intents later', async () => {
    const ended = run(discord.token).catch((error) => error);
    await connected();
    discord.gateway.cut(4014);
    expect(await ended).toMatchObject({
      code: 'usage',
      hint: expect.stringContaining('Message Content Intent'),
    });
  });

  it('answer without a build that there is none, and end when they are told to', async () => {
    const ended = run(discord.token);
    await connected();
    discord.mention('Where was Albert Einstein born?');
    const told = () =>
      discord.messages().find(({ content }) => content.includes('no collection of articles'));
    expect((await discord.waitFor(told, 'the error', 60_000)).content).toContain('Reference:');
    ending.abort();
    await ended;
  });
});
