/**
 * Messages that one person sees: through the `response_url` of what they did, else ephemeral, else as a direct message.
 * Knows how often and how long a `response_url` may be used; nothing about who asked what.
 *
 * Source: https://docs.slack.dev/interactivity/handling-user-interaction (5 uses in 30 minutes).
 */
import { CoreError } from '../../core/index.ts';
import type { Surface, View } from '../surface.ts';
import { type Calls, call, directChannel } from './calls.ts';
import { isTooLarge, slackError } from './failure.ts';
import { type Message, messageOf, SIZES } from './payload.ts';

export type ReplyTarget = {
  mode: 'reply';
  /** Null if the person acted outside a channel, as in the app's home. */
  channel: string | null;
  thread: string | null;
  user: string;
  url: string | null;
  /** Until when the `response_url` works, and how often it was used. */
  until: number;
  uses: number;
  /** Everyone in the channel sees it: used where the bot itself may not post. */
  open: boolean;
  /** Replaces the message that was acted on. */
  replace: boolean;
};

const URL_USES = 5;
/** Uses that progress views may take, so that enough are left for the last view. */
const PROGRESS_USES = 2;
const TIMEOUT_MS = 10_000;
const EXPIRED = new Set([
  'expired_url',
  'used_url',
  'invalid_url',
  'cannot_find_service',
  'channel_not_found',
]);
const PROGRESS: readonly View['kind'][] = ['acknowledged', 'queued', 'stage', 'partial'];
/** Progress views worth their own message when a view cannot replace the one before. */
const WORTH_A_MESSAGE: readonly View['kind'][] = ['acknowledged', 'queued'];

export const isProgress = ({ kind }: View): boolean => PROGRESS.includes(kind);

export function openReplySurface(calls: Calls, from: ReplyTarget): Surface {
  const state = { ...from };
  const { client } = calls;

  const usable = () => state.url !== null && state.uses < URL_USES && calls.now() < state.until;

  /** False if the URL can no longer be used. */
  const respond = async (message: Message): Promise<boolean> => {
    if (state.url === null || !usable()) return false;
    const response = await post(state.url, {
      ...message,
      response_type: state.open ? 'in_channel' : 'ephemeral',
      replace_original: state.replace,
      ...(state.thread !== null && !state.replace && { thread_ts: state.thread }),
    });
    if (response.ok) state.uses += 1;
    else if (!EXPIRED.has(response.error)) throw refusal(response);
    else state.url = null;
    return response.ok;
  };

  const direct = async (message: Message): Promise<void> => {
    const channel = await directChannel(calls, state.user);
    await calls.budget.spend('post', channel, true);
    await call(calls, () => client.chat.postMessage({ channel, ...message }));
  };

  const deliver = async (message: Message): Promise<void> => {
    if (await respond(message)) return;
    const { channel, user, thread } = state;
    if (channel === null) return direct(message);
    try {
      const place = { channel, user, ...(thread !== null && { thread_ts: thread }) };
      await call(calls, () => client.chat.postEphemeral({ ...place, ...message }));
    } catch (thrown) {
      const error = slackError(thrown);
      if (error.retryable || isTooLarge(error)) throw error;
      await direct(message);
    }
  };

  const upload = async (view: Extract<View, { kind: 'export' }>): Promise<void> => {
    const channel = await directChannel(calls, state.user);
    const { filename, content } = view;
    await call(calls, () => client.filesUploadV2({ channel_id: channel, filename, content }));
  };

  return {
    target: () => ({ ...state }),
    messages: () => [],
    async show(view) {
      if (isProgress(view)) {
        if (!usable() || state.uses >= PROGRESS_USES) return;
        if (!state.replace && !WORTH_A_MESSAGE.includes(view.kind)) return;
      }
      if (view.kind === 'export') await upload(view);
      await inSomeSize(view, deliver);
    },
  };
}

/** Sends the view in the largest size that Slack accepts. */
export async function inSomeSize(view: View, send: (message: Message) => Promise<void>): Promise<void> {
  for (const [index, size] of SIZES.entries()) {
    try {
      return await send(messageOf(view, size));
    } catch (thrown) {
      const error = slackError(thrown);
      if (!isTooLarge(error) || index === SIZES.length - 1) throw error;
    }
  }
}

interface Response {
  ok: boolean;
  status: number;
  error: string;
  retryAfterMs: number;
}

async function post(url: string, body: object): Promise<Response> {
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json; charset=utf-8' },
      body: JSON.stringify(body),
      redirect: 'error',
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    const said = (await response.text()).slice(0, 1_000);
    const error = /"error"\s*:\s*"(\w+)"/.exec(said)?.[1] ?? (said === 'ok' ? '' : said.slice(0, 40));
    const refused = !response.ok || /"ok"\s*:\s*false/.test(said);
    const retryAfterMs = Number(response.headers.get('retry-after') ?? 0) * 1000;
    return { ok: !refused, status: response.status, error, retryAfterMs };
  } catch (thrown) {
    throw slackError(thrown);
  }
}

function refusal({ status, error, retryAfterMs }: Response): CoreError {
  const passing = status === 429 || status >= 500;
  return new CoreError(passing ? 'network' : 'not-found', `Slack refused the reply (${status}).`, {
    retryable: passing,
    details: { slack: error, status, ...(retryAfterMs > 0 && { retryAfterMs }) },
  });
}
