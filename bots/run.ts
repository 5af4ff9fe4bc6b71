/**
 * The bots from start to end: one conversation, the adapters whose tokens are set, a health endpoint, a drain.
 * Knows what is started and stopped in which order; loads a vendor's library only where its token is set.
 */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import {
  botPlatforms,
  CoreError,
  holdLock,
  openRecords,
  type Settings,
  toCoreError,
  trafficFiles,
} from '../core/index.ts';
import { type LiveBuild, liveBuild } from './answer/live-build.ts';
import { openConversation } from './conversation/conversation.ts';
import { type HealthEndpoint, openHealth } from './health.ts';
import { soon } from './soon.ts';
import { openFeedback } from './state/feedback.ts';
import { openState } from './state/state.ts';
import type { Adapter, Log, PlatformName, StartAdapter } from './surface.ts';

export interface BotsOptions {
  /** Only this platform, even if the other's token is set too. */
  only?: PlatformName;
  /** Ends the bots: they drain, close and resolve. */
  signal: AbortSignal;
  log?: Log;
}

interface KnownPlatform {
  variable: string;
  start(): Promise<StartAdapter>;
  /** What to set up with the vendor: for a program, and as text for a person. */
  setup(settings: Settings): Promise<{ facts: unknown; text: string }>;
}

const PLATFORMS: Record<PlatformName, KnownPlatform> = {
  discord: {
    variable: 'DISCORD_TOKEN',
    start: async () => (await import('./discord/adapter.ts')).startDiscord,
    async setup({ discordToken }) {
      const { discordSetup, discordSetupText } = await import('./discord/setup.ts');
      const facts = discordSetup(discordToken);
      return { facts, text: discordSetupText(facts) };
    },
  },
  slack: {
    variable: 'SLACK_BOT_TOKEN',
    start: async () => (await import('./slack/adapter.ts')).startSlack,
    async setup() {
      const text = (await import('./slack/setup.ts')).slackSetup();
      return { facts: JSON.parse(text), text };
    },
  },
};

/** `CLOSE_MS` adds up to the 10 s that a service manager allows; `conversation` includes the drain. */
const DRAIN_MS = 6_000;
const CLOSE_MS = { conversation: 7_000, build: 1_000, records: 1_000, lock: 500, health: 500 };

/** What an admin must set up with the vendors, for one platform or for all: as text, or as JSON by platform. */
export async function botsSetup(settings: Settings, json: boolean, only?: PlatformName): Promise<string> {
  const names = only === undefined ? (Object.keys(PLATFORMS) as PlatformName[]) : [only];
  const setups = await Promise.all(
    names.map(async (name) => [name, await PLATFORMS[name].setup(settings)] as const),
  );
  return json
    ? JSON.stringify(Object.fromEntries(setups.map(([name, { facts }]) => [name, facts])), null, 2)
    : setups.map(([, { text }]) => text).join('\n\n');
}

/** One line of JSON on stderr. */
const logLine: Log = (event, fields = {}) => {
  process.stderr.write(`${JSON.stringify({ time: new Date().toISOString(), event, ...fields })}\n`);
};

/**
 * Runs until `signal` aborts, then drains within 10 s and resolves.
 * Throws `CoreError`: `usage` (no token), `locked` (other bots use this data folder), or what an adapter calls fatal.
 */
export async function runBots(
  settings: Settings,
  { only, signal, log = logLine }: BotsOptions,
): Promise<void> {
  const names = botPlatforms(settings).filter((name) => only === undefined || name === only);
  if (names.length === 0) throw noToken(only);
  const closing: { part: keyof typeof CLOSE_MS; close(): Promise<unknown> }[] = [];
  const files = trafficFiles(settings.data);
  const failure = new AbortController();
  const fatal = (error: CoreError) => failure.abort(error);
  let draining = false;
  try {
    closing.push({ part: 'lock', close: await lockData(settings.data, fatal) });
    const records = await openRecords(files.records);
    closing.push({ part: 'records', close: () => records.close() });
    const live = liveBuild(settings, log);
    closing.push({ part: 'build', close: () => live.close() });
    const state = openState(records, settings.keepDays);
    const feedback = openFeedback(files.verdicts);
    const conversation = openConversation({ settings, state, live, feedback, log });
    warm(live).catch((error) => log('build-not-opened', { code: toCoreError(error).code }));
    const ended = aborted(AbortSignal.any([signal, failure.signal]));

    const adapters = new Map<PlatformName, Adapter>();
    let health: HealthEndpoint | undefined;
    if (settings.healthPort !== undefined) {
      const facts = () => ({
        draining,
        questions: conversation.counts(),
        platforms: Object.fromEntries(
          names.map((name) => [name, adapters.get(name)?.health() ?? { connected: false, reconnects: 0 }]),
        ),
      });
      const opened = await openHealth(settings.healthPort, facts);
      closing.push({ part: 'health', close: () => opened.close() });
      health = opened;
    }
    closing.push({
      part: 'conversation',
      async close() {
        draining = true;
        await conversation.drain(DRAIN_MS);
        await Promise.allSettled([...adapters.values()].map((adapter) => adapter.stop()));
      },
    });

    const starting = names.map(async (name) => {
      const start = await PLATFORMS[name].start();
      adapters.set(name, await start({ settings, conversation, log, fatal }));
      log('platform-ready', { platform: name });
    });
    await Promise.race([Promise.all(starting), ended]);
    if (adapters.size === names.length) {
      health?.ready();
      log('bots-ready', { platforms: names.join(' ') });
    }
    await ended;
    failure.signal.throwIfAborted();
  } finally {
    log('bots-ending');
    // One part that hangs or fails does not keep the others open.
    for (const { part, close } of closing.reverse())
      await soon(close(), CLOSE_MS[part]).catch(() => log('close-failed', { part }));
    log('bots-ended');
  }
}

/** Starts the processes of the active build, so that the first question does not wait for them. */
async function warm(live: LiveBuild): Promise<void> {
  const { build, release } = await live.lease();
  try {
    await Promise.all([build.search({ question: 'Wikipedia', k: 1 }), build.generatorName()]);
  } finally {
    release();
  }
}

function noToken(only: PlatformName | undefined): CoreError {
  const wanted = Object.entries(PLATFORMS).filter(([name]) => only === undefined || name === only);
  const variables = wanted.map(([, { variable }]) => variable).join(' or ');
  return new CoreError('usage', `There is no bot token for ${only ?? 'Discord or Slack'}.`, {
    hint: `Set ${variables}; \`footnote bots --print-setup\` says how to get one.`,
  });
}

async function lockData(data: string, onLost: (error: CoreError) => void): Promise<() => Promise<void>> {
  await mkdir(data, { recursive: true }).catch((error) => {
    throw toCoreError(error);
  });
  return holdLock({
    path: join(data, '.bots.lock'),
    held: {
      message: `Other bots are already using ${data}.`,
      hint: 'Stop them first, or use another data folder with --data DIR.',
    },
    onLost,
  });
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
