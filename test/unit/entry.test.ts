import { defaultDeserialize, defaultSerialize } from '@keyv/serialize';
import { describe, expect, it } from 'vitest';
import { chunkOf, entryOf } from '../../core/store/entry.ts';
import type { Chunk } from '../../core/types.ts';

const chunk = (text: string, section: string[] = []): Chunk => ({
  id: 7,
  articleId: '1',
  title: 'Alvenmoor',
  section,
  position: 0,
  start: 0,
  end: text.length,
  url: '',
  language: 'en',
  text,
});

describe('a chunk as a Keyv entry', () => {
  it.each([
    ['plain text', chunk('A town.')],
    ['text that begins with a colon', chunk(': so it begins')],
    ['text that begins like Keyv’s bytes', chunk(':base64:QQ==')],
    ['text that holds what looks like such a string', chunk('he said: ":" and ,":" and [":"]')],
    ['a section that begins with a colon', chunk('A town.', [':Name', '::'])],
    ['quotes, backslashes and other scripts', chunk('"\\":\\" \u2028 é 東京 😀')],
  ])('with %s is written as Keyv itself writes it, and read back as it was', (_, given) => {
    expect(entryOf(given)).toBe(defaultSerialize({ value: given }));
    expect(defaultDeserialize(entryOf(given))).toEqual({ value: given });
    expect(chunkOf(entryOf(given))).toEqual(given);
  });
});
