/**
 * The chosen passage, its quote marked, with the text before and after it in its article.
 */

import wrapAnsi from 'wrap-ansi';
import type { Chunk } from '../../core/index.ts';
import { Line, type Span } from '../components/line.tsx';
import { Panel } from '../components/panel.tsx';
import { FRAME } from '../layout.ts';
import { walked } from '../state/ask.ts';
import type { PartProps } from '../state/ask-lines.ts';
import { plain } from '../words.ts';

export function Passage({ ask, width, height }: PartProps) {
  const inner = width - FRAME.columns;
  const item = walked(ask)[ask.chosen];
  const chunks = ask.passage?.chunks ?? [];
  const at = chunks.findIndex(({ id }) => id === item?.chunkId);
  const chunk = chunks[at];
  if (item === undefined || chunk === undefined)
    return (
      <Panel title="Passage" width={width} height={height}>
        <Line spans={[{ text: item === undefined ? '' : 'Looking it up …', tone: 'quiet' }]} width={inner} />
      </Panel>
    );
  const text = plain(chunk.text);
  const quote = plain(item.quote);
  const start = quote === '' ? -1 : text.indexOf(quote);
  const [before, quoted, after] =
    start < 0 ? [text, '', ''] : [text.slice(0, start), quote, text.slice(start + quote.length)];
  const same = (other: Chunk | undefined) => (other?.articleId === chunk.articleId ? plain(other.text) : '');
  const lines = wrapped(
    [
      { text: endOf(same(chunks[at - 1])), tone: 'quiet' },
      { text: before },
      { text: quoted, tone: 'key' },
      { text: after },
      { text: `\n${same(chunks[at + 1])}`, tone: 'quiet' },
    ],
    inner,
  );
  return (
    <Panel title={plain(chunk.title)} note={plain(chunk.section.at(-1) ?? '')} width={width} height={height}>
      {lines.slice(0, Math.max(1, height - FRAME.rows - 1)).map((spans, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a line is its place
        <Line key={index} spans={spans} width={inner} />
      ))}
      <Line spans={[{ text: plain(chunk.url), tone: 'accent' }]} width={inner} />
    </Panel>
  );
}

const BEFORE = 160;

/** The end of the chunk before, shown ahead of the passage. */
function endOf(text: string): string {
  if (text === '') return '';
  return text.length <= BEFORE ? `${text}\n` : `…${text.slice(-BEFORE)}\n`;
}

/** Spans that follow each other as lines of at most `width` columns: white space at a break is left out, all else kept. */
export function wrapped(given: Span[], width: number): Span[][] {
  const spans = given.map((span) => ({ ...span, text: span.text.normalize() })); // as wrap-ansi normalises its lines
  const whole = spans.map(({ text }) => text).join('');
  let at = 0;
  return wrapAnsi(whole, width, { hard: true })
    .split('\n')
    .map((line) => {
      const from = whole.indexOf(line, at);
      at = from + line.length;
      let passed = 0;
      return spans.map((span) => {
        const begin = passed;
        passed += span.text.length;
        return { ...span, text: span.text.slice(Math.max(0, from - begin), Math.max(0, at - begin)) };
      });
    });
}
