import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { lock } from 'proper-lockfile';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openConversation } from '../../bots/conversation/conversation.ts';
import { openHealth } from '../../bots/health.ts';
import { runBots } from '../../bots/run.ts';
import { openFeedback } from '../../bots/state/feedback.ts';
import { openState, type StoredAnswer } from '../../bots/state/state.ts';
import { traceOf } from '../../bots/trace.ts';
import { botPlatforms, readSettings, type Settings } from '../../core/config.ts';
import { openRecords } from '../../core/store/records.ts';
import { readTraffic, trafficFiles } from '../../core/traffic.ts';
import { openChat } from '../fakes/chat.ts';
import { scriptedBuilds } from '../fixtures/scripted-builds.ts';

let data: string;
const settingsOf = (more: Partial<Settings>): Settings => ({
  ...readSettings({}, { FOOTNOTE_CONFIG: '/nowhere' }).settings,
  data,
  ...more,
});
const { signal } = new AbortController();

beforeEach(async () => {
  data = await mkdtemp(join(tmpdir(), 'footnote-bots-main-'));
});
afterEach(() => rm(data, { recursive: true }));

describe('the bots', () => {
  it('are refused without a token, with the variable to set', async () => {
    await expect(runBots(settingsOf({}), { signal, log: () => undefined })).rejects.toMatchObject({
      code: 'usage',
      hint: expect.stringContaining('DISCORD_TOKEN or SLACK_BOT_TOKEN'),
    });
    const only = runBots(settingsOf({ discordToken: 'x' }), { only: 'slack', signal, log: () => undefined });
    await expect(only).rejects.toMatchObject({ hint: expect.stringMatching(/^Set SLACK_BOT_TOKEN;/) });
  });

  it('run once over a data folder', async () => {
    const release = await lock(data, { lockfilePath: join(data, '.bots.lock') });
    await expect(
      runBots(settingsOf({ discordToken: 'x' }), { signal, log: () => undefined }),
    ).rejects.toMatchObject({
      code: 'locked',
      message: expect.stringContaining(data),
    });
    await release();
  });

  it('start the platforms whose tokens are set', () => {
    expect(botPlatforms(settingsOf({}))).toEqual([]);
    expect(botPlatforms(settingsOf({ discordToken: 'x', slackBotToken: 'y' }))).toEqual(['discord', 'slack']);
  });
});

describe('an answer of bots that run', () => {
  const asker = { platform: 'discord' as const, user: 'ann-the-asker' };
  const answered = async () => {
    const files = trafficFiles(data);
    const state = openState(await openRecords(files.records), 30);
    const live = scriptedBuilds({ searchMs: 1, pieceMs: 1, pieces: 1 }).live(settingsOf({}));
    const feedback = openFeedback(files.verdicts);
    const conversation = openConversation({
      ...{ settings: settingsOf({}), state, live, feedback, log: () => undefined },
    });
    const chat = openChat();
    const request = { ...asker, event: 'e', roles: [], place: { channel: 'c', direct: false }, locale: 'en' };
    await conversation.ask({ ...request, text: 'Where was Einstein born?' }, chat.surface('m'));
    const { answerId: id } = (await chat.until('m', 'answer')) as { answerId: string };
    const close = async () => {
      await conversation.drain(100);
      await state.close();
    };
    return { id, state, feedback, close };
  };

  it('is traced by its id to how it came about, and who asked stays out of it', async () => {
    const { id, close } = await answered();
    const trace = await traceOf(id, settingsOf({}), false);
    expect(trace).toContain('question    Where was Einstein born?');
    expect(trace).toContain('made by     sample · hybrid · scripted');
    expect(trace).toContain('sentence    supported [1]  He was born in Ulm.');
    expect(trace).toMatch(/passage {2}1 {2}1\.0000 {2}Albert Einstein {2}https/);
    expect(trace).not.toContain(asker.user);
    expect(JSON.parse(await traceOf(id, settingsOf({}), true))).toMatchObject({ id, outcome: 'answer' });
    await expect(traceOf('unknown', settingsOf({}), false)).rejects.toMatchObject({ code: 'not-found' });
    await close();
  });

  it('is in the traffic with the last verdict on it, and who asked is not', async () => {
    const { id, state, feedback, close } = await answered();
    const stored = (await state.answer(id)) as StoredAnswer;
    for (const helpful of [true, false])
      await feedback.add(stored, { ...asker, helpful, reason: 'Not in Ulm.' });
    const traffic = await readTraffic(data, 10);
    expect(traffic).toMatchObject([
      { id, platform: 'discord', question: 'Where was Einstein born?', verdict: 'not helpful' },
    ]);
    expect(traffic[0]?.passages[0]?.title).toBe('Albert Einstein');
    expect(JSON.stringify(traffic)).not.toContain(asker.user);
    await close();
  });
});

describe('the health endpoint', () => {
  it('tells apart bots that are connected, cut off and ending, and knows no other address', async () => {
    const facts = {
      draining: false,
      questions: { waiting: 1, running: 2, answered: 3 },
      platforms: { discord: { connected: true, shards: 1 } },
    };
    const health = await openHealth(0, () => facts);
    const get = async (path = '/health') => {
      const response = await fetch(`http://127.0.0.1:${health.port}${path}`);
      return [response.status, response.status === 404 ? undefined : await response.json()];
    };
    expect(await get()).toEqual([
      200,
      expect.objectContaining({ status: 'ok', ...{ questions: facts.questions } }),
    ]);
    facts.platforms.discord.connected = false;
    expect(await get()).toEqual([503, expect.objectContaining({ status: 'disconnected' })]);
    facts.draining = true;
    expect(await get()).toEqual([503, expect.objectContaining({ status: 'ending' })]);
    expect(await get('/')).toEqual([404, undefined]);
    await expect(openHealth(health.port, () => facts)).rejects.toMatchObject({ code: 'usage' });
    await health.close();
  });
});
