/**
 * Blocks of text -> messages within a length. Knows lines, words and limits; nothing about answers or vendors.
 * A message never ends inside a link, an escape, a code fence or a grapheme (a character as a person sees it).
 */
import { type Dialect, disarm, disarmCode, safeUrl } from './dialect.ts';

export type Span =
  | { kind: 'text'; text: string }
  /** Short and never split. */
  | { kind: 'strong'; text: string }
  /** Never split; plain text where the address cannot be a link. */
  | { kind: 'link'; text: string; url: string }
  | { kind: 'user'; id: string };

export type Block =
  | { kind: 'line'; spans: Span[]; style?: 'quote' | 'small' }
  | { kind: 'code'; text: string };

/** Longest text of a span that is never split, in characters. */
const WHOLE_SPAN = 150;
/** A grapheme longer than this is a pile of combining marks and is split like text. */
const GRAPHEME_UNITS = 32;
/** The length of the longest escape of one character, and of a run that is split no further. */
const LONGEST_ESCAPE = 5;
const RUN_UNITS = 12;

const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' });

export const line = (...spans: (Span | string)[]): Block => ({ kind: 'line', spans: spans.map(asSpan) });
export const quote = (...spans: (Span | string)[]): Block => ({ ...lineOf(spans), style: 'quote' });
export const small = (...spans: (Span | string)[]): Block => ({ ...lineOf(spans), style: 'small' });

function lineOf(spans: (Span | string)[]): { kind: 'line'; spans: Span[] } {
  return { kind: 'line', spans: spans.map(asSpan) };
}

function asSpan(span: Span | string): Span {
  return typeof span === 'string' ? { kind: 'text', text: span } : span;
}

/** The text in at most `most` UTF-16 units, cut between graphemes, with an ellipsis if something was cut. */
export function cut(text: string, most: number): string {
  if (text.length <= most) return text;
  const end = graphemes.segment(text).containing(most - 1)?.index ?? 0;
  // A first grapheme that is longer than the room is cut inside.
  return `${(end > 0 ? text.slice(0, end) : text.slice(0, most - 1).toWellFormed()).trimEnd()}…`;
}

/**
 * The blocks as messages of at most `limit` UTF-16 units each (at least 100; no platform counts a character as more).
 * Empty only if there is nothing to say.
 */
export function layOut(blocks: Block[], dialect: Dialect, limit: number): string[] {
  const messages: string[] = [];
  let current = '';
  const close = () => {
    if (current.trim() !== '') messages.push(current.trimEnd());
    current = '';
  };

  const addLine = (spans: Span[], prefix: string) => {
    let before = current; // what is sent if not even the line's first word fits
    if (current !== '') current += '\n';
    if (current.length + prefix.length >= limit) close();
    current += prefix;
    let atStart = true;
    for (const atom of atomsOf(spans, dialect, limit - prefix.length)) {
      const written = atStart ? atom.first : atom.later;
      if (atom.space && atStart) continue;
      if (current.length + written.length <= limit) current += written;
      else {
        if (atStart) current = before;
        close();
        before = '';
        current = atom.space ? prefix : prefix + atom.first;
        atStart = atom.space;
        continue;
      }
      atStart = false;
    }
  };

  const addCode = (text: string) => {
    const [open, end] = ['```\n', '\n```'];
    const room = limit - open.length - end.length;
    if (current !== '' && current.length + open.length + end.length + 40 > limit) close();
    if (current !== '') current += '\n';
    current += open;
    let lines = 0;
    for (const piece of codeLines(disarmCode(text).split('\n'), dialect, room)) {
      if (lines > 0 && current.length + 1 + piece.length + end.length > limit) {
        current += end;
        close();
        current = open;
        lines = 0;
      } else if (current.length + 1 + piece.length + end.length > limit) {
        current = current.slice(0, -open.length);
        close();
        current = open;
      }
      current += (lines > 0 ? '\n' : '') + piece;
      lines += 1;
    }
    current += end;
  };

  for (const block of blocks) {
    if (block.kind === 'code') addCode(block.text);
    else {
      const prefix = block.style === undefined ? '' : dialect[block.style];
      const inOneLine = block.spans.map((span) =>
        span.kind === 'user' ? span : { ...span, text: span.text.replace(/\s+/gu, ' ') },
      );
      addLine(inOneLine, prefix);
    }
  }
  close();
  return messages;
}

interface Atom {
  /** The text as the first word of a line, and as a later one. */
  first: string;
  later: string;
  space: boolean;
}

function* atomsOf(spans: Span[], dialect: Dialect, room: number): Generator<Atom> {
  const whole = (text: string): Atom => ({ first: text, later: text, space: false });
  for (const span of spans) {
    if (span.kind === 'text') yield* words(span.text, dialect, room);
    else if (span.kind === 'user') {
      if (/^[A-Za-z0-9]{1,32}$/.test(span.id)) yield whole(dialect.user(span.id));
    } else {
      const text = cut(span.text, WHOLE_SPAN);
      const url = span.kind === 'link' ? safeUrl(span.url) : '';
      const escaped = dialect.escape(disarm(text));
      const written =
        span.kind === 'strong' ? dialect.strong(escaped) : url === '' ? '' : dialect.link(escaped, url);
      if (written !== '' && text.trim() !== '' && written.length <= room) yield whole(written);
      else yield* words(text, dialect, room);
    }
  }
}

function* words(text: string, dialect: Dialect, room: number): Generator<Atom> {
  for (const word of disarm(text).split(/(\s+)/u)) {
    if (word === '') continue;
    const space = word.trim() === '';
    if (word.length * LONGEST_ESCAPE <= room || dialect.escapeStart(word).length <= room)
      yield { first: dialect.escapeStart(word), later: dialect.escape(word), space };
    else
      for (const part of parts(word))
        yield { first: dialect.escapeStart(part), later: dialect.escape(part), space };
  }
}

/** A text in short runs of whole graphemes. */
function* parts(text: string): Generator<string> {
  const segments = graphemes.segment(text);
  for (let start = 0; start < text.length; ) {
    const last = segments.containing(start + RUN_UNITS);
    const whole = last === undefined ? text.length : last.index;
    const first = whole > start ? undefined : segments.containing(start);
    const end = first === undefined ? whole : start + first.segment.length;
    const run = text.slice(start, end);
    if (run.length > GRAPHEME_UNITS) yield* run;
    else yield run;
    start = end;
  }
}

/** Lines of code as the dialect writes them, none longer than `room`. */
function* codeLines(lines: string[], dialect: Dialect, room: number): Generator<string> {
  for (const whole of lines) {
    const written = dialect.code(whole);
    if (written.length <= room) {
      yield written;
      continue;
    }
    let piece = '';
    for (const part of parts(whole)) {
      const next = dialect.code(part);
      if (piece.length + next.length > room) {
        yield piece;
        piece = '';
      }
      piece += next;
    }
    yield piece;
  }
}
