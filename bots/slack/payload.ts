/**
 * View -> Slack message, form -> modal. Pure. Knows Block Kit and its limits; nothing about calls.
 *
 * Source: Block Kit reference (https://docs.slack.dev/reference/block-kit/blocks); a whole message is refused near 13,200
 * characters although a `markdown` block may hold 12,000.
 */
import type { ActionsBlock, KnownBlock, ModalView, Button as SlackButton } from '@slack/types';
import { encodeAction } from '../action.ts';
import { DIALECTS } from '../render/dialect.ts';
import { cut } from '../render/layout.ts';
import { renderView } from '../render/view-text.ts';
import type { Button, Form, View } from '../surface.ts';

export type Message = {
  /** What notifications show and screen readers read out. */
  text: string;
  blocks: KnownBlock[];
  unfurl_links: false;
  unfurl_media: false;
};

export interface Size {
  characters: number;
  buttons: number;
}

/** From the largest form to the smallest. */
export const SIZES: readonly [Size, ...Size[]] = [
  { characters: 11_500, buttons: 25 },
  { characters: 2_900, buttons: 5 },
];

const NOTIFICATION_CHARACTERS = 1_000;
const LABEL_CHARACTERS = 75;
const TITLE_CHARACTERS = 24;
const FIELD_LABEL_CHARACTERS = 2_000;
const TYPED_CHARACTERS = 3_000;

/** The view in at most `size` characters and buttons. */
export function messageOf(view: View, size: Size = SIZES[0]): Message {
  const room = { limit: size.characters, messages: 1 };
  const markdown = renderView(view, DIALECTS.markdown, room)[0] ?? '…';
  const notification =
    renderView(view, DIALECTS.mrkdwn, { limit: NOTIFICATION_CHARACTERS, messages: 4 })[0] ?? '…';
  return {
    text: notification,
    blocks: [{ type: 'markdown', text: markdown }, ...buttonRow(view.buttons.slice(0, size.buttons))],
    unfurl_links: false,
    unfurl_media: false,
  };
}

/** One block of buttons; none if there are no buttons. */
export function buttonRow(buttons: Button[]): ActionsBlock[] {
  const elements = buttons.map(({ action, label, tone }): SlackButton => {
    const text = plain(label, LABEL_CHARACTERS);
    const actionId = encodeAction(action);
    return { type: 'button', action_id: actionId, text, ...(tone !== 'plain' && { style: tone }) };
  });
  return elements.length === 0 ? [] : [{ type: 'actions', elements }];
}

/** Ids of a form and its field. */
export const FORM = { callback: 'fn_form', block: 'typed', field: 'typed' } as const;

/** The form as a modal; `metadata` comes back with what was typed. */
export function modalOf(form: Form, metadata: string): ModalView {
  return {
    type: 'modal',
    callback_id: FORM.callback,
    private_metadata: metadata,
    title: plain(form.title, TITLE_CHARACTERS),
    submit: plain(form.submit, TITLE_CHARACTERS),
    close: plain(form.cancel, TITLE_CHARACTERS),
    blocks: [
      {
        type: 'input',
        block_id: FORM.block,
        optional: !form.required,
        label: plain(form.label, FIELD_LABEL_CHARACTERS),
        element: {
          type: 'plain_text_input',
          action_id: FORM.field,
          multiline: true,
          max_length: Math.min(form.maxLength, TYPED_CHARACTERS),
        },
      },
    ],
  };
}

function plain(text: string, most: number): { type: 'plain_text'; text: string; emoji: false } {
  return { type: 'plain_text', text: cut(text.toWellFormed(), most) || '…', emoji: false };
}
