/**
 * Slack's documented limits on messages and views: says which limit is broken. Written from the Block Kit reference
 * (https://docs.slack.dev/reference/block-kit); knows nothing about what the bots send.
 */
import type { AnyBlock, Button, KnownBlock, View } from '@slack/types';

const MARKDOWN = 12_000;
const MESSAGE = 13_200;

/** What is wrong with a message, or undefined. */
export function messageFault(
  text: string,
  blocks: KnownBlock[] | undefined,
): { error: string; why: string } | undefined {
  if (text === '' && (blocks === undefined || blocks.length === 0))
    return { error: 'no_text', why: 'nothing to show' };
  if (text.length > 40_000) return { error: 'msg_too_long', why: 'text over 40,000' };
  if (!text.isWellFormed()) return { error: 'invalid_arguments', why: 'half a surrogate pair' };
  if (blocks === undefined) return undefined;
  const why = blocksFault(blocks, 50);
  if (why !== undefined) return { error: 'invalid_blocks', why };
  const markdown = blocks.reduce(
    (sum, block) => sum + (block.type === 'markdown' ? block.text.length : 0),
    0,
  );
  if (markdown > MARKDOWN) return { error: 'msg_too_long', why: `${markdown} characters of markdown` };
  if (markdown + text.length > MESSAGE)
    return { error: 'msg_too_long', why: `${markdown + text.length} characters in all` };
  return undefined;
}

/** What is wrong with a modal or a home tab, or undefined. */
export function viewFault(view: View): string | undefined {
  if (view.type === 'modal') {
    if (view.title.text.length > 24) return 'modal title over 24';
    if (view.title.type !== 'plain_text') return 'modal title is not plain text';
    for (const label of [view.submit, view.close])
      if ((label?.text.length ?? 1) > 24) return 'modal button over 24';
    if (view.blocks.some(({ type }) => type === 'input') && view.submit === undefined)
      return 'input without submit';
  }
  if ((view.private_metadata?.length ?? 0) > 3_000) return 'private_metadata over 3000';
  if ((view.callback_id?.length ?? 0) > 255) return 'callback_id over 255';
  if (view.blocks.some(({ type }) => type === 'markdown')) return 'markdown block outside a message';
  return blocksFault(view.blocks, 100);
}

function blocksFault(blocks: AnyBlock[], most: number): string | undefined {
  if (blocks.length > most) return `more than ${most} blocks`;
  const ids = new Set<string>();
  for (const block of blocks) {
    const id = block.block_id;
    if (id !== undefined && (id.length > 255 || ids.has(id))) return `block_id ${id.slice(0, 20)}`;
    if (id !== undefined) ids.add(id);
    const why = blockFault(block as KnownBlock);
    if (why !== undefined) return `${block.type}: ${why}`;
  }
  return undefined;
}

function blockFault(block: KnownBlock): string | undefined {
  switch (block.type) {
    case 'markdown':
      return textFault(block.text, MARKDOWN);
    case 'section':
      if (block.text === undefined && block.fields === undefined) return 'neither text nor fields';
      if ((block.fields?.length ?? 0) > 10) return 'more than 10 fields';
      for (const field of block.fields ?? []) if (field.text.length > 2_000) return 'field over 2000';
      return block.text === undefined ? undefined : textFault(block.text.text, 3_000);
    case 'context':
      return block.elements.length > 10 ? 'more than 10 elements' : undefined;
    case 'header':
      return block.text.type === 'plain_text' ? textFault(block.text.text, 150) : 'not plain text';
    case 'actions': {
      if (block.elements.length === 0 || block.elements.length > 25)
        return `${block.elements.length} elements`;
      const actions = block.elements.map((element) => element.action_id);
      if (new Set(actions).size < actions.length) return 'the same action_id twice';
      for (const element of block.elements) {
        const why = element.type === 'button' ? buttonFault(element) : undefined;
        if (why !== undefined) return why;
      }
      return undefined;
    }
    case 'input':
      if (block.element.type === 'plain_text_input' && (block.element.max_length ?? 0) > 3_000)
        return 'max_length over 3000';
      return textFault(block.label.text, 2_000);
    case 'divider':
      return undefined;
    default:
      return 'a block that this server does not know';
  }
}

function buttonFault({ text, value, url, action_id, style }: Button): string | undefined {
  if (text.type !== 'plain_text') return 'button text is not plain';
  if (style !== undefined && style !== 'primary' && style !== 'danger') return `style ${style}`;
  if ((action_id?.length ?? 0) > 255) return 'action_id over 255';
  if ((value?.length ?? 0) > 2_000) return 'value over 2000';
  if ((url?.length ?? 0) > 3_000) return 'url over 3000';
  return textFault(text.text, 75);
}

function textFault(text: string, most: number): string | undefined {
  if (text.trim() === '') return 'empty text';
  if (!text.isWellFormed()) return 'half a surrogate pair';
  return text.length > most ? `${text.length} characters, over ${most}` : undefined;
}
