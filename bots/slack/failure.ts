/**
 * What went wrong at Slack -> CoreError: try again, give up on this message, or end the bots. Knows the error strings of
 * the Web API and how to fix each; nothing about views.
 *
 * Source: the error tables of Slack's Web API methods (https://docs.slack.dev/reference/methods).
 */
import { webApi } from '@slack/bolt';
import { CoreError, isCoreError } from '../../core/index.ts';
import { NEEDED_SCOPES } from './scopes.ts';

/** Tokens that will not work again. */
const DEAD_TOKEN = new Set([
  'invalid_auth',
  'not_authed',
  'account_inactive',
  'token_revoked',
  'token_expired',
  'user_removed_from_team',
  'team_disabled',
  'not_allowed_token_type',
]);

/** Temporary problems on Slack's side. */
const PASSING = new Set([
  'ratelimited',
  'rate_limited',
  'internal_error',
  'fatal_error',
  'service_unavailable',
  'request_timeout',
  'team_added_to_org',
]);

/** Payloads that a smaller one may replace. */
const TOO_LARGE = new Set(['msg_too_long', 'msg_blocks_too_long', 'invalid_blocks', 'invalid_blocks_format']);

/** The `error` field of a refused call, or undefined. */
export function slackCode(thrown: unknown): string | undefined {
  if (isCoreError(thrown)) return typeof thrown.details.slack === 'string' ? thrown.details.slack : undefined;
  return thrown instanceof webApi.WebAPIPlatformError ? thrown.data.error : undefined;
}

/** True if the same view may go through in a smaller form. */
export function isTooLarge(error: CoreError): boolean {
  return TOO_LARGE.has(String(error.details.slack));
}

/** True if no later call will work until an admin fixes the app. */
export function isFatal(error: CoreError): boolean {
  return error.details.fatal === true;
}

/** Any failure of a call as `Surface.show` describes it; `details.slack` is Slack's own error string. */
export function slackError(thrown: unknown): CoreError {
  if (isCoreError(thrown)) return thrown;
  if (thrown instanceof webApi.WebAPIRateLimitedError)
    return new CoreError('network', 'Slack asked for fewer calls.', {
      retryable: true,
      details: { slack: 'ratelimited', retryAfterMs: thrown.retryAfter * 1000 },
      cause: thrown,
    });
  const slack = slackCode(thrown);
  if (slack !== undefined) return refused(slack, neededScope(thrown), thrown);
  const status = thrown instanceof webApi.WebAPIHTTPError ? thrown.statusCode : 0;
  return new CoreError('network', 'Slack could not be reached.', {
    retryable: true,
    ...(status > 0 && { details: { status } }),
    cause: thrown,
    hint: 'Check the network, and SLACK_API_URL where it is set.',
  });
}

function refused(slack: string, scope: string | undefined, cause: unknown): CoreError {
  if (DEAD_TOKEN.has(slack))
    return new CoreError('usage', `Slack refused the token (${slack}).`, {
      details: { slack, fatal: true },
      hint: 'Install the app to the workspace again, put its tokens into SLACK_BOT_TOKEN and SLACK_APP_TOKEN, and start again.',
      cause,
    });
  if (slack === 'missing_scope' || slack === 'no_permission')
    return new CoreError('usage', `The Slack app lacks the scope ${scope ?? 'that this call needs'}.`, {
      details: {
        slack,
        fatal: slack === 'missing_scope' && scope !== undefined && NEEDED_SCOPES.includes(scope),
      },
      hint: 'Update the app with the manifest that `footnote bots --print-setup` prints, then install it again.',
      cause,
    });
  if (PASSING.has(slack))
    return new CoreError('network', `Slack could not take the call (${slack}).`, {
      retryable: true,
      details: { slack },
      cause,
    });
  return new CoreError('not-found', `Slack refused the message (${slack}).`, { details: { slack }, cause });
}

function neededScope(thrown: unknown): string | undefined {
  const needed =
    thrown instanceof webApi.WebAPIPlatformError && 'needed' in thrown.data ? thrown.data.needed : undefined;
  return typeof needed === 'string' ? needed : undefined;
}
