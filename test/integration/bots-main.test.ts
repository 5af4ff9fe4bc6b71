import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { lock } from 'proper-lockfile';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openHealth } from '../../bots/health.ts';
import { platformsOf, runBots } from '../../bots/run.ts';
import { readSettings, type Settings } from '../../core/config.ts';

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
    expect(platformsOf(settingsOf({}))).toEqual([]);
    expect(platformsOf(settingsOf({ discordToken: 'x', slackBotToken: 'y' }))).toEqual(['discord', 'slack']);
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
