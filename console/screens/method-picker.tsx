/**
 * The list of methods to compare, of which two to four are chosen.
 */

import { Line } from '../components/line.tsx';
import { Panel } from '../components/panel.tsx';
import { FRAME } from '../layout.ts';
import type { CompareState } from '../state/compare.ts';
import { windowOf } from '../state/list.ts';
import type { MethodFacts } from '../state/types.ts';
import { plain } from '../words.ts';

interface MethodPickerProps {
  compare: CompareState;
  methods: MethodFacts[];
  width: number;
  height: number;
}

export function MethodPicker({ compare, methods, width, height }: MethodPickerProps) {
  const inner = width - FRAME.columns;
  const { from, shown } = windowOf(methods, compare.at, height - FRAME.rows);
  return (
    <Panel title="Methods" note={`${compare.chosen.length} of 2 to 4`} width={width} height={height}>
      {shown.map(({ name, about }, index) => (
        <Line
          key={name}
          spans={[
            { text: compare.chosen.includes(name) ? '✓ ' : '  ', tone: 'good' },
            { text: name.padEnd(14), tone: 'title' },
            { text: plain(about), tone: 'quiet' },
          ]}
          width={inner}
          chosen={from + index === compare.at}
        />
      ))}
    </Panel>
  );
}
