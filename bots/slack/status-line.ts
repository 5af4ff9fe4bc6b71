/**
 * The line that an agent's thread shows while it works. Knows that Slack removes it after two minutes; nothing about
 * what it says.
 *
 * Source: https://docs.slack.dev/reference/methods/assistant.threads.setStatus.
 */
import { attempt, type Calls } from './calls.ts';

const RENEW_MS = 100_000;
/** A question that never ends is shown as being worked on for about half an hour, not for ever. */
const RENEWALS = 18;

export interface StatusLine {
  /** Shows the text until there is another; an empty one removes the line. Never fails. */
  set(text: string): Promise<void>;
}

export function openStatusLine(calls: Calls, channel: string, thread: string): StatusLine {
  let shown = '';
  let renewing: NodeJS.Timeout | undefined;
  let sending: Promise<unknown> = Promise.resolve();
  /** Sends one call after the other, so that the last text stays. */
  const send = () => {
    const place = { channel_id: channel, thread_ts: thread };
    sending = sending.then(() =>
      attempt(calls, 'assistant.threads.setStatus', () =>
        calls.client.assistant.threads.setStatus({ ...place, status: shown }),
      ),
    );
    return sending;
  };
  return {
    async set(text) {
      if (text === shown) return;
      shown = text;
      clearInterval(renewing);
      let left = RENEWALS;
      if (text !== '')
        renewing = setInterval(() => {
          left -= 1;
          if (left < 0) clearInterval(renewing);
          else void send();
        }, RENEW_MS).unref();
      await send();
    },
  };
}
