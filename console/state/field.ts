/**
 * One line of text that is being typed. Knows graphemes and the cursor; nothing about what the text is for.
 */
export interface Field {
  text: string;
  /** In characters (UTF-16 units) of `text`, always between two graphemes. */
  cursor: number;
}

export const emptyField: Field = { text: '', cursor: 0 };

export const fieldOf = (text: string): Field => ({ text, cursor: text.length });

const LONGEST = 2_000;
const segmenter = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

const lastOf = (text: string) => [...segmenter.segment(text)].at(-1)?.segment.length ?? 0;
const firstOf = (text: string) => [...segmenter.segment(text)].at(0)?.segment.length ?? 0;

/** The field after a key: a key's name as in keys.ts, or text that was typed or pasted. Other keys change nothing. */
export function edit({ text, cursor }: Field, key: string): Field {
  const [before, after] = [text.slice(0, cursor), text.slice(cursor)];
  switch (key) {
    case 'left':
      return { text, cursor: cursor - lastOf(before) };
    case 'right':
      return { text, cursor: cursor + firstOf(after) };
    case 'home':
    case 'ctrl-a':
      return { text, cursor: 0 };
    case 'end':
    case 'ctrl-e':
      return fieldOf(text);
    case 'backspace': {
      const kept = before.slice(0, before.length - lastOf(before));
      return { text: kept + after, cursor: kept.length };
    }
    case 'ctrl-d':
      return { text: before + after.slice(firstOf(after)), cursor };
    case 'ctrl-u':
      return { text: after, cursor: 0 };
    case 'ctrl-w': {
      const kept = before.replace(/\S+\s*$/u, '');
      return { text: kept + after, cursor: kept.length };
    }
    default: {
      const typed = isText(key) ? key.replace(/[\p{Cc}\s]+/gu, ' ') : '';
      if (text.length + typed.length > LONGEST) return { text, cursor };
      return { text: before + typed + after, cursor: cursor + typed.length };
    }
  }
}

/** Whether a key stands for text: one grapheme, or a paste. */
function isText(key: string): boolean {
  return key.startsWith(PASTE) || [...segmenter.segment(key)].length === 1;
}

/** Prefix of pasted text, so that it cannot be taken for a key's name. */
export const PASTE = '\u0000';
