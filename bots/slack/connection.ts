/**
 * How events reach the app: over Slack's socket, opened again whenever it is lost, or as signed HTTP requests.
 * Knows connections; nothing about what comes over them.
 */
import { createServer, type IncomingMessage } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { HTTPReceiver, type Logger, type Receiver, SocketModeReceiver, type webApi } from '@slack/bolt';
import { CoreError } from '../../core/index.ts';
import type { Calls } from './calls.ts';
import { isFatal, slackError } from './failure.ts';

export interface Connection {
  receiver: Receiver;
  /** Resolves once events can arrive. Throws a CoreError that says what to fix. */
  open(): Promise<void>;
  close(): Promise<void>;
  connected(): boolean;
  /** How often the socket was reopened. */
  reconnects(): number;
}

const BACK_OFF_MS = { first: 500, most: 30_000 };
const SKEW_SECONDS = 300;

/** @param appToken the `xapp-…` token, with `connections:write` */
export function socketConnection(
  { log, fatal }: Pick<Calls, 'log' | 'fatal'>,
  appToken: string,
  clientOptions: webApi.WebClientOptions,
  logger: Logger,
): Connection {
  const receiver = new SocketModeReceiver({
    appToken,
    logger,
    installerOptions: { clientOptions },
    // The library's own reconnection ends the process if the network is down at that moment.
    autoReconnectEnabled: false,
  });
  const { client } = receiver;
  const stopping = new AbortController();
  const { signal } = stopping;
  let connected = false;
  let reconnects = 0;

  const openAgain = async (): Promise<void> => {
    for (let wait = BACK_OFF_MS.first; !signal.aborted; wait = Math.min(2 * wait, BACK_OFF_MS.most)) {
      try {
        await client.start();
        if (signal.aborted) return await client.disconnect();
        reconnects += 1;
        return;
      } catch (thrown) {
        const error = slackError(thrown);
        if (isFatal(error)) return fatal(error);
        log('slack-reconnect-failed', { code: String(error.details.slack ?? error.code), againInMs: wait });
        await delay(wait, undefined, { signal }).catch(() => undefined);
      }
    }
  };

  return {
    receiver,
    async open() {
      try {
        await client.start();
      } catch (thrown) {
        throw slackError(thrown);
      }
      connected = true;
      client.on('connected', () => {
        connected = true;
        log('slack-connected', { reconnects });
      });
      client.on('disconnected', () => {
        if (!connected) return;
        connected = false;
        log('slack-disconnected');
        if (!signal.aborted) void openAgain();
      });
    },
    async close() {
      stopping.abort();
      if (connected) await client.disconnect();
      connected = false;
    },
    connected: () => connected,
    reconnects: () => reconnects,
  };
}

export function httpConnection(
  { log, now }: Pick<Calls, 'log' | 'now'>,
  { signingSecret, port }: { signingSecret: string; port: number },
  logger: Logger,
): Connection {
  const receiver = new HTTPReceiver({ signingSecret, logger, endpoints: ['/', '/slack/events'] });
  const server = createServer((incoming, outgoing) => {
    // Bolt refuses only old timestamps; a request dated in the future could be replayed until then.
    if (secondsAhead(incoming, now()) > SKEW_SECONDS) {
      log('slack-request-refused', { why: 'clock skew' });
      return outgoing.writeHead(401).end();
    }
    try {
      receiver.requestListener(incoming, outgoing);
    } catch {
      // Bolt throws on any other path or method.
      outgoing.writeHead(404).end();
    }
  });
  return {
    receiver,
    open: () =>
      new Promise((resolve, reject) => {
        server.once('error', (cause: NodeJS.ErrnoException) =>
          reject(
            new CoreError('usage', `Port ${port} cannot be used for Slack (${cause.code}).`, {
              hint: 'Choose another one with PORT or --port.',
              cause,
            }),
          ),
        );
        server.listen(port, resolve);
      }),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeIdleConnections();
      }),
    connected: () => server.listening,
    reconnects: () => 0,
  };
}

function secondsAhead({ headers }: IncomingMessage, now: number): number {
  return Number(headers['x-slack-request-timestamp'] ?? 0) - now / 1000;
}
