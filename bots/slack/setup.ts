/**
 * The Slack app as a manifest: the scopes, events and commands that the adapter uses, and nothing more. Pure.
 * Its type is that of Slack's own client, which knows `agent_view`.
 *
 * Source: https://docs.slack.dev/reference/app-manifest
 */
import type { webApi } from '@slack/bolt';
import { say } from '../phrases/phrases.ts';
import { SHORTCUT } from './events.ts';
import { SCOPES } from './scopes.ts';

const EVENTS = [
  'app_home_opened',
  'app_mention',
  'app_uninstalled',
  'message.channels',
  'message.groups',
  'message.im',
  'tokens_revoked',
] as const;

const COMMANDS = [
  ['/ask', 'commandAskAbout', '[private:] [method:NAME] [language:CODE] question'],
  ['/compare', 'commandCompareAbout', '[METHOD METHOD] question'],
  ['/about', 'commandAboutAbout', ''],
  ['/privacy', 'commandPrivacyAbout', ''],
] as const;

type Manifest = NonNullable<webApi.AppsManifestValidateArguments['manifest']>;

/** The manifest as JSON, for “Create an app from a manifest”; with Socket Mode, which needs no public address. */
export function slackSetup(): string {
  const manifest: Manifest = {
    _metadata: { major_version: 2 },
    display_information: {
      name: 'Footnote',
      description: say('en', 'aboutIntro'),
      background_color: '#202122',
    },
    features: {
      agent_view: {
        agent_description: say('en', 'aboutIntro'),
        suggested_prompts: (['prompt1', 'prompt2', 'prompt3', 'prompt4'] as const).map((prompt) => ({
          title: say('en', prompt),
          message: say('en', prompt),
        })),
      },
      app_home: { home_tab_enabled: true, messages_tab_enabled: true, messages_tab_read_only_enabled: false },
      bot_user: { display_name: 'Footnote', always_online: true },
      shortcuts: [
        {
          name: say('en', 'menuAsk'),
          type: 'message',
          callback_id: SHORTCUT,
          description: say('en', 'commandAskAbout'),
        },
      ],
      slash_commands: COMMANDS.map(([command, about, usage]) => ({
        command,
        description: say('en', about),
        ...(usage !== '' && { usage_hint: usage }),
        should_escape: true,
      })),
    },
    // The type does not know `assistant:write`, which the agent view’s status and prompts need.
    oauth_config: { scopes: { bot: [...SCOPES] } } as Manifest['oauth_config'],
    settings: {
      event_subscriptions: { bot_events: [...EVENTS] },
      interactivity: { is_enabled: true },
      org_deploy_enabled: false,
      socket_mode_enabled: true,
      token_rotation_enabled: false,
    },
  };
  return `${JSON.stringify(manifest, null, 2)}\n`;
}
