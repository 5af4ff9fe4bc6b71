/**
 * How the adapter calls Slack: one client, one budget, and what becomes of a failure. Knows calls; nothing about views.
 */
import type { webApi } from '@slack/bolt';
import type { CoreError } from '../../core/index.ts';
import type { Log } from '../surface.ts';
import type { Budget } from './budget.ts';
import { isFatal, slackCode, slackError } from './failure.ts';

export interface Calls {
  client: webApi.WebClient;
  budget: Budget;
  log: Log;
  now: () => number;
  /** Called when a token or scope will not work again. */
  fatal(error: CoreError): void;
}

/** Calls Slack; throws a CoreError. */
export async function call<T>({ fatal }: Pick<Calls, 'fatal'>, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (thrown) {
    const error = slackError(thrown);
    if (isFatal(error)) fatal(error);
    throw error;
  }
}

/** A call that an answer can do without: a failure is only logged. */
export async function attempt<T>(
  { log }: Pick<Calls, 'log'>,
  method: string,
  work: () => Promise<T>,
): Promise<T | undefined> {
  try {
    return await work();
  } catch (thrown) {
    log('slack-call-left-out', { method, code: slackCode(thrown) ?? slackError(thrown).code });
    return undefined;
  }
}

/** Channel id of the direct messages with a user. */
export async function directChannel(calls: Calls, user: string): Promise<string> {
  const opened = await call(calls, () => calls.client.conversations.open({ users: user }));
  return opened.channel?.id ?? user;
}
