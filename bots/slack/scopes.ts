/** The scopes of the Slack app. */

/** Without these nothing can be asked or answered; lacking one of the others only costs a convenience. */
export const NEEDED_SCOPES = ['app_mentions:read', 'chat:write', 'commands', 'im:history'];

export const SCOPES = [
  'app_mentions:read',
  'assistant:write',
  'channels:history',
  'chat:write',
  'chat:write.public',
  'commands',
  'files:write',
  'groups:history',
  'im:history',
  'im:write',
  'usergroups:read',
  'users:read',
] as const;
