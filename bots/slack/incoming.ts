/**
 * What people typed, read from Slack's markup: the question as plain text, the options of a command. Pure.
 *
 * Source: Slack's formatting reference (https://docs.slack.dev/messaging/formatting-message-text): `<@U1>`, `<#C1|name>`,
 * `<!here>`, `<url|label>`, and `&amp; &lt; &gt;`.
 */
import { METHODS } from '../../core/index.ts';

const MARKUP = /<([@#!]?)([^<>|]*)(?:\|([^<>]*))?>/g;

/** The text as the person sees it, without the bot's own mention. */
export function plainText(text: string, bot: string): string {
  return text
    .replace(MARKUP, (_, mark: string, target: string, label: string | undefined) => {
      if (mark === '@') return target === bot ? ' ' : `@${label ?? target}`;
      if (mark === '#') return `#${label ?? target}`;
      return mark === '!' ? (label ?? ' ') : (label ?? target);
    })
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&')
    .replace(/[^\S\n]+/g, ' ')
    .trim();
}

export function mentions(text: string, user: string): boolean {
  return text.includes(`<@${user}>`) || text.includes(`<@${user}|`);
}

/** Whether a message begins with the mention of someone, and so is meant for them. */
export function addressed(text: string): boolean {
  return /^\s*<@[A-Z0-9]+/.test(text);
}

export interface AskOptions {
  text: string;
  private?: boolean;
  method?: string;
  language?: string;
}

/** Stands for a slash command where Slack accepts none: in threads, in messages to the bot. */
export interface TypedCommand {
  name: 'ask' | 'compare' | 'about' | 'privacy';
  text: string;
}

const TYPED = /^!(ask|compare|about|privacy)(?:\s+|$)/i;

/** The command in a message such as `!compare dense keyword Who …` (mention removed); undefined if it is none. */
export function typedCommand(text: string): TypedCommand | undefined {
  const match = TYPED.exec(text);
  if (match === null) return undefined;
  return { name: match[1]?.toLowerCase() as TypedCommand['name'], text: text.slice(match[0].length) };
}

const OPTION = /^(private|method|language):(\S*)(?:\s+|$)/i;

/** `private: method:dense language:de Who …`: options come first, in any order. */
export function askOptions(typed: string): AskOptions {
  const options: AskOptions = { text: typed.trim() };
  for (let match = OPTION.exec(options.text); match !== null; match = OPTION.exec(options.text)) {
    const [whole, name = '', value = ''] = match;
    options.text = options.text.slice(whole.length);
    const option = name.toLowerCase();
    if (option === 'private') options.private = !/^(no|false|0)$/i.test(value);
    else if (value !== '') options[option as 'method' | 'language'] = value;
  }
  return options;
}

/** `dense keyword Who …`: two methods and the question; `dense` against `keyword` if it does not begin with two. */
export function compareOptions(typed: string): { text: string; compare: [string, string] } {
  const words = typed.trim().split(/\s+/);
  const [first = '', second = ''] = words;
  const isMethod = (word: string) => Object.hasOwn(METHODS, word.toLowerCase());
  if (!isMethod(first) || !isMethod(second)) return { text: typed.trim(), compare: ['dense', 'keyword'] };
  const text = typed.trim().slice(first.length).trimStart().slice(second.length).trim();
  return { text, compare: [first.toLowerCase(), second.toLowerCase()] };
}
