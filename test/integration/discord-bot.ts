/** The Discord adapter with the real discord.js and the real conversation, over scripted builds and the loopback server. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openConversation, type RunningConversation } from '../../bots/conversation/conversation.ts';
import { startDiscord } from '../../bots/discord/adapter.ts';
import { openFeedback } from '../../bots/state/feedback.ts';
import { openState } from '../../bots/state/state.ts';
import type { Adapter } from '../../bots/surface.ts';
import { readSettings, type Settings } from '../../core/config.ts';
import type { CoreError } from '../../core/errors.ts';
import type { Answer } from '../../core/index.ts';
import { openRecords, type Records } from '../../core/store/records.ts';
import type { Discord, StoredMessage } from '../fakes/discord.ts';
import { type Script, scriptedBuilds } from '../fixtures/scripted-builds.ts';

export interface Bot {
  conversation: RunningConversation;
  adapter: Adapter;
  /** Questions that reached the core. */
  asked: { question: string; method: string | undefined }[];
  fatal: CoreError[];
  log: { event: string; [field: string]: unknown }[];
  feedback(): Promise<string>;
  /** Drains for `ms`, then ends the bot; its records stay. */
  stop(ms?: number): Promise<void>;
}

export interface BotOptions {
  settings?: Partial<Settings>;
  script?: Partial<Script>;
  /** Changes what the core answers. */
  rewrite?: (answer: Answer) => Answer;
}

/** A folder for the records of bots that follow each other. */
export async function openHome(): Promise<{ folder: string; close(): Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'footnote-discord-'));
  return { folder, close: () => rm(folder, { recursive: true }) };
}

export async function startBot(discord: Discord, folder: string, options: BotOptions = {}): Promise<Bot> {
  const settings: Settings = {
    ...readSettings({}, { FOOTNOTE_CONFIG: '/nowhere' }).settings,
    data: folder,
    discordToken: discord.token,
    discordApiUrl: discord.url,
    ...options.settings,
  };
  const records: Records = await openRecords(join(folder, 'bots.sqlite'));
  const { rewrite } = options;
  const scripted = scriptedBuilds({ searchMs: 5, pieceMs: 5, pieces: 4, rewrite, ...options.script });
  const log: Bot['log'] = [];
  const fatal: CoreError[] = [];
  const feedbackFile = join(folder, 'feedback.jsonl');
  const conversation = openConversation({
    settings,
    state: openState(records, settings.keepDays),
    live: scripted.live(settings),
    feedback: openFeedback(feedbackFile),
    log: (event, fields = {}) => void log.push({ event, ...fields }),
  });
  const adapter = await startDiscord({
    settings,
    conversation,
    log: (event, fields = {}) => void log.push({ event, ...fields }),
    fatal: (error) => void fatal.push(error),
  }).catch(async (error) => {
    await records.close();
    throw error;
  });
  return {
    conversation,
    adapter,
    asked: scripted.asked,
    fatal,
    log,
    feedback: () => readFile(feedbackFile, 'utf8'),
    async stop(ms = 3_100) {
      await conversation.drain(ms);
      await adapter.stop();
      await records.close();
    },
  };
}

/** Everything that a message says, its embeds included. */
export function textOf({ content, embeds }: StoredMessage): string {
  return [content, ...embeds.flatMap(({ title, description }) => [title, description])]
    .filter(Boolean)
    .join('\n');
}
