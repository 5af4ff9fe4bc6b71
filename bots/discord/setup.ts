/** What an admin needs to add the bot to Discord: the invite link, its permissions, the commands. Pure. */
import { OAuth2Scopes, PermissionFlagsBits } from 'discord-api-types/v10';
import { commands } from './commands.ts';

const PERMISSIONS = {
  'View Channels': PermissionFlagsBits.ViewChannel,
  'Send Messages': PermissionFlagsBits.SendMessages,
  'Send Messages in Threads': PermissionFlagsBits.SendMessagesInThreads,
  'Embed Links': PermissionFlagsBits.EmbedLinks,
  'Read Message History': PermissionFlagsBits.ReadMessageHistory,
};

/** The permissions bit set of the invite link, in decimal. */
export const PERMISSION_BITS = Object.values(PERMISSIONS).reduce((all, bit) => all | bit, 0n);

export interface DiscordSetup {
  /** With a bot token it contains the application's id. */
  invite: string;
  permissions: string[];
  commands: string[];
}

export function discordSetup(token?: string): DiscordSetup {
  const invite = new URL('https://discord.com/oauth2/authorize');
  const scopes = [OAuth2Scopes.Bot, OAuth2Scopes.ApplicationsCommands].join(' ');
  invite.search = `${new URLSearchParams({ client_id: applicationOf(token), permissions: String(PERMISSION_BITS), scope: scopes })}`;
  return {
    invite: invite.href,
    permissions: Object.keys(PERMISSIONS),
    commands: commands().map((command) =>
      'description' in command ? `/${command.name}: ${command.description}` : `message menu: ${command.name}`,
    ),
  };
}

/** The set-up as a person reads it. */
export function discordSetupText({ invite, permissions, commands: list }: DiscordSetup): string {
  return [
    'Discord',
    '1. Create an application at https://discord.com/developers/applications and put its bot token into DISCORD_TOKEN.',
    '2. Invite the bot with this link:',
    `  ${invite}`,
    `  Permissions: ${permissions.join(', ')}.`,
    '  No privileged intent is needed. With FOOTNOTE_MESSAGE_CONTENT=true, switch on “Message Content Intent” under “Bot”.',
    '3. For users who add the app to their account, switch on “User Install” under “Installation”.',
    'Commands (registered at start if they changed):',
    ...list.map((line) => `  ${line}`),
  ].join('\n');
}

/** The first part of a bot token is the application's id in base64. */
function applicationOf(token: string | undefined): string {
  const id = Buffer.from(token?.split('.')[0] ?? '', 'base64').toString();
  return /^\d{17,20}$/.test(id) ? id : 'APPLICATION_ID';
}
