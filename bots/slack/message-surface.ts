/**
 * One answer in a channel, thread or direct message: a message that shows the stage, a stream while text is written, and
 * the checked answer in its place. Knows Slack's streams and their end; nothing about what a view says.
 *
 * A stream lives about 5 minutes after `chat.startStream`, even while text flows; its message can be edited afterwards.
 */

import { DIALECTS } from '../render/dialect.ts';
import { renderView } from '../render/view-text.ts';
import type { Surface, View } from '../surface.ts';
import { attempt, type Calls, call } from './calls.ts';
import { isFatal, isTooLarge, slackCode, slackError } from './failure.ts';
import type { Message } from './payload.ts';
import { inSomeSize, isProgress, openReplySurface } from './reply-surface.ts';
import { openStatusLine } from './status-line.ts';
import { addition } from './stream.ts';

export type MessageTarget = {
  mode: 'message';
  channel: string;
  /** Absent at the top level of a channel, where nothing can be streamed. */
  thread: string | null;
  /** The asker: the recipient of a stream, and the person who is told if the place is gone. */
  user: string;
  team: string | null;
  direct: boolean;
  /** The message that shows the stage; if nothing is streamed, it shows everything. */
  status: string | null;
  stream: string | null;
  streaming: boolean;
  /** The `response_url`: a way to answer where the bot may not post. */
  url: string | null;
  until: number;
};

const STREAM_MS = 240_000;
/** The message does not exist any more, or we may no longer edit it. */
const GONE = new Set(['message_not_found', 'cant_update_message', 'edit_window_closed', 'thread_not_found']);
const ENDED = 'message_not_in_streaming_state';

export function openMessageSurface(calls: Calls, from: MessageTarget): Surface {
  const { client, budget, log } = calls;
  const state = { ...from };
  const { channel, thread, user, team } = state;
  /** What was streamed so far; undefined for a stream that an earlier process began. */
  let sent: string | undefined;
  let startedAt = 0;
  let canStream = thread !== null;
  /** Someone deleted the message: only the final view is worth a new one. */
  let deleted = false;
  const statusLine = state.direct && thread !== null ? openStatusLine(calls, channel, thread) : undefined;
  let reply: Surface | undefined;

  const endStream = async (): Promise<void> => {
    const { stream } = state;
    if (stream === null || !state.streaming) return;
    try {
      await call(calls, () => client.chat.stopStream({ channel, ts: stream }));
    } catch (thrown) {
      const error = slackError(thrown);
      if (error.retryable || isFatal(error)) throw error;
      log('stream-not-stopped', { code: slackCode(error) ?? error.code }); // ended already, or its place is gone
    }
    state.streaming = false;
  };

  const startStream = async (text: string): Promise<boolean> => {
    if (thread === null) return false;
    try {
      await budget.spend('start', channel, false);
      const recipient = { recipient_user_id: user, ...(team !== null && { recipient_team_id: team }) };
      const started = await call(calls, () =>
        client.chat.startStream({ channel, thread_ts: thread, markdown_text: text, ...recipient }),
      );
      if (started.ts === undefined) return false;
      Object.assign(state, { stream: started.ts, streaming: true });
      startedAt = calls.now();
      sent = text;
      return true;
    } catch (thrown) {
      const error = slackError(thrown);
      if (isFatal(error)) throw error;
      canStream = false;
      log('stream-not-started', { code: slackCode(error) ?? error.code });
      return false;
    }
  };

  /** True if the stream shows the text; otherwise an edit has to. */
  const streamed = async ({ text }: { text: string }): Promise<boolean> => {
    const { stream } = state;
    if (stream === null) {
      const first = canStream ? addition('', text) : undefined;
      return first === '' || (first !== undefined && (await startStream(first)));
    }
    if (!state.streaming) return false;
    const more = sent === undefined ? undefined : addition(sent, text);
    if (more === undefined || calls.now() - startedAt >= STREAM_MS) {
      await endStream();
      return false;
    }
    if (more === '') return true;
    try {
      await budget.spend('append', channel, false);
      await call(calls, () => client.chat.appendStream({ channel, ts: stream, markdown_text: more }));
      sent += more;
      return true;
    } catch (thrown) {
      const code = slackCode(thrown) ?? '';
      if (code !== ENDED && !GONE.has(code)) throw thrown;
      state.streaming = false;
      log('stream-ended', { code });
      return false;
    }
  };

  const post = async (message: Message, patient: boolean): Promise<void> => {
    await budget.spend('post', channel, patient);
    const place = { channel, ...(thread !== null && { thread_ts: thread }) };
    const posted = await call(calls, () => client.chat.postMessage({ ...place, ...message }));
    state.status = posted.ts ?? null;
  };

  const place = async (message: Message, patient: boolean): Promise<void> => {
    const ts = state.stream ?? state.status;
    if (ts === null) return post(message, patient);
    try {
      await budget.spend('update', channel, patient);
      await call(calls, () => client.chat.update({ channel, ts, ...message }));
    } catch (thrown) {
      if (!GONE.has(slackCode(thrown) ?? '')) throw thrown;
      deleted = true;
      if (!patient) return;
      if (state.stream !== null) state.stream = null;
      else state.status = null;
      await place(message, patient);
    }
  };

  /** If the bot may not write here, the person is answered another way. */
  const elsewhere = async (view: View, thrown: unknown): Promise<void> => {
    const error = slackError(thrown);
    const written = state.status !== null || state.stream !== null;
    const useless = error.retryable || isFatal(error) || isTooLarge(error);
    if (useless || (isProgress(view) && (written || state.url === null))) throw error;
    log('answered-elsewhere', { code: slackCode(error) ?? error.code });
    reply = replyInstead(true);
    await reply.show(view);
  };

  const replyInstead = (open: boolean) => {
    void statusLine?.set('');
    return openReplySurface(calls, {
      mode: 'reply',
      channel,
      thread,
      user,
      url: state.url,
      until: state.until,
      uses: 0,
      open,
      replace: false,
    });
  };

  /** In an agent's thread, the status line shows the stage too. */
  const showStatus = async (view: View): Promise<void> => {
    if (view.kind === 'partial') return;
    const text = renderView(view, DIALECTS.mrkdwn, { limit: 200, messages: 1 })[0] ?? '';
    await statusLine?.set(isProgress(view) ? (text.split('\n')[0] ?? '') : '');
  };

  /** Deletes the stage's message once the answer is below it. */
  const removeStage = async (): Promise<void> => {
    const { status, stream } = state;
    if (status === null || stream === null) return;
    state.status = null;
    await attempt(calls, 'chat.delete', () => client.chat.delete({ channel, ts: status }));
  };

  return {
    target: () => reply?.target() ?? { ...state },
    messages() {
      if (reply !== undefined) return [];
      const shown = [state.stream ?? state.status]
        .filter((ts) => ts !== null)
        .map((ts) => `${channel}/${ts}`);
      // In direct messages a thread grows under the question: what is said there follows this answer.
      return state.direct && thread !== null ? [...shown, `${channel}/${thread}`] : shown;
    },
    async show(view) {
      if (reply !== undefined) return reply.show(view);
      const patient = !isProgress(view);
      if (!patient && deleted) return;
      if (view.kind === 'refused' && state.url !== null && state.status === null) {
        reply = replyInstead(false);
        return reply.show(view);
      }
      if (view.kind === 'partial' && (await streamed(view))) return;
      await endStream();
      try {
        await Promise.all([showStatus(view), inSomeSize(view, (message) => place(message, patient))]);
      } catch (thrown) {
        return elsewhere(view, thrown);
      }
      if (patient) await removeStage();
    },
  };
}
