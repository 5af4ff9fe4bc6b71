/**
 * What a refusal by Discord means for a surface: try again, go elsewhere, use a smaller form, or end. Pure.
 * Sources: Discord "JSON Error Codes"; discord.js 14.28 (@discordjs/rest forgets its token after one 401).
 */
import { DiscordAPIError, HTTPError, RateLimitError } from 'discord.js';
import { RESTJSONErrorCodes as Code } from 'discord-api-types/v10';
import { CoreError, isCoreError } from '../../core/index.ts';

/**
 * `missing`: the message is gone. `unquotable`: the bot may not read the message it replies to. `form`: the payload was
 * refused. `permission`: the bot lacks one. `place`: nothing can be shown there (any more). `token`: the bot's token is
 * no longer valid. `later`: a retry may work.
 */
export type Refusal =
  | 'missing'
  | 'unquotable'
  | 'form'
  | 'permission'
  | 'place'
  | 'token'
  | 'later'
  | 'other';

const FORM: unknown[] = [
  Code.InvalidFormBodyOrContentType,
  Code.CannotSendAnEmptyMessage,
  Code.RequestEntityTooLarge,
  Code.FileUploadedExceedsMaximumSize,
];

const PLACE: unknown[] = [
  Code.UnknownChannel,
  Code.UnknownGuild,
  Code.UnknownUser,
  Code.UnknownWebhook,
  Code.UnknownInteraction,
  Code.InteractionHasAlreadyBeenAcknowledged,
  Code.ThisInteractionHasHitTheMaximumNumberOfFollowUpMessages,
  Code.InvalidWebhookToken,
  Code.MissingAccess,
  Code.CannotSendMessagesToThisUser,
  Code.CannotSendMessagesToThisUserDueToHavingNoMutualGuilds,
  Code.CannotSendMessagesInNonTextChannel,
  Code.InvalidActionOnArchivedThread,
  Code.ThreadLocked,
  Code.ExplicitContentCannotBeSentToTheDesiredRecipient,
  Code.MessageWasBlockedByAutomaticModeration,
  Code.MessageBlockedByHarmfulLinksFilter,
];

const UNQUOTABLE = Code.CannotReplyWithoutPermissionToReadMessageHistory;

export function refusalOf(error: unknown): Refusal {
  if (error instanceof RateLimitError || error instanceof HTTPError) return 'later';
  if (!(error instanceof DiscordAPIError)) return isForgottenToken(error) ? 'token' : 'later';
  const { code, status } = error;
  if (code === Code.UnknownMessage) return 'missing';
  if (code === UNQUOTABLE) return 'unquotable';
  if (code === Code.MissingPermissions) return 'permission';
  if (FORM.includes(code)) return 'form';
  if (PLACE.includes(code)) return 'place';
  if (status === 401) return 'token';
  return status === 429 || status >= 500 ? 'later' : 'other';
}

/** How @discordjs/rest fails once an earlier request got a 401. */
function isForgottenToken(error: unknown): boolean {
  return error instanceof Error && error.message.startsWith('Expected token to be set');
}

/** The error that ends an attempt to show something. */
export function showError(error: unknown): CoreError {
  if (isCoreError(error)) return error;
  const refusal = refusalOf(error);
  const details: Record<string, string | number> =
    error instanceof DiscordAPIError ? { code: error.code, status: error.status } : {};
  if (refusal === 'token') return tokenError(error);
  if (refusal === 'later')
    return new CoreError('network', 'Discord did not accept the message.', {
      retryable: true,
      details: error instanceof RateLimitError ? { retryAfterMs: Math.ceil(error.retryAfter) } : details,
      cause: error,
    });
  if (refusal === 'form')
    return new CoreError('bad-input', 'Discord refused the form of a message.', { details, cause: error });
  return new CoreError('not-found', 'There is no place left in Discord to show the message.', {
    hint: 'Give the bot the permissions that `footnote bots --print-setup` lists.',
    details,
    cause: error,
  });
}

export function tokenError(cause?: unknown): CoreError {
  return new CoreError('usage', 'Discord refused the bot token.', {
    hint: 'Make a new one under “Bot” at https://discord.com/developers/applications, put it into DISCORD_TOKEN, and start again.',
    cause,
  });
}
