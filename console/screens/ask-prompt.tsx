/**
 * The conversation that the language model was given for an answer, to be scrolled through.
 */
import wrapAnsi from 'wrap-ansi';
import { Line, type Span } from '../components/line.tsx';
import { FRAME, Panel } from '../components/panel.tsx';
import { type AskState, type Prompt, scrolled } from '../state/ask.ts';
import { number, plain } from '../words.ts';

export interface PromptProps {
  ask: AskState;
  width: number;
  height: number;
}

export function PromptPanel({ ask, width, height }: PromptProps) {
  const inner = width - FRAME.columns;
  const { prompt } = ask.run ?? {};
  const lines = prompt === undefined ? [] : promptLines(prompt, inner);
  const note = prompt === undefined ? '' : `${number(prompt.tokens)} tokens · ↑↓ scroll, t closes`;
  return (
    <Panel title="Prompt" note={note} width={width} height={height}>
      {scrolled(lines, ask.scroll, height - FRAME.rows).map((span, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a line is its place
        <Line key={index} spans={[span]} width={inner} />
      ))}
    </Panel>
  );
}

/** Each message under its role, its own line ends kept. */
function promptLines({ messages }: Prompt, width: number): Span[] {
  return messages.flatMap(({ role, content }): Span[] => [
    { text: role, tone: 'accent' },
    ...content
      .split('\n')
      .flatMap((line) => wrapAnsi(plain(line), width, { hard: true }).split('\n'))
      .map((text): Span => ({ text })),
    { text: '' },
  ]);
}
