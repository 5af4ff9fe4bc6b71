/**
 * How a chat platform writes text: what must be escaped so that untrusted words stay words, and how bold text, links
 * and mentions look. Knows characters; nothing about answers or lengths.
 *
 * Sources: Discord "Markdown Text 101" and message formatting reference; Slack "Formatting text for app surfaces"
 * (mrkdwn) and the `markdown` block (standard Markdown).
 */

export type DialectName = 'discord' | 'mrkdwn' | 'markdown';

export interface Dialect {
  name: DialectName;
  /** Disarmed text with each mark escaped, character by character: parts may be escaped separately and joined. */
  escape(text: string): string;
  /** The same for the first word of a line, where lists, headings and quotes begin. */
  escapeStart(text: string): string;
  /** Disarmed text as it stands inside a code fence. */
  code(text: string): string;
  strong(escaped: string): string;
  link(escaped: string, url: string): string;
  user(id: string): string;
  /** What a quoted line, or a small one, begins with. */
  quote: string;
  small: string;
}

const BREAK = '\u200b'; // zero-width space: keeps two characters from being read together
const JOINER = '\u2060'; // word joiner: the same, but never a place to break a line

/** Control characters and direction overrides do not reach a chat: they can hide or reverse what is said. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters to remove
const UNSEEN = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069\ufeff]/g;

/** Text that no platform turns into a mention or a link by itself; it must still be escaped. Call it on whole texts. */
export function disarm(text: string): string {
  return text
    .toWellFormed()
    .replace(UNSEEN, ' ')
    .replaceAll('@', `@${BREAK}`)
    .replaceAll('://', `:${JOINER}//`)
    .replace(/(?<=[\p{L}\p{N}])\.(?=\p{L}{2})/gu, `.${JOINER}`);
}

/** The same for code: breaks up only what a platform interprets even there, so that most code can be copied as is. */
export function disarmCode(text: string): string {
  return text
    .toWellFormed()
    .replace(UNSEEN, (mark) => (mark === '\t' ? mark : ''))
    .replaceAll('`', `\`${BREAK}`)
    .replaceAll('://', `:${JOINER}//`)
    .replace(/[@<]/g, `$&${BREAK}`);
}

const LINE_START = /^(?:[#>+-]|\d+(?=[.)]))/;

function backslashStart(escaped: string): string {
  return escaped.replace(LINE_START, (mark) => (/\d/.test(mark) ? `${mark}\\` : `\\${mark}`));
}

const discordEscape = (text: string) =>
  text.replace(/[\\*_~`|[\]()<>]/g, '\\$&').replaceAll('<', `<${BREAK}`);
const entities = (text: string) =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
const mrkdwnEscape = (text: string) => entities(text).replace(/[*_~`]/g, `${BREAK}$&${BREAK}`);
const markdownEscape = (text: string) => entities(text.replace(/[\\`*_{}[\]()~|!]/g, '\\$&'));

export const DIALECTS: Record<DialectName, Dialect> = {
  discord: {
    name: 'discord',
    escape: discordEscape,
    escapeStart: (text) => backslashStart(discordEscape(text)),
    code: (text) => text,
    strong: (escaped) => `**${escaped}**`,
    link: (escaped, url) => `[${escaped}](<${url}>)`,
    user: (id) => `<@${id}>`,
    quote: '> ',
    small: '-# ',
  },
  mrkdwn: {
    name: 'mrkdwn',
    escape: mrkdwnEscape,
    escapeStart: (text) => mrkdwnEscape(text).replace(/^&gt;/, `${BREAK}&gt;`),
    code: entities,
    strong: (escaped) => `*${escaped}*`,
    link: (escaped, url) => `<${url}|${escaped.replaceAll('|', '¦')}>`,
    user: (id) => `<@${id}>`,
    quote: '> ',
    small: '',
  },
  markdown: {
    name: 'markdown',
    escape: markdownEscape,
    escapeStart: (text) => backslashStart(markdownEscape(text)).replace(/^&gt;/, `${BREAK}&gt;`),
    code: (text) => text,
    strong: (escaped) => `**${escaped}**`,
    link: (escaped, url) => `[${escaped}](${url})`,
    user: (id) => `<@${id}>`,
    quote: '> ',
    small: '',
  },
};

/** Longest URL that every platform accepts as a link in a message. */
const URL_CHARACTERS = 1_000;

/**
 * The URL in a form that a message may contain: http(s) only, marks that end a link percent-encoded, without its
 * fragment if it is too long. Empty if it cannot be a link.
 */
export function safeUrl(url: string): string {
  if (!URL.canParse(url)) return '';
  const parsed = new URL(url);
  if (parsed.protocol !== 'https:' && parsed.protocol !== 'http:') return '';
  if (parsed.username !== '' || parsed.password !== '') return '';
  if (parsed.href.length > URL_CHARACTERS) parsed.hash = '';
  const href = parsed.href.replace(
    /[()<>|[\]\\^`'"*{}\s]/g,
    (mark) => `%${mark.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`,
  );
  return href.length > URL_CHARACTERS ? '' : href;
}
