/** The whole Slack bot: real client library, conversation and records, against a loopback Slack and scripted builds. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openConversation } from '../../bots/conversation/conversation.ts';
import { startSlack } from '../../bots/slack/adapter.ts';
import { openFeedback } from '../../bots/state/feedback.ts';
import { openState } from '../../bots/state/state.ts';
import type { Adapter } from '../../bots/surface.ts';
import { type CoreError, openRecords, readSettings } from '../../core/index.ts';
import { freePort } from '../fixtures/free-port.ts';
import { type Script, scriptedBuilds } from '../fixtures/scripted-builds.ts';
import { openSlack } from './slack.ts';

export interface SlackBotsOptions {
  script?: Partial<Script>;
  settings?: Record<string, unknown>;
  /** Signed HTTP instead of the socket. */
  http?: boolean;
}

const SECRET = 'signing-secret';

export async function startSlackBots({
  script = {},
  settings: extra = {},
  http = false,
}: SlackBotsOptions = {}) {
  const data = await mkdtemp(join(tmpdir(), 'footnote-slack-'));
  const port = http ? await freePort() : undefined;
  const slack = await openSlack(
    port === undefined ? undefined : { url: `http://127.0.0.1:${port}/slack/events`, signingSecret: SECRET },
  );
  const way =
    port === undefined ? { slackAppToken: slack.world.appToken } : { slackSigningSecret: SECRET, port };
  const { settings } = readSettings(
    { data, slackBotToken: slack.world.token, slackApiUrl: slack.apiUrl, ...way, ...extra },
    { FOOTNOTE_CONFIG: join(data, 'none.json') },
  );
  const played: Script = { searchMs: 5, pieceMs: 5, pieces: 3, ...script };
  const builds = scriptedBuilds(played);
  const logged: { event: string; fields: Record<string, unknown> }[] = [];
  const log = (event: string, fields: Record<string, unknown> = {}) => void logged.push({ event, fields });
  const fatal: CoreError[] = [];

  const start = async () => {
    const records = await openRecords(join(data, 'bots.sqlite'));
    const state = openState(records, settings.keepDays);
    const live = builds.live(settings);
    const feedback = openFeedback(join(data, 'feedback.jsonl'));
    const conversation = openConversation({ settings, state, live, feedback, log });
    let adapter: Adapter | undefined;
    const end = async () => {
      await conversation.drain(4_000);
      await adapter?.stop();
      await live.close();
      await state.close();
    };
    try {
      adapter = await startSlack({ settings, conversation, log, fatal: (error) => void fatal.push(error) });
      return { conversation, adapter, end };
    } catch (error) {
      await end();
      throw error;
    }
  };

  let running: Awaited<ReturnType<typeof start>> | undefined;
  return {
    slack,
    data,
    builds,
    /** Can be changed while questions run. */
    script: played,
    logged,
    fatal,
    /** Where the bots listen without Socket Mode. */
    address: `http://127.0.0.1:${port}`,
    /** Connects; throws what the adapter throws. */
    async start() {
      running = await start();
      return running;
    },
    /** As a new process would, on the same data. */
    async restart() {
      await running?.end();
      running = await start();
    },
    async close() {
      await running?.end();
      await slack.close();
      await rm(data, { recursive: true, force: true });
    },
  };
}
