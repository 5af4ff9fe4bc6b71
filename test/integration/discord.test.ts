import { MessageFlags } from 'discord-api-types/v10';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  buttonsOf,
  type Discord,
  type Interaction,
  type StoredMessage,
  startDiscordFake,
  type Where,
} from '../fakes/discord.ts';
import { type Bot, openHome, startBot, textOf } from './discord-bot.ts';

const ANSWER = 'He was born in Ulm.';
const QUESTION = 'Where was Albert Einstein born?';

let home: Awaited<ReturnType<typeof openHome>>;
let discord: Discord;
let bot: Bot;

beforeEach(async () => {
  home = await openHome();
  discord = await startDiscordFake();
  bot = await startBot(discord, home.folder);
});

afterEach(async () => {
  await bot.stop();
  expect(discord.rest.refused).toEqual([]);
  expect(discord.gateway.broken).toEqual([]);
  expect(bot.fatal).toEqual([]);
  await discord.close();
  await home.close();
});

/** The bot's newest message that says the text. */
const saying = (text: string, where: Where = {}): Promise<StoredMessage> =>
  discord.waitFor(
    () => discord.messages(where.channel, where.by).findLast((message) => textOf(message).includes(text)),
    text,
  );

const answered = async (options: Record<string, string | boolean> = {}, where: Where = {}) => {
  const interaction = discord.ask('/ask', { question: QUESTION, ...options }, where);
  return { interaction, message: await saying(ANSWER, where) };
};

const isHidden = ({ flags }: StoredMessage) => ((flags ?? 0) & MessageFlags.Ephemeral) !== 0;
const form = (opened: Interaction) => discord.waitFor(() => opened.modal, 'the form');

describe('/ask', () => {
  it('is acknowledged within three seconds, and answered in the same message with markers, sources and licence', async () => {
    const { interaction, message } = await answered();
    expect(interaction.answeredMs).toBeLessThan(3_000);
    expect(message.id).toBe(interaction.original);
    expect(discord.messages()).toHaveLength(1);
    expect(message.content).toContain(`**${QUESTION}**`);
    expect(message.content).toContain('[1');
    const sources = message.embeds[0]?.description ?? '';
    expect(sources).toContain('(<https://en.wikipedia.org/wiki/Albert_Einstein#:~:text=Ulm>)');
    expect(sources).toContain('“Albert Einstein is described here”');
    expect(sources).toContain('CC BY-SA 4.0');
    expect(isHidden(message)).toBe(false);
  });

  it('goes to the core with the method and language that were chosen', async () => {
    await answered({ method: 'dense', language: 'en' });
    expect(bot.asked).toMatchObject([{ question: QUESTION, method: 'dense' }]);
  });

  it('says so where the build lacks the language', async () => {
    discord.ask('/ask', { question: QUESTION, language: 'ja' });
    await saying('Japanese');
    expect(bot.asked).toEqual([]);
  });

  it('in private is seen by the asker alone until it is shared', async () => {
    const { message } = await answered({ private: true });
    expect(isHidden(message)).toBe(true);
    const bob = discord.world.person('bob');
    expect(discord.messages(discord.channel, bob)).toEqual([]);
    discord.press(message, 'Share');
    const shared = await saying('Shared by', { by: bob });
    expect(textOf(shared)).toContain(ANSWER);
    expect(textOf(shared)).toContain(`<@${discord.person.id}>`);
  });

  it('offers the titles of articles for what is typed, as questions', async () => {
    const choices = await discord.complete('/ask', 'question', 'ulm');
    expect(choices[0]).toEqual({ name: 'Ulm', value: 'What is “Ulm” about?' });
  });

  it('speaks the language of the user', async () => {
    const eva = discord.world.person('eva', { locale: 'de' });
    const { message } = await answered({}, { by: eva });
    expect(textOf(message)).toContain('Quellen');
    expect(buttonsOf(message).map(({ label }) => label)).toContain('Nachfragen');
    discord.mention(QUESTION, { by: eva });
    const reply = await discord.waitFor(
      () => discord.messages().find((each) => each.type === 19 && textOf(each).includes(ANSWER)),
      'the reply',
    );
    expect(textOf(reply)).toContain('Quellen');
  });
});

describe('a message', () => {
  it('that mentions the bot is answered as a reply to it, without a ping', async () => {
    const asked = discord.mention(QUESTION);
    const message = await saying(ANSWER);
    expect(message.message_reference?.message_id).toBe(asked.id);
    expect(bot.asked).toMatchObject([{ question: QUESTION }]);
    expect(message.content).not.toContain(`**${QUESTION}**`);
  });

  it('that does not mention the bot is left alone', async () => {
    discord.say(QUESTION);
    discord.mention(QUESTION);
    await saying(ANSWER);
    expect(bot.asked).toHaveLength(1);
  });

  it('in a DM needs no mention, and the next one is understood from the one before', async () => {
    const channel = discord.world.direct(discord.person.id);
    discord.say(QUESTION, { channel });
    await saying(ANSWER, { channel });
    discord.say('When did he die?', { channel });
    await discord.waitFor(() => bot.asked.length === 2, 'the second question');
    expect(bot.asked[1]?.question).toContain('Einstein');
    await saying('Searched for', { channel });
  });

  it('that replies to an answer goes on from it', async () => {
    discord.mention(QUESTION);
    const message = await saying(ANSWER);
    discord.reply(message, 'When did he die?');
    await discord.waitFor(() => bot.asked.length === 2, 'the second question');
    expect(bot.asked[1]?.question).toContain('Einstein');
  });

  it('that mentions the bot without a question says how to ask one', async () => {
    const bob = discord.world.person('bob');
    const claim = discord.say('Einstein was born in Munich, I bet.', { by: bob });
    discord.reply(claim, `<@${discord.world.bot.id}>`, { ping: false });
    await saying('Ask a question in words');
    expect(bot.asked).toEqual([]);
  });

  it('of the menu is asked about', async () => {
    const bob = discord.world.person('bob');
    const target = discord.say('The Eiffel Tower was built by Gustave Eiffel.', { by: bob });
    discord.messageMenu('Ask Wikipedia about this', target);
    await saying(ANSWER);
    expect(bot.asked).toMatchObject([{ question: target.content }]);
  });
});

describe('the buttons of an answer', () => {
  it('open a form for a follow-up, which is understood from the answer', async () => {
    const { message } = await answered();
    const opened = discord.press(message, 'Follow up');
    await form(opened);
    discord.submitModal(opened, 'When did he die?');
    await discord.waitFor(() => bot.asked.length === 2, 'the second question');
    expect(bot.asked[1]?.question).toContain('Einstein');
    await discord.waitFor(
      () =>
        discord.messages().length === 2 && textOf(discord.messages()[1] as StoredMessage).includes(ANSWER),
    );
  });

  it('show the passages page by page to the presser alone', async () => {
    const { message } = await answered();
    discord.press(message, 'Show passages');
    const first = await saying('page 1 of 2');
    expect(isHidden(first)).toBe(true);
    expect(textOf(first)).toContain('Albert Einstein › Life › Death');
    discord.press(first, 'Next');
    const second = await saying('page 2 of 2');
    expect(second.id).toBe(first.id);
    expect(textOf(second)).toContain('Mileva Marić');
  });

  it('take a verdict with a reason, which is stored with question, method, passages and answer', async () => {
    const { message } = await answered();
    const opened = discord.press(message, 'Not helpful');
    await form(opened);
    discord.submitModal(opened, 'He was born in 1879.');
    await saying('Thank you');
    expect(JSON.parse((await bot.feedback()).trim().split('\n').at(-1) ?? '')).toMatchObject({
      question: QUESTION,
      verdict: 'not helpful',
      reason: 'He was born in 1879.',
      method: 'hybrid',
    });
  });

  it('ask what is related', async () => {
    const { message } = await answered();
    discord.press(message, 'What is said about “Ulm”?');
    await discord.waitFor(() => bot.asked.length === 2, 'the second question');
    expect(bot.asked[1]?.question).toBe('What is said about “Ulm”?');
  });

  it('still work after a restart', async () => {
    const { message } = await answered();
    await bot.stop();
    bot = await startBot(discord, home.folder);
    discord.press(message, 'Show passages');
    await saying('page 1 of 2');
  });

  it('that are not of this bot are answered with a notice', async () => {
    const { message } = await answered();
    const button = buttonsOf(message)[0];
    if (button) button.custom_id = 'something-else';
    discord.press(message, 'something-else');
    await saying('no longer stored');
  });
});

describe('while an answer is written', () => {
  it('the asker sees its text grow, can stop it, and can try again', async () => {
    await bot.stop();
    bot = await startBot(discord, home.folder, { script: { pieces: 200, pieceMs: 40 } });
    discord.ask('/ask', { question: QUESTION });
    const growing = await saying('word');
    expect(growing.content).toContain('Still being written');
    discord.press(growing, 'Stop');
    const stopped = await saying('Stopped.');
    expect(stopped.id).toBe(growing.id);
    discord.press(stopped, 'Retry');
    await discord.waitFor(() => bot.asked.length === 2, 'the second attempt');
    await saying('word');
    discord.press(await saying('word'), 'Stop');
    await saying('Stopped.');
  });

  it('another person cannot stop it', async () => {
    await bot.stop();
    bot = await startBot(discord, home.folder, { script: { pieces: 60, pieceMs: 40 } });
    discord.ask('/ask', { question: QUESTION });
    const growing = await saying('word');
    const bob = discord.world.person('bob');
    discord.press(growing, 'Stop', { by: bob });
    await saying('Only the person who asked', { by: bob });
    await saying(ANSWER);
  });
});

describe('the other commands', () => {
  it('/compare shows two methods in one message', async () => {
    discord.ask('/compare', { question: QUESTION, first: 'dense', second: 'keyword' });
    const message = await saying(ANSWER);
    expect(message.embeds.map(({ title }) => title)).toEqual(['dense', 'keyword']);
    expect(message.content).toContain(QUESTION);
  });

  it('/about names build, date and recall', async () => {
    discord.ask('/about', {});
    const message = await saying('sample');
    expect(textOf(message)).toContain('2023');
    expect(textOf(message)).toContain('0.987');
  });

  it('/privacy exports one’s data as a file and deletes it', async () => {
    const { message } = await answered();
    discord.ask('/privacy', {});
    const privacy = await saying('Stored for');
    expect(isHidden(privacy)).toBe(true);
    discord.press(privacy, 'Export my data');
    const exported = await discord.waitFor(
      () => discord.messages().find(({ files }) => files.length > 0),
      'the file',
    );
    expect(isHidden(exported)).toBe(true);
    expect(exported.files[0]?.content).toContain(QUESTION);
    discord.press(privacy, 'Delete my data');
    await saying('was deleted');
    discord.press(message, 'Show passages');
    await saying('no longer stored');
  });

  it('are registered once, and again only when Discord has others', async () => {
    const puts = () => discord.rest.requests.filter((request) => request.startsWith('PUT')).length;
    expect(puts()).toBe(1);
    await bot.stop();
    bot = await startBot(discord, home.folder);
    expect(puts()).toBe(1);
    await bot.stop();
    const [first] = discord.world.commands;
    if (first) first.description = 'Changed by hand';
    bot = await startBot(discord, home.folder);
    expect(puts()).toBe(2);
  });
});

describe('a question without an answer', () => {
  it('ends with the nearest articles as buttons, which ask about them', async () => {
    await bot.stop();
    bot = await startBot(discord, home.folder, {
      script: { abstains: (question) => question === 'What is the meaning?' },
    });
    discord.ask('/ask', { question: 'What is the meaning?' });
    const message = await saying('do not answer this question');
    expect(buttonsOf(message).map(({ label }) => label)).toContain('Albert Einstein');
    discord.press(message, 'Albert Einstein');
    await saying(ANSWER);
  });
});

describe('the connection', () => {
  it('asks for no privileged intent', () => {
    expect(discord.gateway.sessions[0]?.intents).toBe((1 << 0) | (1 << 9) | (1 << 12));
  });

  it('has as many shards as Discord recommends, and events of each arrive', async () => {
    await bot.stop();
    await discord.close();
    discord = await startDiscordFake({ shards: 2 });
    bot = await startBot(discord, home.folder);
    expect(discord.gateway.sessions.map(({ shard }) => shard[0]).sort()).toEqual([0, 1]);
    expect(bot.adapter.health()).toMatchObject({ connected: true, shards: 2, up: 2 });
    discord.mention(QUESTION);
    await saying(ANSWER);
  });

  it('lets a thread go on without a mention where the Message Content intent is given', async () => {
    await bot.stop();
    await discord.close();
    discord = await startDiscordFake({ messageContent: true });
    const thread = discord.world.channel({ type: 11, parent: discord.channel.id });
    bot = await startBot(discord, home.folder, { settings: { messageContent: true } });
    discord.mention(QUESTION, { channel: thread });
    await saying(ANSWER, { channel: thread });
    discord.say('When did he die?', { channel: thread });
    await discord.waitFor(() => bot.asked.length === 2, 'the second question');
    const bob = discord.world.person('bob');
    const claim = discord.say('Einstein was born in Munich, I bet.', { by: bob });
    discord.reply(claim, `<@${discord.world.bot.id}>`, { ping: false });
    await discord.waitFor(() => bot.asked.length === 3, 'the quoted claim');
    expect(bot.asked[2]?.question).toBe(claim.content);
    discord.say('Nobody asked the bot this.');
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(bot.asked).toHaveLength(3);
  });
});

describe('an app that a user installed', () => {
  it('says before it queues that a late answer goes elsewhere, and answers with few follow-ups', async () => {
    await bot.stop();
    bot = await startBot(discord, home.folder, { script: { searchMs: 500 } });
    const channel = discord.world.channel({ inside: false });
    discord.ask('/ask', { question: QUESTION }, { channel });
    await saying('not a member here', { channel });
    await saying(ANSWER, { channel });
  });
});
