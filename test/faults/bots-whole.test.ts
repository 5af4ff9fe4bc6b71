/** The bots as they are run, with processes of theirs killed: each question still gets its one end. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Channel, Person } from '../fakes/discord.ts';
import { descendants } from '../fixtures/processes.ts';
import { missing, note, openWholeBots, TOWNS, type WholeBots } from '../fixtures/whole-bots.ts';
import { textOf } from '../integration/discord-bot.ts';

const ANSWER_MS = 240_000;
const QUOTES = { FOOTNOTE_GENERATOR: 'none' };
const SLOW = { FOOTNOTE_ANSWERS_AT_ONCE: '1', FOOTNOTE_MAX_ANSWER_TOKENS: '400' };

let bots: WholeBots;

const founding = (index: number) => `Who founded ${TOWNS[index]?.title}?`;
const founder = (index: number) => TOWNS[index]?.founder ?? '';
const workers = (name: string) =>
  descendants(bots.running().child.pid ?? 0, new RegExp(`runtime/${name}\\.worker`));

/** A channel of Discord for one test, and what becomes of the questions in it. */
function openRoom() {
  const { discord } = bots;
  const channel: Channel = discord.world.channel();
  const ends = () =>
    discord.messages(channel).filter((message) => /almanac · |Reference: /.test(textOf(message)));
  return {
    ask: (index: number, by: Person = discord.world.person(`p${index}`)) =>
      discord.ask('/ask', { question: founding(index) }, { channel, by }),
    shown: () => discord.messages(channel).map(textOf),
    ends,
    answered: (index: number) =>
      discord.waitFor(
        () => ends().find((message) => textOf(message).includes(founder(index))),
        founding(index),
        ANSWER_MS,
      ),
  };
}

describe.skipIf(missing !== undefined || process.platform !== 'linux')(`the bots, whole${note}`, () => {
  beforeAll(async () => {
    bots = await openWholeBots();
    await bots.start(SLOW);
  });
  afterAll(() => bots?.close());

  it('answer although the language model is killed while it writes, and have it back for the next question', async () => {
    const room = openRoom();
    room.ask(0);
    await bots.discord.waitFor(
      () => room.shown().some((text) => /Writing|Still being written|almanac · /.test(text)),
      'writing',
      ANSWER_MS,
    );
    const killed = workers('generate');
    expect(killed).toHaveLength(1);
    for (const pid of killed) process.kill(pid, 'SIGKILL');
    await room.answered(0);
    room.ask(1);
    await room.answered(1);
    expect(room.ends()).toHaveLength(2);
    expect(workers('generate').filter((pid) => killed.includes(pid))).toEqual([]);
  });

  it('killed with three questions in the queue answer all three, once, when they are back', async () => {
    const room = openRoom();
    const asked = [2, 3, 4].map((index) => room.ask(index));
    await bots.discord.waitFor(() => room.shown().length === 3, 'three first views', ANSWER_MS);
    const [main] = descendants(bots.running().child.pid ?? 0, /bots\/main\./);
    process.kill(main ?? 0, 'SIGKILL');
    await bots.running().ended;
    await bots.start(QUOTES);
    for (const interaction of asked) bots.discord.redeliver(interaction);
    for (const index of [2, 3, 4]) await room.answered(index);
    expect(room.ends()).toHaveLength(3);
    expect(room.shown()).toHaveLength(3);
  });

  it.each(['index', 'store', 'embed', 'ask', 'records'])(
    'answer although “%s” is killed in the middle of a question',
    async (name) => {
      const room = openRoom();
      const killed = workers(name);
      expect(killed.length).toBeGreaterThan(0);
      room.ask(5);
      await bots.discord.waitFor(() => room.shown().length === 1, 'the first view', ANSWER_MS);
      for (const pid of killed) process.kill(pid, 'SIGKILL');
      await room.answered(5);
      room.ask(6);
      await room.answered(6);
      expect(room.ends()).toHaveLength(2);
      expect((await bots.health()).status).toBe('ok');
    },
  );

  it('acknowledge 200 questions of 50 people in time, three times over, and answer each once in memory that stays flat', async () => {
    const { discord } = bots;
    const people = Array.from({ length: 50 }, (_, n) => discord.world.person(`asker ${n}`));
    const memory: number[] = [];
    for (let round = 0; round < 3; round++) {
      const room = openRoom();
      const asked = Array.from({ length: 200 }, (_, n) => room.ask(n % TOWNS.length, people[n % 50]));
      await discord.waitFor(() => room.ends().length === 200, '200 answers', ANSWER_MS);
      // The server refuses an acknowledgement that comes after three seconds.
      expect(asked.every(({ answeredMs = Number.POSITIVE_INFINITY }) => answeredMs < 3_000)).toBe(true);
      expect(room.shown()).toHaveLength(200);
      memory.push((await bots.health()).memoryMiB);
    }
    // Resident memory, which the collector lets grow: a leak of 160 kB a question would be seen.
    expect(memory[2]).toBeLessThan((memory[0] ?? 0) + 64);
  });

  it('told to end by SIGTERM say so on every open question, and end within 10 s', async () => {
    await bots.stop();
    await bots.start(SLOW);
    const room = openRoom();
    for (const index of [7, 8, 9]) room.ask(index);
    await bots.discord.waitFor(() => room.shown().length === 3, 'three first views', ANSWER_MS);
    const started = Date.now();
    expect((await bots.stop()).status).toBe(0);
    expect(Date.now() - started).toBeLessThan(10_000);
    const open = room.shown().filter((text) => !text.includes('almanac · '));
    expect(open.length).toBeGreaterThan(0);
    for (const text of open) expect(text).toContain('Your question is kept');
  });
});
