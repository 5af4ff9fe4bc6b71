/**
 * A line of text that is being typed, with its label and cursor, scrolled so that the cursor is visible.
 */
import { Text } from 'ink';
import type { Field } from '../state/field.ts';
import { useTheme } from '../theme.ts';
import { columnsOf, inColumns, Line, type Span } from './line.tsx';

export interface TextLineProps {
  label: Span;
  field: Field;
  focused: boolean;
  /** Shown while nothing is typed. */
  empty: string;
  width: number;
}

const segmenter = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

export function TextLine({ label, field, focused, empty, width }: TextLineProps) {
  const { look, spoken } = useTheme();
  const { text, cursor } = field;
  if (!focused || spoken)
    return (
      <Line
        spans={[label, text === '' ? { text: empty, tone: 'quiet' } : { text }]}
        width={spoken ? 10_000 : width}
      />
    );
  const room = width - columnsOf(label.text);
  const before = endOf(text.slice(0, cursor), room - 1);
  const [at = { segment: ' ' }] = segmenter.segment(text.slice(cursor));
  const after = text === '' ? empty : text.slice(cursor + (cursor < text.length ? at.segment.length : 0));
  return (
    <Text wrap="truncate">
      <Text {...look(label.tone ?? 'plain')}>{label.text}</Text>
      {before}
      <Text inverse>{at.segment}</Text>
      <Text {...look(text === '' ? 'quiet' : 'plain')}>
        {inColumns(after, room - columnsOf(before) - columnsOf(at.segment))}
      </Text>
    </Text>
  );
}

/** The end of a text that fits into `width` columns. */
function endOf(text: string, width: number): string {
  let kept = '';
  for (const { segment } of [...segmenter.segment(text)].reverse()) {
    if (columnsOf(kept) + columnsOf(segment) > width) break;
    kept = segment + kept;
  }
  return kept;
}
