import { LogLevel, webApi } from '@slack/bolt';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Calls } from '../../bots/slack/calls.ts';
import { isDirect, openSurface, privateSurface, publicSurface } from '../../bots/slack/surface.ts';
import type { View } from '../../bots/surface.ts';
import type { CoreError } from '../../core/index.ts';
import { openSlack, type Slack } from '../fakes/slack.ts';
import { bodyOf, type SlackMessage } from '../fakes/slack-world.ts';

let slack: Slack;
let calls: Calls;
let root: SlackMessage;
let logged: string[];
const fatal: CoreError[] = [];

const base = { language: 'en', buttons: [] } as const;
const partial = (text: string): View => ({ kind: 'partial', text, ...base, buttons: [] });
const stage: View = { kind: 'stage', stage: 'search', ...base, buttons: [] };
const end: View = { kind: 'stopped', text: 'The whole answer.', ...base, buttons: [] };
const spot = (channel: string, thread?: string) => ({
  channel,
  thread,
  user: 'U0ANNA',
  team: 'T0TEAM',
  url: undefined,
});

beforeEach(async () => {
  slack = await openSlack();
  const { world } = slack;
  const silent = () => undefined;
  const quiet = {
    debug: silent,
    info: silent,
    warn: silent,
    error: silent,
    setLevel: silent,
    setName: silent,
  };
  const logger = { ...quiet, getLevel: () => LogLevel.ERROR };
  const options = {
    slackApiUrl: slack.apiUrl,
    rejectRateLimitedCalls: true,
    retryConfig: { retries: 0 },
    timeout: 2_000,
  };
  const client = new webApi.WebClient(world.token, { ...options, logger });
  logged = [];
  fatal.length = 0;
  calls = {
    client,
    // Rates are tested on their own; here the clock may stand still.
    budget: { spend: async () => undefined },
    log: (event) => void logged.push(event),
    now: world.now,
    fatal: (error) => void fatal.push(error),
  };
  root = world.add({ channel: 'C0GENERAL', user: 'U0ANNA', text: 'Where?' });
  world.channel('C0GENERAL').members.add('U0ANNA');
});

afterEach(() => slack.close());

const surfaceInThread = () => publicSurface(calls, spot('C0GENERAL', root.ts));
const used = (method: string) => slack.world.calls.filter((call) => call.method === method).length;

describe('a message surface', () => {
  it('appends only what is new to its stream, in whole words', async () => {
    const surface = surfaceInThread();
    for (const text of ['Ulm', 'Ulm is a', 'Ulm is a city on the Dan', 'Ulm is a city on the Danube. '])
      await surface.show(partial(text));
    expect(slack.messages().map(({ streamed }) => streamed)).toEqual(['Ulm is a city on the Danube.']);
    expect(used('chat.startStream')).toBe(1);
    expect(used('chat.update')).toBe(0);
  });

  it('ends its stream after four minutes by itself and goes on by editing the same message', async () => {
    const surface = surfaceInThread();
    await surface.show(partial('Ulm is a city '));
    slack.world.advance(239_000);
    await surface.show(partial('Ulm is a city on '));
    expect(used('chat.appendStream')).toBe(1);
    slack.world.advance(2_000);
    await surface.show(partial('Ulm is a city on the '));
    expect([used('chat.stopStream'), used('chat.update')]).toEqual([1, 1]);
    await surface.show(end);
    const [message, ...more] = slack.messages();
    expect(more).toEqual([]);
    expect(bodyOf(message as SlackMessage)).toContain('The whole answer.');
    expect(slack.world.calls.filter(({ error }) => error !== undefined)).toEqual([]);
  });

  it('keeps the status line of an agent’s thread for as long as a stage lasts, and takes it away at the end', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    const asked = slack.world.add({ channel: 'D0ANNA', user: 'U0ANNA', text: 'Where?' });
    slack.world.channel('D0ANNA');
    const surface = publicSurface(calls, spot('D0ANNA', asked.ts));
    const status = () => slack.world.status('D0ANNA', asked.ts);
    await surface.show(stage);
    const said = status();
    expect(said).not.toBe('');
    for (let minutes = 0; minutes < 10; minutes += 1) {
      slack.world.advance(60_000);
      vi.advanceTimersByTime(60_000);
      await vi.waitFor(() => expect(status()).toBe(said));
    }
    await surface.show(end);
    expect(status()).toBe('');
    vi.advanceTimersByTime(600_000);
    vi.useRealTimers();
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(status()).toBe('');
  });

  it('goes on by editing where Slack ended the stream', async () => {
    const surface = surfaceInThread();
    await surface.show(stage);
    await surface.show(partial('Ulm is a city '));
    calls.now = () => 0;
    slack.world.advance(300_000);
    await surface.show(partial('Ulm is a city on the '));
    expect(slack.messages().filter((message) => bodyOf(message).includes('on the'))).toHaveLength(1);
    await surface.show(end);
    expect(slack.messages().map(bodyOf)).toEqual([expect.stringContaining('The whole answer.')]);
  });

  it('begins no second stream, but edits, where the text was begun anew', async () => {
    const surface = surfaceInThread();
    await surface.show(partial('Ulm is a city '));
    await surface.show(partial('Other words now '));
    expect(used('chat.startStream')).toBe(1);
    expect(bodyOf(slack.messages()[0] as SlackMessage)).toContain('Other words now');
  });

  it('puts the end into the message of a stream that another process began', async () => {
    const before = surfaceInThread();
    await before.show(stage);
    await before.show(partial('Ulm is a city '));
    const after = openSurface(calls, JSON.parse(JSON.stringify(before.target())));
    await after.show(partial('Wholly other text '));
    await after.show(end);
    expect(slack.messages().map(bodyOf)).toEqual([expect.stringContaining('The whole answer.')]);
  });

  it('edits where a stream cannot be had: at a channel’s top level, or when Slack refuses one', async () => {
    const top = publicSurface(calls, spot('C0GENERAL'));
    await top.show(partial('Ulm is a city '));
    slack.world.advance(1_000);
    slack.world.trouble('chat.startStream', { error: 'method_not_supported_for_channel_type' });
    const thread = surfaceInThread();
    await thread.show(partial('Ulm is a city '));
    await thread.show(partial('Ulm is a city on '));
    expect(slack.messages()).toHaveLength(2);
    expect(used('chat.startStream')).toBe(1);
  });

  it('posts the end anew where the message was deleted, and nothing before it', async () => {
    const surface = surfaceInThread();
    await surface.show(stage);
    for (const message of slack.messages()) message.deleted = true;
    await surface.show({ ...stage, stage: 'read' });
    expect(slack.messages()).toEqual([]);
    slack.world.advance(1_000);
    await surface.show(end);
    expect(slack.messages().map(bodyOf)).toEqual([expect.stringContaining('The whole answer.')]);
  });

  it('tells the asker directly where the channel is gone', async () => {
    const surface = surfaceInThread();
    await surface.show(stage);
    slack.world.channel('C0GENERAL').gone = true;
    await expect(surface.show({ ...stage, stage: 'read' })).rejects.toMatchObject({ retryable: false });
    await surface.show(end);
    expect(slack.messages('DU0ANNA').map(bodyOf)).toEqual([expect.stringContaining('The whole answer.')]);
    expect(isDirect(String(surface.target().channel))).toBe(false);
  });

  it('tells the asker directly where the channel goes while text is streamed', async () => {
    const surface = surfaceInThread();
    await surface.show(partial('Ulm is a city '));
    slack.world.channel('C0GENERAL').gone = true;
    await surface.show(end);
    expect(slack.messages('DU0ANNA').map(bodyOf)).toEqual([expect.stringContaining('The whole answer.')]);
  });

  it('sends a smaller form where Slack refuses the large one', async () => {
    slack.world.trouble('chat.postMessage', { error: 'invalid_blocks', times: 1 });
    await surfaceInThread().show(end);
    expect(slack.messages()).toHaveLength(1);
  });

  it('says when to try again after 429, and that trying again helps when Slack is down', async () => {
    slack.world.trouble('chat.postMessage', { error: '429', times: 1, retryAfter: 7 });
    const surface = surfaceInThread();
    await expect(surface.show(end)).rejects.toMatchObject({
      code: 'network',
      retryable: true,
      details: { retryAfterMs: 7_000 },
    });
    slack.world.trouble('chat.postMessage', { error: 'internal_error', times: 1 });
    await expect(surface.show(end)).rejects.toMatchObject({ code: 'network', retryable: true });
    await slack.close();
    await expect(surface.show(end)).rejects.toMatchObject({ code: 'network', retryable: true });
    slack = await openSlack();
  });

  it('reports a revoked token and a missing scope as fatal, with what mends them', async () => {
    slack.world.dead = 'token_revoked';
    await expect(surfaceInThread().show(end)).rejects.toThrow('Slack refused the token (token_revoked).');
    delete slack.world.dead;
    slack.world.scopes.delete('chat:write');
    await expect(surfaceInThread().show(end)).rejects.toThrow('lacks the scope chat:write');
    expect(fatal.map(({ hint }) => hint)).toEqual([
      expect.stringContaining('Install the app'),
      expect.stringContaining('--print-setup'),
    ]);
  });
});

describe('a scope that only a convenience needs', () => {
  it('costs what it is for, and the bots go on', async () => {
    slack.world.scopes.delete('files:write');
    const file: View = { kind: 'export', filename: 'a.jsonl', content: '{}', ...base, buttons: [] };
    const shown = privateSurface(calls, spot('C0GENERAL')).show(file);
    await expect(shown).rejects.toMatchObject({
      retryable: false,
      message: 'The Slack app lacks the scope files:write.',
    });
    expect(fatal).toEqual([]);
  });
});

describe('a reply surface', () => {
  const replyUrl = () => {
    slack.world.urls.set('R1', {
      channel: 'C0GENERAL',
      thread: undefined,
      user: 'U0ANNA',
      until: slack.world.now() + 1_800_000,
      uses: 0,
    });
    return `${slack.origin}/response/R1`;
  };

  it('keeps uses of the response_url for the end, and goes on with ephemeral messages once it is used up', async () => {
    const surface = privateSurface(calls, { ...spot('C0GENERAL'), url: replyUrl() });
    const queued: View = { kind: 'queued', position: 2, ...base, buttons: [] };
    for (let place = 0; place < 9; place++) await surface.show(queued);
    expect(slack.world.urls.get('R1')?.uses).toBe(2);
    for (let times = 0; times < 5; times++) await surface.show(end);
    expect(slack.world.urls.get('R1')?.uses).toBe(5);
    expect(used('chat.postEphemeral')).toBe(2);
    expect(slack.messages().every(({ ephemeralFor }) => ephemeralFor === 'U0ANNA')).toBe(true);
  });

  it('writes a direct message where the response_url has expired and the person has left the channel', async () => {
    const surface = privateSurface(calls, { ...spot('C0GENERAL'), url: replyUrl() });
    slack.world.advance(1_799_000);
    slack.world.channel('C0GENERAL').members.delete('U0ANNA');
    await surface.show(end);
    expect(slack.messages('DU0ANNA')).toHaveLength(1);
  });
});
