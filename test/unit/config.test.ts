import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readSettings, settingFacts } from '../../core/config.ts';

const fileWith = (content: string) => {
  const file = join(mkdtempSync(join(tmpdir(), 'footnote-config-')), 'config.json');
  writeFileSync(file, content);
  return file;
};

describe('settings', () => {
  it('prefer a flag to a variable, a variable to the config file, and the file to the default', () => {
    const env = {
      FOOTNOTE_CONFIG: fileWith('{"k": 3, "method": "dense", "threads": 1}'),
      FOOTNOTE_K: '4',
      FOOTNOTE_METHOD: 'keyword',
    };
    const { settings, origins } = readSettings({ k: '5' }, env);
    expect(settings).toMatchObject({ k: 5, method: 'keyword', threads: 1, contextTokens: 4096 });
    expect(origins).toMatchObject({
      k: '--k',
      method: 'FOOTNOTE_METHOD',
      threads: env.FOOTNOTE_CONFIG,
      contextTokens: 'default',
    });
  });

  it('take the variables that other programs already use', () => {
    const env = {
      FOOTNOTE_CONFIG: '/nowhere',
      HF_ENDPOINT: 'http://127.0.0.1:9',
      DISCORD_TOKEN: 'x',
      PORT: '3000',
    };
    expect(readSettings({}, env).settings).toMatchObject({
      hfEndpoint: 'http://127.0.0.1:9',
      discordToken: 'x',
      port: 3000,
    });
  });

  it('take an empty variable as not set', () => {
    expect(readSettings({}, { FOOTNOTE_CONFIG: '/nowhere', FOOTNOTE_K: '' }).settings.k).toBe(8);
  });

  it('read lists by comma, from a variable and as lists from the config file', () => {
    const file = fileWith('{"allowUsers": ["u1", "u2"]}');
    const env = {
      FOOTNOTE_CONFIG: file,
      FOOTNOTE_ALLOW_CHANNELS: 'c1, c2',
      FOOTNOTE_CHANNEL_METHODS: 'c1=dense(50) > top 8, c2=keyword',
    };
    expect(readSettings({}, env).settings).toMatchObject({
      allowUsers: ['u1', 'u2'],
      allowChannels: ['c1', 'c2'],
      channelMethods: ['c1=dense(50) > top 8', 'c2=keyword'],
    });
    expect(() =>
      readSettings({}, { FOOTNOTE_CONFIG: '/nowhere', FOOTNOTE_CHANNEL_METHODS: 'keyword' }),
    ).toThrow(/^Setting channelMethods/);
  });

  it('that are not valid are named with their origin', () => {
    const read = () => readSettings({}, { FOOTNOTE_CONFIG: '/nowhere', FOOTNOTE_K: 'many' });
    expect(read).toThrow(
      expect.objectContaining({
        code: 'usage',
        message: expect.stringMatching(/^Setting k \(from FOOTNOTE_K\)/),
      }),
    );
  });

  it.each([
    ['{"k": ', 'is not valid JSON'],
    ['{"no": 1}', 'is not valid: Unrecognized key: "no"'],
  ])('from a config file %j are refused in one sentence', (content, why) => {
    const file = fileWith(content);
    expect(() => readSettings({}, { FOOTNOTE_CONFIG: file })).toThrow(
      expect.objectContaining({ code: 'usage', message: expect.stringContaining(`${file} ${why}`) }),
    );
  });

  it('each have a sentence, a flag and a variable of their own, and tokens are secret', () => {
    const facts = settingFacts();
    for (const { about, flag } of facts) expect(about, flag).toMatch(/[.…]$/);
    expect(new Set(facts.map(({ variable }) => variable)).size).toBe(facts.length);
    expect(facts.filter(({ secret }) => secret).map(({ name }) => name)).toEqual([
      'generatorKey',
      'hfToken',
      'discordToken',
      'slackBotToken',
      'slackAppToken',
      'slackSigningSecret',
    ]);
  });
});
