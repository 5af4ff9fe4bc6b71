import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Discord, startDiscordFake } from '../fakes/discord.ts';
import { type Bot, openHome, startBot, textOf } from '../integration/discord-bot.ts';

const ANSWER = 'He was born in Ulm.';

let home: Awaited<ReturnType<typeof openHome>>;
let discord: Discord;
let bot: Bot;

beforeEach(async () => {
  home = await openHome();
  discord = await startDiscordFake();
});

afterEach(async () => {
  await bot.stop();
  expect(discord.gateway.broken).toEqual([]);
  await discord.close();
  await home.close();
});

const ends = () => [...discord.world.messages.values()].filter((message) => textOf(message).includes(ANSWER));

describe('Discord in trouble for long', () => {
  it('with the gateway cut every 10 s, by turns in every way, answers each question once', async () => {
    bot = await startBot(discord, home.folder, { script: { pieces: 50, pieceMs: 40 } });
    const ways = ['abruptly', 'reconnect', 4000] as const;
    const questions = 12;
    for (let n = 0; n < questions; n++) {
      const channel = discord.world.direct(discord.world.person(`person ${n}`).id);
      const by = discord.world.people.get(channel.recipient ?? '') as never;
      const asked =
        n % 2 === 0
          ? discord.ask('/ask', { question: `Question ${n}?` }, { by })
          : discord.say(`Question ${n}?`, { channel, by });
      await delay(2_500);
      if (n % 4 === 3) discord.gateway.cut(ways[Math.floor(n / 4)]);
      discord.redeliver(asked);
      await delay(2_500);
    }
    await discord.waitFor(() => ends().length === questions, 'all answers', 60_000);
    await delay(1_000);
    expect(ends()).toHaveLength(questions);
    expect(bot.asked).toHaveLength(questions);
    expect(bot.fatal).toEqual([]);
  });

  it('with a message of 20 MB answers it, cut to a question', async () => {
    bot = await startBot(discord, home.folder);
    discord.mention(`Where was Einstein born? ${'x '.repeat(10_000_000)}`);
    await discord.waitFor(() => ends().length === 1, 'the answer', 60_000);
    expect(bot.asked[0]?.question.length).toBeLessThan(5_000);
    expect(discord.rest.refused).toEqual([]);
  });

  it('with a clock that is hours off takes events and answers them as ever', async () => {
    discord.world.advance(-7_200_000);
    bot = await startBot(discord, home.folder);
    const asked = discord.ask('/ask', { question: 'Where was Einstein born?' });
    discord.mention('Where was Bohr born?');
    await discord.waitFor(() => ends().length === 2, 'both answers');
    discord.redeliver(asked);
    await delay(300);
    expect(bot.asked).toHaveLength(2);
    expect(discord.rest.refused.filter(({ code }) => code !== 40060)).toEqual([]);
  });

  it('with 200 questions at once from 50 people acknowledges all in time and loses none', async () => {
    bot = await startBot(discord, home.folder, { script: { searchMs: 1, pieces: 0 } });
    const people = Array.from({ length: 50 }, (_, n) => discord.world.person(`person ${n}`));
    const asked = Array.from({ length: 200 }, (_, n) =>
      discord.ask('/ask', { question: `Question ${n}?` }, { by: people[n % 50] as never }),
    );
    await discord.waitFor(() => ends().length === 200, 'all answers', 120_000);
    // The server refuses an acknowledgement that comes after three seconds.
    expect(discord.rest.refused).toEqual([]);
    expect(asked.every(({ answeredMs }) => answeredMs !== undefined)).toBe(true);
    expect(new Set(ends().map(({ token }) => token)).size).toBe(200);
    expect(bot.asked).toHaveLength(200);
  });
});
