/**
 * What appears in front of a screen: a yes-or-no question, and the help, made from the key bindings.
 */

import { Box } from 'ink';
import { BINDINGS, type Place, shown } from '../keys.ts';
import { FRAME } from '../layout.ts';
import type { Confirm as ConfirmState } from '../state/types.ts';
import { columnsOf, inColumns, Line, type Span } from './line.tsx';
import { Panel } from './panel.tsx';

interface Size {
  width: number;
  height: number;
}

export function Confirm({ question, detail, width, height }: ConfirmState & Size) {
  const wide = Math.min(
    width,
    Math.max(40, Math.max(columnsOf(question), columnsOf(detail)) + 2 * FRAME.columns),
  );
  return (
    <Box width={width} height={height} alignItems="center" justifyContent="center">
      <Panel title="Sure?" tone="warn" width={wide} height={4 + FRAME.rows}>
        <Line spans={[{ text: question, tone: 'title' }]} width={wide - FRAME.columns} />
        <Line spans={[detail]} width={wide - FRAME.columns} />
        <Line spans={[]} width={wide - FRAME.columns} />
        <Line
          spans={[{ text: 'y', tone: 'key' }, ' yes   ', { text: 'n', tone: 'key' }, ' no']}
          width={wide - FRAME.columns}
        />
      </Panel>
    </Box>
  );
}

/** Every key that works here, in several columns if they are needed and there is room. */
export function Help({ place, width, height }: Size & { place: Place }) {
  const places: [Place, string][] = [
    [place, place === 'set' ? 'In a set of questions' : `On ${place}`],
    ['list', 'In lists'],
    ['everywhere', 'Everywhere'],
  ];
  const rows: Span[][] = places.flatMap(([place, title]) => {
    const bindings = BINDINGS.filter((binding) => binding.place === place);
    if (bindings.length === 0) return [];
    return [
      [{ text: title, tone: 'title' as const }],
      ...bindings.map(({ keys, label }): Span[] => [
        { text: inColumns(`  ${keys.map(shown).join(' ')}`, 16), tone: 'key' },
        { text: label },
      ]),
      [],
    ];
  });
  const room = height - FRAME.rows;
  const inner = width - FRAME.columns;
  const columns = Math.min(Math.ceil(rows.length / room), Math.max(1, Math.floor(inner / 36)));
  const each = Math.floor(inner / columns);
  return (
    <Panel title="Keys" note="esc closes" width={width} height={height}>
      <Box>
        {Array.from({ length: columns }, (_, column) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a column is its place
          <Box key={column} flexDirection="column">
            {rows.slice(column * room, (column + 1) * room).map((spans, index) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: a row is its place
              <Line key={index} spans={spans} width={each} />
            ))}
          </Box>
        ))}
      </Box>
    </Panel>
  );
}
