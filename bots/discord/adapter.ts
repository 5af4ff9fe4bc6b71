/**
 * Discord: one client, connected, with its commands registered and its events handed to the conversation.
 * Knows the connection and what ends it; the rest is in the files beside it.
 */
import {
  Client,
  DiscordjsError,
  DiscordjsErrorCodes,
  Events,
  GatewayIntentBits,
  Options,
  Partials,
  Status,
} from 'discord.js';
import pRetry from 'p-retry';
import { CoreError, isCoreError, type Settings, toCoreError } from '../../core/index.ts';
import type { Adapter, AdapterDeps, StartAdapter } from '../surface.ts';
import { registerCommands } from './commands.ts';
import { listen } from './events.ts';
import { refusalOf, tokenError } from './failure.ts';
import { openSurface, type Start } from './surface.ts';

const EDIT_MS = 1_250;
const REQUEST_MS = 10_000;
const READY_MS = 60_000;
/** About four minutes of attempts. */
const CONNECT = { retries: 8, factor: 2, minTimeout: 1_000, maxTimeout: 60_000 };
/** Messages cached per channel, so that the message a reply quotes is available. */
const MESSAGES = 10;

/** See {@link StartAdapter}. */
export const startDiscord: StartAdapter = async (deps) => {
  const { settings, conversation, log } = deps;
  const { discordToken: token } = settings;
  if (token === undefined)
    throw new CoreError('usage', 'There is no Discord bot token.', { hint: 'Set DISCORD_TOKEN.' });
  let ended = false;
  const fatal = (error: CoreError) => {
    if (!ended) deps.fatal(error);
    ended = true;
  };
  const client = await pRetry(() => connect(token, { ...deps, fatal }), {
    ...CONNECT,
    shouldRetry: ({ error }) => toCoreError(error).retryable,
    onFailedAttempt: ({ attemptNumber: attempt }) => log('connect-failed', { platform: 'discord', attempt }),
  });
  const { rest } = client;
  const application = client.application.id;
  const open = (start: Start) => openSurface({ rest, application, lost: fatal }, start);
  await conversation.attach({
    name: 'discord',
    editEveryMs: EDIT_MS,
    open: (target) => open(target as Start),
  });
  await registerCommands(rest, application).then(
    (changed) => log('commands', { platform: 'discord', registered: changed }),
    (error) => {
      if (refusalOf(error) === 'token') fatal(tokenError(error));
      log('commands-failed', { platform: 'discord', reason: refusalOf(error) });
    },
  );
  return adapterOf(client, () => {
    ended = true;
  });
};

function adapterOf(client: Client<true>, onStop: () => void): Adapter {
  return {
    async stop() {
      onStop();
      await client.destroy();
    },
    health() {
      const { shards, ping } = client.ws;
      const up = shards.filter(({ status }) => status === Status.Ready).size;
      return {
        connected: up === shards.size && up > 0,
        shards: shards.size,
        up,
        guilds: client.guilds.cache.size,
        ping,
      };
    },
  };
}

/** A ready client with listeners. Throws `CoreError`: `usage` for what an admin must fix, `network` for the rest. */
async function connect(token: string, deps: AdapterDeps): Promise<Client<true>> {
  const { settings, log, fatal } = deps;
  const client = new Client(optionsOf(settings));
  client.on(Events.Error, (error) => log('client-error', { platform: 'discord', name: error.name }));
  client.on(Events.ShardError, (_, shard) => log('shard-error', { platform: 'discord', shard }));
  client.on(Events.ShardReconnecting, (shard) => log('shard-reconnecting', { platform: 'discord', shard }));
  try {
    await new Promise<void>((resolve, reject) => {
      const late = setTimeout(() => reject(unreachable()), READY_MS);
      let ready = false;
      client.on(Events.ShardDisconnect, ({ code }) => {
        clearTimeout(late);
        const error = closeError(code);
        if (ready) fatal(error);
        else reject(error);
      });
      client.once(Events.ClientReady, (connected) => {
        ready = true;
        clearTimeout(late);
        listen(connected, deps, (start) =>
          openSurface({ rest: connected.rest, application: connected.application.id, lost: fatal }, start),
        );
        resolve();
      });
      client.login(token).catch((error) => {
        clearTimeout(late);
        reject(error);
      });
    });
  } catch (error) {
    await client.destroy();
    throw loginError(error);
  }
  return client as Client<true>;
}

function optionsOf(settings: Settings): ConstructorParameters<typeof Client>[0] {
  const { Guilds, GuildMessages, DirectMessages, MessageContent } = GatewayIntentBits;
  return {
    intents: [Guilds, GuildMessages, DirectMessages, ...(settings.messageContent ? [MessageContent] : [])],
    partials: [Partials.Channel], // without it no DM arrives
    shards: 'auto',
    allowedMentions: { parse: [] },
    makeCache: Options.cacheWithLimits({
      ...Options.DefaultMakeCacheSettings,
      MessageManager: MESSAGES,
      ReactionManager: 0,
      PresenceManager: 0,
      VoiceStateManager: 0,
      GuildEmojiManager: 0,
      GuildStickerManager: 0,
    }),
    rest: {
      ...(settings.discordApiUrl !== undefined && { api: apiOf(settings.discordApiUrl) }),
      timeout: REQUEST_MS,
      retries: 1,
      // A stale edit must not wait in discord.js's queue: the newest one is sent once the limit is over.
      rejectOnRateLimit: ({ route }) => /\/messages|^\/webhooks/.test(route),
    },
  };
}

/** Accepts `https://discord.com` as well as `https://discord.com/api`. */
function apiOf(address: string): string {
  const url = new URL(address);
  if (url.pathname === '/') url.pathname = '/api';
  return url.href.replace(/\/+$/, '');
}

function loginError(error: unknown): CoreError {
  if (isCoreError(error)) return error;
  const invalid = error instanceof DiscordjsError && error.code === DiscordjsErrorCodes.TokenInvalid;
  return invalid || refusalOf(error) === 'token' ? tokenError(error) : unreachable(error);
}

function unreachable(cause?: unknown): CoreError {
  return new CoreError('network', 'Discord could not be reached.', {
    retryable: true,
    hint: 'Check the connection to the internet, and DISCORD_API_URL where it is set.',
    cause,
  });
}

/** The error for a close code after which the gateway allows no reconnect (Discord "Gateway Close Event Codes"). */
function closeError(code: number): CoreError {
  if (code === 4004) return tokenError();
  if (code === 4013 || code === 4014)
    return new CoreError('usage', `Discord refused the bot’s intents (close code ${code}).`, {
      hint: 'Switch on “Message Content Intent” under “Bot” at https://discord.com/developers/applications, or unset FOOTNOTE_MESSAGE_CONTENT.',
    });
  return new CoreError('usage', `Discord closed the connection for good (close code ${code}).`, {
    hint: 'Update Footnote, then start again.',
  });
}
