/**
 * Text that is still being written, as pieces that can only be appended. Pure. Knows words and markup; nothing about calls.
 */
import { textBlocks } from '../render/answer-text.ts';
import { DIALECTS } from '../render/dialect.ts';
import { layOut } from '../render/layout.ts';

/** A streamed message is refused beyond 12,000 characters. */
const STREAM_CHARACTERS = 11_500;

/** Whole words and closed code blocks of `text`, escaped; what comes later only adds to it. */
export function settledText(text: string): string {
  const words = text.slice(0, text.search(/\s\S*$/) + 1);
  const fences = [...words.matchAll(/```/g)];
  const open = fences.length % 2 === 1 ? fences.at(-1)?.index : undefined;
  const blocks = textBlocks({ text: words.slice(0, open).trimEnd(), sentences: [] });
  return layOut(blocks, DIALECTS.markdown, STREAM_CHARACTERS)[0] ?? '';
}

/** What to append after `sent`: empty if there is nothing new yet, undefined if the text started over. */
export function addition(sent: string, text: string): string | undefined {
  const settled = settledText(text);
  if (settled.startsWith(sent)) return settled.slice(sent.length);
  return sent.startsWith(settled) && settled !== '' ? '' : undefined;
}
