/**
 * Discord's gateway on a loopback WebSocket: hello, identify, heartbeats, resume with replay, opcodes 7 and 9, close codes,
 * and message content only where an intent or the message's kind allows it. Knows sessions; nothing about REST.
 */
import type { Server } from 'node:http';
import {
  GatewayIntentBits,
  type GatewayReceivePayload,
  type GatewaySendPayload,
  GatewayOpcodes as Op,
} from 'discord-api-types/v10';
import { type WebSocket, WebSocketServer } from 'ws';
import type { StoredMessage, World } from './discord-world.ts';

const HEARTBEAT_MS = 41_250;
const SENDS = { most: 120, ms: 60_000 };
const KEPT = 2_000;
const INTENT_BITS = Object.values(GatewayIntentBits).filter((bit) => typeof bit === 'number');
const ALL_INTENTS = INTENT_BITS.reduce((all, bit) => all | bit, 0);

export interface GatewayRules {
  token: string;
  /** The Message Content intent is switched on in the application's settings. */
  messageContent: boolean;
}

export interface Session {
  id: string;
  intents: number;
  shard: [number, number];
  seq: number;
  sent: { seq: number; data: string }[];
  socket: WebSocket | undefined;
  /** A resume is answered with op 9. */
  lost: boolean;
}

export interface Gateway {
  url: string;
  sessions: Session[];
  counts: { identify: number; resume: number; heartbeat: number };
  /** Broken rules of the client. */
  broken: string[];
  dispatch(event: string, data: object): void;
  /** A new message, as each session may see it. */
  message(
    message: StoredMessage,
    facts: { guild?: string | undefined; member?: object | undefined; channelType: number },
  ): void;
  /** Cuts the connections: abruptly, with a close code, or with op 7. */
  cut(how?: 'abruptly' | 'reconnect' | number): void;
  /** Ends the sessions with op 9, so that the client must identify again. */
  invalidate(): void;
  /** The close code of the next IDENTIFY. */
  refuseNext(code: number): void;
  close(): Promise<void>;
}

export function openGateway(
  server: Server,
  world: World,
  rules: GatewayRules,
  address: () => string,
): Gateway {
  const sockets = new WebSocketServer({ server });
  const sessions: Session[] = [];
  const counts = { identify: 0, resume: 0, heartbeat: 0 };
  const broken: string[] = [];
  let refusal: number | undefined;

  const send = (socket: WebSocket, payload: Partial<GatewayReceivePayload>) =>
    socket.send(JSON.stringify(payload));

  const deliver = (session: Session, event: string, data: object) => {
    session.seq += 1;
    const payload = JSON.stringify({ op: Op.Dispatch, t: event, s: session.seq, d: data });
    session.sent.push({ seq: session.seq, data: payload });
    if (session.sent.length > KEPT) session.sent.shift();
    session.socket?.send(payload);
  };

  const identify = (
    socket: WebSocket,
    { token, intents, shard = [0, 1] }: { token: string; intents: number; shard?: [number, number] },
  ) => {
    counts.identify += 1;
    const code = refusal;
    refusal = undefined;
    if (code !== undefined) return socket.close(code);
    if (token !== rules.token) return socket.close(4004, 'Authentication failed.');
    if ((intents & ~ALL_INTENTS) !== 0) return socket.close(4013, 'Invalid intent(s).');
    if ((intents & GatewayIntentBits.MessageContent) !== 0 && !rules.messageContent)
      return socket.close(4014, 'Disallowed intent(s).');
    const session: Session = {
      id: `session-${world.newId()}`,
      intents,
      shard,
      seq: 0,
      sent: [],
      socket,
      lost: false,
    };
    sessions.push(session);
    const home = Number(BigInt(world.guild) >> 22n) % shard[1] === shard[0];
    deliver(session, 'READY', {
      v: 10,
      user: world.bot,
      guilds: home ? [{ id: world.guild, unavailable: true }] : [],
      session_id: session.id,
      resume_gateway_url: address(),
      shard,
      application: { id: world.application, flags: 0 },
    });
    if (home) deliver(session, 'GUILD_CREATE', world.guildCreate());
    return session;
  };

  const resume = (
    socket: WebSocket,
    { token, session_id, seq }: { token: string; session_id: string; seq: number },
  ) => {
    counts.resume += 1;
    if (token !== rules.token) return socket.close(4004);
    const session = sessions.find(({ id }) => id === session_id);
    if (session === undefined || session.lost) return send(socket, { op: Op.InvalidSession, d: false });
    if (seq > session.seq) return socket.close(4007);
    session.socket = socket;
    for (const { seq: past, data } of session.sent) if (past > seq) socket.send(data);
    deliver(session, 'RESUMED', {});
    return undefined;
  };

  sockets.on('connection', (socket) => {
    let times: number[] = [];
    send(socket, { op: Op.Hello, d: { heartbeat_interval: HEARTBEAT_MS }, s: null, t: null } as never);
    socket.on('close', () => {
      for (const session of sessions) if (session.socket === socket) session.socket = undefined;
    });
    socket.on('message', (raw) => {
      times = [...times.filter((at) => Date.now() - at < SENDS.ms), Date.now()];
      if (times.length > SENDS.most) {
        broken.push('more than 120 gateway sends in 60 s');
        return socket.close(4008);
      }
      const payload = JSON.parse(String(raw)) as GatewaySendPayload;
      const known = sessions.some((session) => session.socket === socket);
      if (payload.op === Op.Heartbeat) {
        counts.heartbeat += 1;
        send(socket, { op: Op.HeartbeatAck } as never);
      } else if (payload.op === Op.Identify) {
        if (known) return socket.close(4005);
        identify(socket, payload.d as never);
      } else if (payload.op === Op.Resume) resume(socket, payload.d as never);
      else if (!known) socket.close(4003);
    });
  });

  return {
    get url() {
      return address();
    },
    sessions,
    counts,
    broken,
    dispatch(event, data) {
      for (const session of live(sessions)) if (session.shard[0] === 0) deliver(session, event, data);
    },
    message(message, { guild, member, channelType }) {
      const intent = guild === undefined ? GatewayIntentBits.DirectMessages : GatewayIntentBits.GuildMessages;
      const { onlyFor: _, token: __, edits: ___, files: ____, ...wire } = message;
      const whole = {
        ...wire,
        channel_type: channelType,
        ...(guild !== undefined && { guild_id: guild, ...(member && { member }) }),
      };
      for (const session of live(sessions)) {
        const shard = guild === undefined ? 0 : Number(BigInt(guild) >> 22n) % session.shard[1];
        if ((session.intents & intent) === 0 || session.shard[0] !== shard) continue;
        deliver(session, 'MESSAGE_CREATE', seenBy(session, whole, world.bot.id));
      }
    },
    cut(how = 'abruptly') {
      for (const { socket } of sessions) {
        if (how === 'abruptly') socket?.terminate();
        else if (how === 'reconnect') socket?.send(JSON.stringify({ op: Op.Reconnect, d: null }));
        else socket?.close(how);
      }
    },
    invalidate() {
      for (const session of sessions) {
        session.lost = true;
        session.socket?.send(JSON.stringify({ op: Op.InvalidSession, d: false }));
      }
    },
    refuseNext(code) {
      refusal = code;
    },
    async close() {
      for (const client of sockets.clients) client.terminate();
      await new Promise<void>((resolve) => sockets.close(() => resolve()));
    },
  };
}

/** Sessions that still get events: now, or when they are resumed. */
function live(sessions: Session[]): Session[] {
  const newest = new Map(sessions.filter(({ lost }) => !lost).map((session) => [session.shard[0], session]));
  return [...newest.values()];
}

type Wire = Omit<StoredMessage, 'onlyFor' | 'token' | 'edits' | 'files'> & { guild_id?: string };

/** Without the intent, a message or a quoted one has content only if it is a DM, is the bot's, or mentions the bot. */
function seenBy({ intents }: Session, message: Wire, bot: string): Wire {
  if ((intents & GatewayIntentBits.MessageContent) !== 0 || message.guild_id === undefined) return message;
  const blanked = <T extends Pick<Wire, 'author' | 'mentions'>>(one: T): T =>
    one.author.id === bot || one.mentions.some(({ id }) => id === bot)
      ? one
      : { ...one, content: '', embeds: [], attachments: [], components: [] };
  const { referenced_message: quoted } = message;
  return { ...blanked(message), ...(quoted && { referenced_message: blanked(quoted) }) };
}
