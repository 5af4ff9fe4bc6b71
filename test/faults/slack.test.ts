import { afterEach, describe, expect, it } from 'vitest';
import { CoreError } from '../../core/index.ts';
import { startSlackBots } from '../fakes/slack-bots.ts';
import { bodyOf, buttonsOf, type SlackMessage } from '../fakes/slack-world.ts';

type Bots = Awaited<ReturnType<typeof startSlackBots>>;
const open: Bots[] = [];

async function bots(options: Parameters<typeof startSlackBots>[0] = {}): Promise<Bots> {
  const started = await startSlackBots(options);
  open.push(started);
  await started.start();
  return started;
}

afterEach(async () => {
  for (const each of open.splice(0)) await each.close();
});

const ANSWER = 'He was born in Ulm';
const answers = ({ slack }: Bots, channel?: string): SlackMessage[] =>
  slack.messages(channel).filter((message) => bodyOf(message).includes(ANSWER));
const LONG = { pieces: 30, pieceMs: 100 };

describe('Slack with faults', () => {
  it('gives one answer to each event although every event comes twice', async () => {
    for (const http of [false, true]) {
      const each = await bots({ http });
      const { slack, builds } = each;
      slack.deliveries.twice = true;
      const asked = await slack.mention('Where was Einstein born?');
      await slack.dm('Where was Bohr born?');
      await slack.slash('/ask', 'Where was Curie born?', { channel: 'C0OTHER' });
      await slack.waitFor(
        () => answers(each).length + answers(each, 'DU0ANNA').length + answers(each, 'C0OTHER').length === 3,
      );
      const [answer] = answers(each);
      await slack.press(answer as SlackMessage, 'Follow up');
      await slack.waitFor(() => slack.world.views.size > 0);
      await slack.submitView('And where did he die?');
      await slack.waitFor(() => answers(each).length === 2);
      await slack.waitFor(() => slack.deliveries.all.every(({ attempts }) => attempts.length === 2));
      expect(builds.asked).toHaveLength(4);
      expect(answers(each).every(({ thread }) => thread === asked.ts)).toBe(true);
      expect(each.fatal).toEqual([]);
    }
  });

  it('answers an event once that the process before it had answered', async () => {
    const each = await bots();
    const { slack, builds } = each;
    await slack.mention('Where was Einstein born?');
    await slack.said(ANSWER);
    await each.restart();
    for (const { kind, payload } of [...slack.deliveries.all]) await slack.deliveries.send(kind, payload);
    await slack.dm('Still there?');
    await slack.said(ANSWER, 'DU0ANNA');
    expect(builds.asked).toHaveLength(2);
  });

  it('shows the whole answer although every second edit is refused with 429', async () => {
    const each = await bots({ script: LONG });
    const { slack } = each;
    for (const method of ['chat.update', 'chat.appendStream', 'chat.postMessage'])
      slack.world.trouble(method, { error: '429', every: 2, retryAfter: 1 });
    await slack.mention('Where was Einstein born?');
    await slack.slash('/ask', 'Where was Bohr born?', { channel: 'C0OTHER' });
    await slack.waitFor(() => answers(each).length === 1 && answers(each, 'C0OTHER').length === 1, 60_000);
    expect(slack.world.calls.some(({ error }) => error === 'ratelimited')).toBe(true);
  });

  it('goes on by edits where the stream expires while text flows', async () => {
    const each = await bots({ script: LONG });
    const { slack } = each;
    await slack.mention('Where was Einstein born?');
    await slack.waitFor(() => slack.messages().some(({ streamed }) => (streamed ?? '').length > 10));
    slack.world.advance(300_000);
    await slack.said(ANSWER);
    expect(slack.world.calls.some(({ error }) => error === 'message_not_in_streaming_state')).toBe(true);
    await slack.waitFor(() => slack.messages().length === 1);
  });

  it('keeps answering while its socket is closed by request and cut, again and again', async () => {
    const each = await bots({ script: { searchMs: 500 } });
    const { slack } = each;
    for (let round = 0; round < 6; round++) {
      const how = round % 2 === 0 ? 'asked' : 'cut';
      const before = [...slack.deliveries.sockets];
      const asking = slack.mention(`Question ${round}?`, { channel: `C0ROUND${round}` });
      slack.deliveries.disconnect(how);
      await slack.waitFor(() => [...slack.deliveries.sockets].some((socket) => !before.includes(socket)));
      // What was under way on the old connection is sent again once three seconds are over.
      slack.world.advance(3_100);
      await asking;
      await slack.said(ANSWER, `C0ROUND${round}`);
    }
    expect(each.fatal).toEqual([]);
    expect(each.builds.asked).toHaveLength(6);
  });

  it('comes back when Slack was away while the socket was lost', async () => {
    const each = await bots();
    const { slack } = each;
    slack.world.trouble('apps.connections.open', { error: 'internal_error', times: 2 });
    slack.deliveries.disconnect('cut');
    await slack.waitFor(() => slack.deliveries.sockets.size === 1, 20_000);
    await slack.mention('Where was Einstein born?');
    await slack.said(ANSWER);
    expect(each.fatal).toEqual([]);
  });

  it('acknowledges each of 200 questions of 50 people in time and answers each once', async () => {
    const each = await bots({
      script: { pieces: 1, pieceMs: 1, searchMs: 1 },
      settings: { answersAtOnce: 8 },
    });
    const { slack, builds } = each;
    const asking = Array.from({ length: 200 }, (_, index) =>
      slack.mention(`Question ${index}?`, { user: `U0P${index % 50}`, channel: `C0P${index % 50}` }),
    );
    await Promise.all(asking);
    const late = slack.deliveries.all.filter(
      ({ attempts, acknowledgedAt = 0 }) => acknowledgedAt - (attempts[0] ?? 0) > 3_000,
    );
    expect(late).toEqual([]);
    const count = () =>
      Array.from({ length: 50 }, (_, index) => answers(each, `C0P${index}`).length).reduce((a, b) => a + b);
    await slack.waitFor(() => count() === 200, 600_000);
    expect(new Set(builds.asked.map(({ question }) => question)).size).toBe(200);
    expect(builds.asked).toHaveLength(200);
  });

  it('answers a message of 20 MB, cut to a question', async () => {
    const each = await bots();
    const { slack, builds } = each;
    await slack.mention(`Where was Einstein born? ${'x '.repeat(10_000_000)}`);
    await slack.said(ANSWER);
    expect(builds.asked[0]?.question.length).toBeLessThan(5_000);
  });

  it('ends a question in view where its message, then its channel, is deleted', async () => {
    const each = await bots({ script: LONG });
    const { slack } = each;
    await slack.mention('Where was Einstein born?');
    await slack.waitFor(() => slack.messages().length > 0);
    for (const message of slack.messages()) message.deleted = true;
    await slack.said(ANSWER);
    await slack.mention('Where was Bohr born?', { channel: 'C0GONE' });
    await slack.waitFor(() => slack.messages('C0GONE').length > 0);
    slack.world.channel('C0GONE').gone = true;
    await slack.said(ANSWER, 'DU0ANNA');
    expect(each.fatal).toEqual([]);
  });

  it('answers questions that were open at a restart once, in their place', async () => {
    const each = await bots({ script: { pieces: 200, pieceMs: 100 }, settings: { answersAtOnce: 1 } });
    const { slack } = each;
    for (const name of ['A', 'B', 'C']) await slack.mention(`Question ${name}?`, { channel: `C0${name}` });
    await slack.waitFor(() =>
      ['C0A', 'C0B', 'C0C'].some((id) =>
        slack.messages(id).some(({ streamed }) => (streamed ?? '').length > 10),
      ),
    );
    Object.assign(each.script, { pieces: 2, pieceMs: 5 });
    await each.restart();
    for (const name of ['A', 'B', 'C']) {
      await slack.said(ANSWER, `C0${name}`);
      await slack.waitFor(() => slack.messages(`C0${name}`).length === 1);
      expect(slack.messages(`C0${name}`).map(bodyOf)).toEqual([expect.stringContaining(ANSWER)]);
    }
  });

  it('shows an error with a reference and Retry where the model stops, and answers on Retry', async () => {
    const crash = new CoreError('worker-crashed', 'The process generate ended.', { retryable: true });
    const each = await bots({ script: { failure: (_, attempt) => (attempt <= 2 ? crash : undefined) } });
    const { slack } = each;
    await slack.mention('Where was Einstein born?');
    const failed = await slack.said('Reference: ');
    expect(buttonsOf(failed).map(({ label }) => label)).toEqual(['Retry']);
    await slack.press(failed, 'Retry');
    await slack.said(ANSWER);
  });

  it('tells that a form could not be opened, where the press came too late', async () => {
    const each = await bots();
    const { slack } = each;
    await slack.mention('Where was Einstein born?');
    const answer = await slack.said(ANSWER);
    slack.world.trouble('views.open', { error: 'expired_trigger_id', times: 1 });
    await slack.press(answer, 'Follow up');
    expect((await slack.said('That did not work.')).ephemeralFor).toBe('U0ANNA');
  });
});

describe('a Slack app that cannot work', () => {
  const start = async (
    change: (world: Bots['slack']['world']) => void,
    options: Parameters<typeof startSlackBots>[0] = {},
  ) => {
    const each = await startSlackBots(options);
    open.push(each);
    change(each.slack.world);
    return each.start().then(
      () => undefined,
      (error: CoreError) => error,
    );
  };

  it('does not start with a wrong bot token or app token, and says what to do', async () => {
    for (const wrong of ['token', 'appToken'] as const) {
      const error = await start((world) => Object.assign(world, { [wrong]: 'another' }));
      expect(error?.message).toBe('Slack refused the token (invalid_auth).');
      expect(error?.hint).toContain('SLACK_BOT_TOKEN');
    }
  });

  it('does not start without a scope that it needs, and starts without one it can do without', async () => {
    const error = await start((world) => world.scopes.delete('im:history'));
    expect(error?.message).toBe('The Slack app lacks the scopes im:history.');
    expect(error?.hint).toContain('--print-setup');
    expect(await start((world) => world.scopes.delete('users:read'))).toBeUndefined();
  });

  it('does not start without a way for events', async () => {
    const error = await start(() => undefined, { settings: { slackAppToken: undefined } });
    expect(error?.hint).toContain('SLACK_APP_TOKEN');
  });

  it('ends once when its token is revoked, when its scope is taken, and when it is removed', async () => {
    const revoked = await bots();
    revoked.slack.world.dead = 'token_revoked';
    await revoked.slack.mention('Where was Einstein born?');
    await revoked.slack.waitFor(() => revoked.fatal.length > 0);
    const narrowed = await bots();
    narrowed.slack.world.scopes.delete('chat:write');
    await narrowed.slack.mention('Where was Einstein born?');
    await narrowed.slack.waitFor(() => narrowed.fatal.length > 0);
    const removed = await bots();
    await removed.slack.event({ type: 'app_uninstalled' });
    await removed.slack.waitFor(() => removed.fatal.length > 0);
    for (const { fatal } of [revoked, narrowed, removed])
      expect(fatal.map(({ hint }) => hint)).toEqual([expect.stringMatching(/install/i)]);
  });

  it('refuses requests that are signed with another secret, too old, or of the future', async () => {
    const each = await bots({ http: true });
    const { slack, builds } = each;
    for (const [skewSeconds, forged] of [
      [-400, false],
      [400, false],
      [0, true],
    ] as const) {
      Object.assign(slack.deliveries, { skewSeconds, forged });
      expect((await slack.slash('/ask', 'Where was Einstein born?')).status).toBe(401);
    }
    Object.assign(slack.deliveries, { skewSeconds: 200, forged: false });
    await slack.slash('/ask', 'Where was Einstein born?');
    await slack.said(ANSWER);
    expect(builds.asked).toHaveLength(1);
  });
});
