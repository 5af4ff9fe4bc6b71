import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { startSlackBots } from '../fakes/slack-bots.ts';
import { bodyOf, buttonsOf } from '../fakes/slack-world.ts';

type Bots = Awaited<ReturnType<typeof startSlackBots>>;
const open: Bots[] = [];

async function bots(options: Parameters<typeof startSlackBots>[0] = {}): Promise<Bots> {
  const started = await startSlackBots(options);
  open.push(started);
  await started.start();
  return started;
}

afterEach(async () => {
  for (const each of open.splice(0)) {
    // Whatever a test does, no payload may be one that Slack refuses.
    const refused = each.slack.world.calls.filter(({ error }) =>
      /^(invalid_|no_text|msg_too_long)/.test(error ?? ''),
    );
    await each.close();
    expect(refused).toEqual([]);
  }
});

const ANSWER = 'He was born in Ulm';

describe('the address that Slack calls', () => {
  it('refuses other paths and methods, and the bots go on', async () => {
    const { slack, address } = await bots({ http: true });
    const status = async (path: string, method = 'GET') =>
      (await fetch(`${address}${path}`, { method })).status;
    for (const path of ['/favicon.ico', '/', '//', '/?ssl_check=1', '/slack/events'])
      expect([path, await status(path)]).toEqual([path, 404]);
    expect(await status('/other', 'POST')).toBe(404);
    expect(await status('/slack/events', 'POST')).toBe(401);
    await slack.mention('Where was Einstein born?');
    await slack.said(ANSWER);
  });
});

describe('a list of user groups', () => {
  it('lets their members ask, and no one else', async () => {
    const { slack, builds } = await bots({ settings: { allowRoles: 'S0ASKERS,1234567890' } });
    slack.world.groups.set('S0ASKERS', ['U0ANNA']);
    await slack.mention('Where was Einstein born?', { user: 'U0ANNA' });
    await slack.said(ANSWER);
    await slack.mention('And where did he die?', { user: 'U0BEN' });
    await slack.said('not among the people');
    expect(builds.asked).toHaveLength(1);
  });
});

for (const http of [false, true])
  describe(`Slack over ${http ? 'signed HTTP' : 'Socket Mode'}`, () => {
    it('answers a mention once, in its thread, with sources, licence and buttons', async () => {
      const { slack, builds } = await bots({ http });
      const asked = await slack.mention('Where was Einstein born?');
      const answer = await slack.said(ANSWER);
      expect(answer.thread).toBe(asked.ts);
      expect(bodyOf(answer)).toContain(
        '[Albert Einstein](https://en.wikipedia.org/wiki/Albert_Einstein#:~:text=Ulm)',
      );
      expect(bodyOf(answer)).toContain('CC BY');
      expect(buttonsOf(answer).map(({ label }) => label)).toEqual(
        expect.arrayContaining(['Show passages', 'Helpful', 'Not helpful', 'Follow up', 'Retry']),
      );
      expect(builds.asked.map(({ question }) => question)).toEqual(['Where was Einstein born?']);
      expect(slack.messages()).toHaveLength(1);
    });

    it('answers a direct message, and the next one as its follow-up', async () => {
      const { slack, builds } = await bots({ http });
      const asked = await slack.dm('Where was Einstein born?');
      const first = await slack.said(ANSWER, asked.channel);
      await slack.dm('When was that?');
      await slack.waitFor(
        () =>
          builds.asked.length === 2 &&
          slack.messages(asked.channel).filter((m) => bodyOf(m).includes(ANSWER)).length === 2,
      );
      expect(builds.asked[1]?.question).toContain('Albert Einstein');
      expect(first.thread).toBe(asked.ts);
    });

    it('answers /ask for all to see, below the echoed command', async () => {
      const { slack } = await bots({ http });
      const sent = await slack.slash('/ask', 'Where was Einstein born?');
      expect(sent.answer).toEqual({ response_type: 'in_channel' });
      const answer = await slack.said(ANSWER);
      expect(answer.ephemeralFor).toBeUndefined();
    });
  });

describe('what people can do in Slack', () => {
  it('takes a reply in a thread it answered in without a mention, and leaves other threads alone', async () => {
    const { slack, builds, logged } = await bots();
    const asked = await slack.mention('Where was Einstein born?');
    await slack.said(ANSWER);
    await slack.threadReply(asked.ts, 'When was that?');
    await slack.waitFor(() => builds.asked.length === 2);
    const other = slack.world.add({ channel: asked.channel, user: 'U0BEN', text: 'Lunch?' });
    await slack.threadReply(other.ts, 'Where?', { user: 'U0BEN' });
    await slack.threadReply(asked.ts, '<@U0BEN> is that right?');
    await slack.waitFor(
      () => slack.messages().filter((message) => bodyOf(message).includes(ANSWER)).length === 2,
    );
    expect(builds.asked.map(({ question }) => question)[1]).toContain('Albert Einstein');
    expect(builds.asked).toHaveLength(2);
    expect(logged.filter(({ event }) => event === 'event-failed')).toEqual([]);
  });

  it('takes a reply in the thread under a direct question or under an open /ask answer as its follow-up', async () => {
    const { slack, builds } = await bots();
    const asked = await slack.dm('Where was Einstein born?');
    await slack.said(ANSWER, asked.channel);
    await slack.dm('When was that?', { thread: asked.ts });
    await slack.waitFor(() => builds.asked.length === 2);
    await slack.slash('/ask', 'Where was Einstein born?');
    const open = await slack.said(ANSWER);
    await slack.threadReply(open.ts, 'When was that?');
    await slack.waitFor(() => builds.asked.length === 4);
    expect(builds.asked[1]?.question).toContain('Albert Einstein');
    expect(builds.asked[3]?.question).toContain('Albert Einstein');
  });

  it('streams the text in a thread with a Stop button beside it, then puts the checked answer in its place', async () => {
    const { slack } = await bots({ script: { pieces: 40, pieceMs: 100 } });
    const asked = await slack.mention('Where was Einstein born?');
    const streaming = await slack.waitFor(() =>
      slack.messages().find(({ streamed }) => streamed?.includes('word9')),
    );
    const stage = slack
      .messages()
      .find((message) => buttonsOf(message).some(({ label }) => label === 'Stop'));
    expect(stage?.thread).toBe(asked.ts);
    const answer = await slack.said(ANSWER);
    expect(answer.ts).toBe(streaming.ts);
    expect(bodyOf(answer)).not.toContain('word9');
    await slack.waitFor(() => slack.messages().length === 1);
  });

  it('shows the status line of the agent view in direct messages while it works', async () => {
    const { slack } = await bots({ script: { searchMs: 3_000 } });
    const asked = await slack.dm('Where was Einstein born?');
    await slack.waitFor(() => slack.world.status(asked.channel, asked.ts).includes('Searching'));
    await slack.said(ANSWER, asked.channel);
    await slack.waitFor(() => slack.world.status(asked.channel, asked.ts) === '');
  });

  it('answers a message shortcut on a message in its thread', async () => {
    const { slack, builds } = await bots();
    const message = slack.world.add({
      channel: 'C0GENERAL',
      user: 'U0BEN',
      text: 'Ulm &amp; <https://x.test|the Danube>',
    });
    slack.world.channel('C0GENERAL');
    await slack.shortcut(message);
    expect((await slack.said(ANSWER)).thread).toBe(message.ts);
    expect(builds.asked[0]?.question).toBe('Ulm & the Danube');
  });

  it('keeps /ask private: to the asker, and shares it once on request', async () => {
    const { slack, builds } = await bots();
    await slack.slash('/ask', 'private: method:keyword Where was Einstein born?');
    const answer = await slack.waitFor(() =>
      slack.messages().find((message) => bodyOf(message).includes(ANSWER)),
    );
    expect(answer.ephemeralFor).toBe('U0ANNA');
    expect(builds.asked[0]).toMatchObject({ question: 'Where was Einstein born?', method: 'keyword' });
    await slack.press(answer, 'Share');
    const shared = await slack.said('Shared by');
    expect(shared.ephemeralFor).toBeUndefined();
    expect(bodyOf(shared)).toContain('<@U0ANNA>');
    expect(bodyOf(shared)).toContain('Where was Einstein born?');
    await slack.said('Shared with the channel.');
    await slack.press(answer, 'Share');
    await slack.waitFor(
      () =>
        slack.messages().filter((message) => bodyOf(message).includes('Shared with the channel.')).length ===
        2,
    );
    expect(slack.messages().filter((message) => bodyOf(message).includes('Shared by'))).toHaveLength(1);
  });

  it('answers in a channel that it may not post in through the command itself', async () => {
    const { slack } = await bots();
    slack.world.channel('G0SECRET').members.clear();
    await slack.slash('/ask', 'Where was Einstein born?', { channel: 'G0SECRET' });
    const answer = await slack.said(ANSWER, 'G0SECRET');
    expect(answer.ephemeralFor).toBeUndefined();
  });

  it('stops on Stop, only for the asker, and answers again on Retry', async () => {
    let attempt = 0;
    const { slack, builds } = await bots({
      script: { pieces: () => (attempt++ === 0 ? 2_000 : 1), pieceMs: 30 },
    });
    await slack.mention('Where was Einstein born?');
    const stage = await slack.waitFor(() =>
      slack.messages().find((message) => buttonsOf(message).some(({ label }) => label === 'Stop')),
    );
    await slack.waitFor(() => slack.messages().some(({ streamed }) => streamed?.includes('word5')));
    await slack.press(stage, 'Stop', { user: 'U0BEN' });
    await slack.said('Only the person who asked');
    await slack.press(stage, 'Stop');
    const stopped = await slack.said('Stopped.');
    expect(bodyOf(stopped)).toContain('word5');
    await slack.press(stopped, 'Retry');
    await slack.said(ANSWER);
    expect(builds.asked).toHaveLength(2);
  });

  it('shows passages to the presser alone and turns their pages in place', async () => {
    const { slack } = await bots();
    await slack.mention('Where was Einstein born?');
    await slack.press(await slack.said(ANSWER), 'Show passages', { user: 'U0BEN' });
    const first = await slack.said('page 1 of 2');
    expect(first.ephemeralFor).toBe('U0BEN');
    await slack.press(first, 'Next', { user: 'U0BEN' });
    const second = await slack.said('page 2 of 2');
    expect(second.ts).toBe(first.ts);
    expect(bodyOf(second)).toContain('Princeton');
  });

  it('takes a reason in a form and stores it with the answer, and a follow-up in another form', async () => {
    const { slack, data, builds } = await bots();
    await slack.mention('Where was Einstein born?');
    const answer = await slack.said(ANSWER);
    await slack.press(answer, 'unhelpful');
    await slack.waitFor(() => slack.world.views.size === 1);
    await slack.submitView('The street, please.');
    const thanks = await slack.said('your verdict was stored');
    expect(thanks.ephemeralFor).toBe('U0ANNA');
    const row = JSON.parse(await readFile(join(data, 'feedback.jsonl'), 'utf8'));
    expect(row).toMatchObject({
      question: 'Where was Einstein born?',
      verdict: 'not helpful',
      reason: 'The street, please.',
    });
    await slack.press(answer, 'Follow up');
    await slack.waitFor(() => slack.world.views.size === 2);
    await slack.submitView('When was that?');
    await slack.waitFor(() => builds.asked.length === 2);
    expect(builds.asked[1]?.question).toContain('Albert Einstein');
  });

  it('asks a related question by its button, and offers the nearest articles where nothing answers', async () => {
    const { slack, builds } = await bots({ script: { abstains: (question) => question.includes('moon') } });
    await slack.mention('Where was Einstein born?');
    await slack.press(await slack.said(ANSWER), 'Ulm');
    await slack.waitFor(() => builds.asked.some(({ question }) => question.includes('Ulm')));
    await slack.mention('Who ate the moon?', { channel: 'C0OTHER' });
    const nothing = await slack.said('do not answer', 'C0OTHER');
    await slack.press(nothing, 'Albert Einstein');
    await slack.waitFor(() =>
      builds.asked.some(({ question }) => question === 'What is “Albert Einstein” about?'),
    );
  });

  it('compares two methods, tells about itself, and answers in the language of the person’s Slack', async () => {
    const { slack, builds } = await bots();
    slack.world.locales.set('U0DORA', 'de-DE');
    await slack.slash('/compare', 'dense keyword Where was Einstein born?');
    const compared = await slack.said('keyword');
    expect(bodyOf(compared)).toContain('dense');
    expect(builds.asked.map(({ method }) => method)).toEqual(['dense', 'keyword']);
    await slack.slash('/about', '', { user: 'U0DORA' });
    const about = await slack.said('Sammlung');
    expect(about.ephemeralFor).toBe('U0DORA');
  });

  it('takes commands in a thread, where Slack takes none with a slash', async () => {
    const { slack, builds } = await bots();
    const topic = slack.world.add({ channel: 'C0GENERAL', user: 'U0BEN', text: 'Einstein?' });
    await slack.threadReply(topic.ts, '!ask method:keyword Where was Einstein born?');
    expect((await slack.said(ANSWER)).thread).toBe(topic.ts);
    await slack.threadReply(topic.ts, '!ask private: Where was Einstein born?');
    const hidden = await slack.waitFor(() =>
      slack
        .messages()
        .find((message) => message.ephemeralFor !== undefined && bodyOf(message).includes(ANSWER)),
    );
    expect(hidden).toMatchObject({ ephemeralFor: 'U0ANNA', thread: topic.ts });
    await slack.mention('!compare dense hybrid Where was Einstein born?', { thread: topic.ts });
    await slack.said('*hybrid*');
    expect(builds.asked.map(({ method }) => method)).toEqual(['keyword', undefined, 'dense', 'hybrid']);
    await slack.threadReply(topic.ts, '!about');
    expect(await slack.said('Collection')).toMatchObject({ ephemeralFor: 'U0ANNA', thread: topic.ts });
  });

  it('exports a person’s data as a file to them alone, and deletes it', async () => {
    const { slack } = await bots();
    await slack.mention('Where was Einstein born?');
    await slack.said(ANSWER);
    await slack.slash('/privacy');
    const privacy = await slack.said('Stored for 30 days');
    expect(privacy.ephemeralFor).toBe('U0ANNA');
    await slack.press(privacy, 'Export');
    const file = await slack.waitFor(() => slack.world.files[0]);
    expect(file.channel).toBe('DU0ANNA');
    expect(file.content).toContain('Where was Einstein born?');
    await slack.press(privacy, 'Delete');
    await slack.said('Everything stored about you was deleted: 1 answers.');
  });

  it('shows a home tab whose buttons work, and four prompts in the agent view', async () => {
    const { slack } = await bots();
    slack.world.locales.set('U0ANNA', 'fr-FR');
    await slack.openHome('home');
    await slack.waitFor(() => slack.world.homes.get('U0ANNA'));
    await slack.pressHome('forget');
    await slack.said('effacé', 'DU0ANNA');
    await slack.openHome('messages');
    const prompts = await slack.waitFor(() => slack.world.prompts.get('DU0ANNA'));
    expect(prompts).toHaveLength(4);
  });

  it('refuses an empty command to the asker alone', async () => {
    const { slack } = await bots();
    await slack.slash('/ask');
    expect((await slack.said('Ask a question in words')).ephemeralFor).toBe('U0ANNA');
  });
});
