/**
 * A framed part of the screen with a title in its frame. Knows its size; for a screen reader it is a heading and its content.
 */
import { Box, Text } from 'ink';
import type { ReactNode } from 'react';
import { type Tone, useTheme } from '../theme.ts';
import { columnsOf, inColumns } from './line.tsx';

/** Side by side; for a screen reader one after the other. */
export function Beside({ children }: { children: ReactNode }) {
  return <Box flexDirection={useTheme().spoken ? 'column' : 'row'}>{children}</Box>;
}

export interface PanelProps {
  title: string;
  /** At the right end of the title's line. */
  note?: string;
  tone?: Tone;
  width: number;
  height: number;
  children: ReactNode;
}

export function Panel({ title, note = '', tone = 'title', width, height, children }: PanelProps) {
  const { look, spoken } = useTheme();
  if (spoken)
    return (
      <Box flexDirection="column">
        <Text>{note === '' ? `${title}:` : `${title}, ${note}:`}</Text>
        {children}
      </Box>
    );
  const name = inColumns(title, Math.min(columnsOf(title), Math.max(0, width - 6)));
  const left = width - columnsOf(name) - 5;
  const end = note !== '' && columnsOf(note) + 3 < left ? ` ${note} ` : '';
  const rule = '─'.repeat(Math.max(0, left - columnsOf(end) - (end === '' ? 0 : 1)));
  const frame = look('quiet');
  return (
    <Box flexDirection="column" width={width} height={height} flexShrink={0}>
      <Text wrap="truncate">
        <Text {...frame}>╭─ </Text>
        <Text {...look(tone)}>{name}</Text>
        <Text {...frame}>{` ${rule}${end}${end === '' ? '╮' : '─╮'}`}</Text>
      </Text>
      <Box
        flexDirection="column"
        borderStyle="round"
        borderTop={false}
        {...(frame.color !== undefined && { borderColor: frame.color })}
        {...(frame.dimColor && { borderDimColor: true })}
        paddingX={1}
        height={height - 1}
        overflow="hidden"
      >
        {/* Content that does not fit is cut at the end, not squeezed out of the middle. */}
        <Box flexDirection="column" flexShrink={0}>
          {children}
        </Box>
      </Box>
    </Box>
  );
}
