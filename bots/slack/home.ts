/**
 * The app's home tab and the prompts of its agent view, in six languages. Pure. Knows phrases and Block Kit.
 */
import type { HomeView, KnownBlock } from '@slack/types';
import { type Language, type Phrase, say } from '../phrases/phrases.ts';
import { privacyButtons } from '../render/buttons.ts';
import { DIALECTS } from '../render/dialect.ts';
import { buttonRow } from './payload.ts';

const PROMPTS = ['prompt1', 'prompt2', 'prompt3', 'prompt4'] as const satisfies Phrase[];
const COMMANDS = [
  ['/ask', 'commandAskAbout'],
  ['/compare', 'commandCompareAbout'],
  ['/about', 'commandAboutAbout'],
  ['/privacy', 'commandPrivacyAbout'],
] as const satisfies [string, Phrase][];

/** Questions to start with; Slack accepts four. */
export function suggestedPrompts(language: Language): { title: string; message: string }[] {
  return PROMPTS.map((phrase) => say(language, phrase)).map((text) => ({ title: text, message: text }));
}

export function homeView(language: Language, keepDays: number): HomeView {
  const dialect = DIALECTS.mrkdwn;
  const words = (phrase: Phrase) => dialect.escape(say(language, phrase));
  const section = (text: string): KnownBlock => ({ type: 'section', text: { type: 'mrkdwn', text } });
  const commands = COMMANDS.map(([name, about]) => `${dialect.strong(name)}  ${words(about)}`);
  const prompts = PROMPTS.map((phrase) => `• ${words(phrase)}`);
  return {
    type: 'home',
    blocks: [
      section(words('aboutIntro')),
      section(prompts.join('\n')),
      section(commands.join('\n')),
      { type: 'divider' },
      section(dialect.escape(say(language, 'privacy', { days: keepDays }))),
      ...buttonRow(privacyButtons(language)),
    ],
  };
}
