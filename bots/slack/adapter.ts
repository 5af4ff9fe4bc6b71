/**
 * The Slack adapter: checks the token, connects, hands events to the conversation. Knows how the parts fit together;
 * nothing about events or payloads.
 */
import { App, type Logger, LogLevel, webApi } from '@slack/bolt';
import { CoreError } from '../../core/index.ts';
import { intake } from '../event-loop.ts';
import type { AdapterDeps, Log, Platform, StartAdapter } from '../surface.ts';
import { openBudget } from './budget.ts';
import type { Calls } from './calls.ts';
import { type Connection, httpConnection, socketConnection } from './connection.ts';
import { listenToEvents } from './events.ts';
import { slackError } from './failure.ts';
import { openGroups } from './groups.ts';
import { openLocales } from './locale.ts';
import { listenToPresses } from './presses.ts';
import { NEEDED_SCOPES, SCOPES } from './scopes.ts';
import { openSurface } from './surface.ts';

const TIMEOUT_MS = 10_000;
/** `chat.update` takes about 50 a minute. */
const EDIT_MS = 1_250;

/** Connects with Socket Mode if there is an app token, else listens for signed HTTP requests. */
export const startSlack: StartAdapter = async (deps) => {
  const { settings, conversation, log } = deps;
  const token = settings.slackBotToken;
  if (token === undefined)
    throw new CoreError('usage', 'There is no Slack bot token.', { hint: 'Set SLACK_BOT_TOKEN (xoxb-…).' });
  const logger = libraryLogger(log);
  const clientOptions: webApi.WebClientOptions = {
    timeout: TIMEOUT_MS,
    // The conversation retries what must arrive; what may be left out is not retried.
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
    logger,
    ...(settings.slackApiUrl !== undefined && { slackApiUrl: settings.slackApiUrl }),
  };

  let ended = false;
  const fatal = (error: CoreError) => {
    if (ended) return;
    ended = true;
    deps.fatal(error);
  };
  const client = new webApi.WebClient(token, clientOptions);
  const calls: Calls = { client, budget: openBudget(), log, now: Date.now, fatal };
  const connection = connectionOf(deps, calls, clientOptions, logger);
  const tested = await client.auth.test().catch((thrown) => {
    throw slackError(thrown);
  });
  checkScopes(tested.response_metadata?.scopes, log);
  const [bot = '', botId = ''] = [tested.user_id, tested.bot_id];
  const app = new App({
    receiver: connection.receiver,
    authorize: async () => ({ botToken: token, botId, botUserId: bot }),
    clientOptions,
    logger,
    convoStore: false,
  });
  const take = app.processEvent.bind(app);
  app.processEvent = (event) => intake().then(() => take(event)); // Bolt takes a millisecond for each
  app.error(async (error) =>
    log('slack-event-failed', { code: error.code, message: error.message.slice(0, 200) }),
  );
  const groups = openGroups(calls, settings.allowRoles);
  const parts = {
    calls,
    conversation,
    locales: openLocales(calls),
    groups,
    bot,
    keepDays: settings.keepDays,
  };
  listenToEvents(app, parts);
  listenToPresses(app, parts);

  await connection.open();
  const platform: Platform = {
    name: 'slack',
    editEveryMs: EDIT_MS,
    open: (target) => openSurface(calls, target),
  };
  await conversation.attach(platform);
  log('slack-ready', { socket: settings.slackAppToken !== undefined });
  return {
    stop: connection.close,
    health: () => ({ connected: connection.connected(), reconnects: connection.reconnects() }),
  };
};

/** Slack lists a token's scopes with each response; if it does not, the first call that lacks one says which. */
function checkScopes(given: string[] | undefined, log: Log): void {
  const missing = given === undefined ? [] : SCOPES.filter((scope) => !given.includes(scope));
  const needed = missing.filter((scope) => NEEDED_SCOPES.includes(scope));
  if (needed.length > 0)
    throw new CoreError('usage', `The Slack app lacks the scopes ${needed.join(', ')}.`, {
      hint: 'Update the app with the manifest that `footnote bots --print-setup` prints, then install it again.',
    });
  if (missing.length > 0) log('slack-scopes-missing', { scopes: missing.join(' ') });
}

function connectionOf(
  { settings }: AdapterDeps,
  calls: Calls,
  clientOptions: webApi.WebClientOptions,
  logger: Logger,
): Connection {
  const { slackAppToken, slackSigningSecret: signingSecret, port } = settings;
  if (slackAppToken !== undefined) return socketConnection(calls, slackAppToken, clientOptions, logger);
  if (signingSecret !== undefined && port !== undefined)
    return httpConnection(calls, { signingSecret, port }, logger);
  throw new CoreError('usage', 'Slack has a bot token, but no way to send events.', {
    hint: 'Set SLACK_APP_TOKEN (xapp-…) for Socket Mode, or SLACK_SIGNING_SECRET and PORT for HTTP.',
  });
}

/** The libraries' warnings as log lines: nothing on stdout, and no address that holds a secret. */
function libraryLogger(log: Log): Logger {
  const tell =
    (level: string) =>
    (...said: unknown[]) => {
      const message = said
        .map(String)
        .join(' ')
        .replace(/(?:https?|wss?):\/\/\S+/g, '<address>');
      log('slack-library', { level, message: message.slice(0, 200) });
    };
  const quiet = () => undefined;
  return {
    debug: quiet,
    info: quiet,
    warn: tell('warn'),
    error: tell('error'),
    setLevel: quiet,
    getLevel: () => LogLevel.WARN,
    setName: quiet,
  };
}
