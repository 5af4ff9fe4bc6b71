/**
 * View -> Discord messages, within Discord's limits. Pure. Knows payloads; nothing about where or how they are sent.
 *
 * Limits (Discord API reference, "Create Message", "Embed Limits", "Component Reference"): content 2000 characters,
 * an embed's description 4096 and title 256, all embeds of a message 6000, 5 rows of 5 buttons, label 80.
 */
import {
  type APIActionRowComponent,
  type APIButtonComponentWithCustomId,
  type APIEmbed,
  ButtonStyle,
  ComponentType,
} from 'discord-api-types/v10';
import { encodeAction } from '../action.ts';
import { say } from '../phrases/phrases.ts';
import { answerParts, FORMS } from '../render/answer-text.ts';
import { DIALECTS } from '../render/dialect.ts';
import { type Block, cut, layOut, line, small } from '../render/layout.ts';
import { renderView } from '../render/view-text.ts';
import type { AnswerView, Button, View } from '../surface.ts';

/** The body of one message; every field is set, so that an edit leaves nothing of the previous view. */
export interface Message {
  content: string;
  embeds: APIEmbed[];
  components: APIActionRowComponent<APIButtonComponentWithCustomId>[];
  file?: { name: string; content: string };
}

export interface Look {
  /** Without embeds: for channels where the bot may not embed, and after a refusal. */
  plain?: boolean;
  /** The question is nowhere else in the channel (a slash command, a form), so an answer begins with it. */
  question?: boolean;
  /** The bot is not a member of the place, so an answer after 15 minutes goes elsewhere. */
  guest?: boolean;
  /** User to mention at the start. */
  call?: string;
}

/** Most messages of one view: the first response and the follow-ups that a user-installed app may send, less one. */
const MOST_MESSAGES = 5;

const CONTENT = 2_000;
const DESCRIPTION = 4_096;
const EMBEDS = 6_000;
const TITLE = 256;
const ROWS = 5;
const ROW_BUTTONS = 5;
const LABEL = 80;
const HEADING = 600;

const discord = DIALECTS.discord;

/** The view as one to five messages; embeds and buttons are on the last. */
export function messagesOf(view: View, look: Look = {}): Message[] {
  const heading = headingOf(view, look);
  const room = CONTENT - (heading === '' ? 0 : heading.length + 1);
  const { texts, embeds } = (look.plain ? undefined : embedded(view, room)) ?? {
    texts: renderView(view, discord, { limit: room, messages: MOST_MESSAGES }),
    embeds: [],
  };
  texts[0] = [heading, texts[0] ?? ''].filter((part) => part !== '').join('\n');
  return texts.map((content, n) => {
    const last = n === texts.length - 1;
    return {
      content,
      embeds: last ? embeds : [],
      components: last ? rowsOf(view.buttons) : [],
      ...(last && view.kind === 'export' && { file: { name: view.filename, content: view.content } }),
    };
  });
}

function headingOf(view: View, { question, guest, call }: Look): string {
  const blocks: Block[] = call === undefined ? [] : [line({ kind: 'user', id: call })];
  if (guest && (view.kind === 'acknowledged' || view.kind === 'queued'))
    blocks.push(small(say(view.language, 'fifteenMinutes')));
  const asked = questionOf(view);
  if (question && asked !== '') blocks.push(line({ kind: 'strong', text: asked }));
  return layOut(blocks, discord, HEADING)[0] ?? '';
}

/** The question of an answer that does not already show it. */
function questionOf(view: View): string {
  if (('searchedFor' in view && view.searchedFor !== undefined) || 'sharedBy' in view) return '';
  if (view.kind === 'compared') return view.answers[0].question;
  return view.kind === 'answer' || view.kind === 'not-found' ? view.answer.question : '';
}

interface Embedded {
  texts: string[];
  embeds: APIEmbed[];
}

/** The view with embeds; undefined if it has none or nothing fits. */
function embedded(view: View, room: number): Embedded | undefined {
  if (view.kind === 'answer') return embeddedAnswer(view, room);
  if (view.kind === 'compared') return embeddedComparison(view);
  if (view.kind !== 'passages') return undefined;
  const [description = ''] = renderView(view, discord, { limit: DESCRIPTION, messages: 1 });
  return { texts: [''], embeds: [{ description }] };
}

/** The text as content; the sources and what made the answer as one or two embeds. */
function embeddedAnswer(view: AnswerView, room: number): Embedded | undefined {
  const texts = layOut(answerParts(view, 'full').body, discord, room);
  if (texts.length === 0 || texts.length > MOST_MESSAGES) return undefined;
  for (const form of FORMS) {
    const { sources, footer } = answerParts(view, form);
    const descriptions = layOut([...sources, ...footer], discord, DESCRIPTION);
    const length = descriptions.reduce((sum, text) => sum + text.length, 0);
    if (descriptions.length <= 2 && length <= EMBEDS)
      return { texts, embeds: descriptions.map((description) => ({ description })) };
  }
  return undefined;
}

/** One embed for each method. */
function embeddedComparison(view: Extract<View, { kind: 'compared' }>): Embedded | undefined {
  for (const form of FORMS) {
    const halves = view.answers.map((answer) => {
      const { body, sources, footer } = answerParts({ ...view, kind: 'answer', answer }, form);
      return layOut([...body, ...sources, ...footer], discord, EMBEDS / 2 - TITLE);
    });
    if (halves.every((half) => half.length === 1))
      return {
        texts: [''],
        embeds: halves.map(([description = ''], n) => ({
          title: cut(view.answers[n]?.method ?? '', TITLE),
          description,
        })),
      };
  }
  return undefined;
}

/** Buttons in rows; suggestions, with their long labels, get their own rows. The last ones are dropped. */
function rowsOf(buttons: Button[]): Message['components'] {
  const rows: Button[][] = [];
  const suggests = ({ action }: Button) => action.name === 'related' || action.name === 'nearest';
  for (const button of buttons) {
    if (button.label.trim() === '') continue;
    const row = rows.at(-1);
    const joins = row?.[0] !== undefined && row.length < ROW_BUTTONS && suggests(row[0]) === suggests(button);
    if (joins) row.push(button);
    else rows.push([button]);
  }
  return rows.slice(0, ROWS).map((row) => ({
    type: ComponentType.ActionRow,
    components: row.map(({ action, label, tone }) => ({
      type: ComponentType.Button,
      style: STYLES[tone],
      label: cut(label, LABEL),
      custom_id: encodeAction(action),
    })),
  }));
}

const STYLES = {
  primary: ButtonStyle.Primary,
  plain: ButtonStyle.Secondary,
  danger: ButtonStyle.Danger,
} as const satisfies Record<Button['tone'], ButtonStyle>;
