/**
 * The line at the top of a screen that a question is typed in, or the name of a set of them. Knows no screen.
 */

import { FRAME, QUESTION_ROWS } from '../layout.ts';
import type { Field } from '../state/field.ts';
import { Panel } from './panel.tsx';
import { TextLine } from './text-line.tsx';

export interface QuestionPanelProps {
  title: string;
  note: string;
  field: Field;
  focused: boolean;
  /** Shown while nothing is typed. */
  empty: string;
  width: number;
}

export function QuestionPanel({ title, note, field, focused, empty, width }: QuestionPanelProps) {
  return (
    <Panel title={title} note={note} width={width} height={QUESTION_ROWS}>
      <TextLine
        label={{ text: '› ', tone: 'key' }}
        field={field}
        focused={focused}
        empty={empty}
        width={width - FRAME.columns}
      />
    </Panel>
  );
}
