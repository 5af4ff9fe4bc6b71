/**
 * How Slack sends events: over the app's socket or as signed HTTP requests, and again if one is not acknowledged within
 * three seconds (at once, after one minute, after five). Knows envelopes; nothing about what they contain.
 *
 * Source: https://docs.slack.dev/apis/events-api#retries and https://docs.slack.dev/apis/events-api/using-socket-mode
 */
import { createHmac } from 'node:crypto';
import type { WebSocket } from 'ws';
import type { World } from './slack-world.ts';

export type Kind = 'events_api' | 'slash_commands' | 'interactive';

export interface Delivery {
  kind: Kind;
  payload: Record<string, unknown>;
  /** When each attempt was made, and when one was acknowledged. */
  attempts: number[];
  acknowledgedAt?: number;
  /** What the app answered: a slash command's own message. */
  answer?: Record<string, unknown> | undefined;
  /** Status of the last HTTP answer. */
  status?: number;
}

export interface HttpTarget {
  url: string;
  signingSecret: string;
}

export interface Deliveries {
  all: Delivery[];
  /** Sends, and resolves once the delivery is acknowledged or an HTTP request was refused. */
  send(kind: Kind, payload: Record<string, unknown>): Promise<Delivery>;
  /** Sends every acknowledged delivery once more, as Slack may. */
  twice: boolean;
  /** Seconds by which the sender's clock is off. */
  skewSeconds: number;
  /** Signs with another secret. */
  forged: boolean;
  connect(socket: WebSocket): void;
  sockets: Set<WebSocket>;
  /** Asks the app to connect again, or just cuts the connection. */
  disconnect(how: 'asked' | 'cut'): void;
  close(): void;
}

const ACKNOWLEDGE_MS = 3_000;
const AGAIN_MS = [0, 60_000, 300_000];
const LOOK_MS = 20;

export function openDeliveries(world: World, http?: HttpTarget): Deliveries {
  const open = new Map<string, Delivery & { dueAt: number; acknowledged: () => void }>();
  const sockets = new Set<WebSocket>();
  /** Each event goes to one of up to ten connections, in turn. */
  let turn = 0;

  const acknowledge = (id: string, answer: Record<string, unknown> | undefined) => {
    const delivery = open.get(id);
    if (delivery === undefined) return;
    delivery.acknowledgedAt ??= world.now();
    delivery.answer ??= answer;
    const repeat = deliveries.twice && delivery.attempts.length === 1;
    if (repeat) void attempt(id);
    else open.delete(id);
    delivery.acknowledged();
  };

  const attempt = async (id: string): Promise<void> => {
    const delivery = open.get(id);
    if (delivery === undefined) return;
    const { attempts, kind, payload } = delivery;
    delivery.dueAt = world.now() + ACKNOWLEDGE_MS + (AGAIN_MS[attempts.length] ?? Number.POSITIVE_INFINITY);
    if (http !== undefined) {
      attempts.push(world.now());
      delivery.status = await request(http, kind, payload, attempts.length - 1, id);
      if (delivery.status !== 200) delivery.acknowledged();
      return;
    }
    const ready = [...sockets].filter((socket) => socket.readyState === socket.OPEN);
    const socket = ready[turn++ % Math.max(1, ready.length)];
    if (socket === undefined) {
      delivery.dueAt = world.now() + LOOK_MS; // the app is not connected yet
      return;
    }
    attempts.push(world.now());
    const retry = attempts.length > 1 && kind === 'events_api';
    const envelope = {
      type: kind,
      envelope_id: id,
      payload,
      accepts_response_payload: kind !== 'events_api',
      ...(retry && { retry_attempt: attempts.length - 1, retry_reason: 'timeout' }),
    };
    socket.send(JSON.stringify(envelope));
  };

  const request = async (
    { url, signingSecret }: HttpTarget,
    kind: Kind,
    payload: object,
    retry: number,
    id: string,
  ) => {
    const json = JSON.stringify(payload);
    const form =
      kind === 'slash_commands'
        ? new URLSearchParams(payload as Record<string, string>)
        : new URLSearchParams({ payload: json });
    const body = kind === 'events_api' ? json : form.toString();
    const timestamp = Math.floor(world.now() / 1000) + deliveries.skewSeconds;
    const secret = deliveries.forged ? 'another secret' : signingSecret;
    const response = await fetch(url, {
      method: 'POST',
      headers: {
        'content-type': kind === 'events_api' ? 'application/json' : 'application/x-www-form-urlencoded',
        'x-slack-request-timestamp': String(timestamp),
        'x-slack-signature': `v0=${createHmac('sha256', secret).update(`v0:${timestamp}:${body}`).digest('hex')}`,
        ...(retry > 0 && { 'x-slack-retry-num': String(retry), 'x-slack-retry-reason': 'http_timeout' }),
      },
      body,
    }).catch(() => undefined);
    const text = (await response?.text()) ?? '';
    if (response?.status === 200) acknowledge(id, text.startsWith('{') ? JSON.parse(text) : undefined);
    return response?.status ?? 0;
  };

  const timer = setInterval(() => {
    for (const [id, delivery] of open) {
      if (world.now() < delivery.dueAt) continue;
      // Interactions are sent only once; an attempt without a connected app does not count.
      if (delivery.attempts.length > 0 && delivery.kind !== 'events_api') open.delete(id);
      else void attempt(id);
    }
  }, LOOK_MS);

  const deliveries: Deliveries = {
    all: [],
    twice: false,
    skewSeconds: 0,
    forged: false,
    sockets,
    send: (kind, payload) =>
      new Promise((resolve) => {
        const id = world.nextId('E');
        const delivery: Delivery = { kind, payload, attempts: [] };
        deliveries.all.push(delivery);
        open.set(id, Object.assign(delivery, { dueAt: 0, acknowledged: () => resolve(delivery) }));
        void attempt(id);
      }),
    connect(socket) {
      sockets.add(socket);
      socket.on('close', () => sockets.delete(socket));
      socket.on('message', (data) => {
        const { envelope_id, payload } = JSON.parse(String(data)) as {
          envelope_id: string;
          payload?: Record<string, unknown>;
        };
        acknowledge(envelope_id, payload);
      });
      socket.send(JSON.stringify({ type: 'hello', num_connections: sockets.size }));
    },
    disconnect(how) {
      for (const socket of sockets)
        if (how === 'cut') socket.terminate();
        else socket.send(JSON.stringify({ type: 'disconnect', reason: 'refresh_requested' }));
    },
    close() {
      clearInterval(timer);
      for (const socket of sockets) socket.terminate();
    },
  };
  return deliveries;
}
