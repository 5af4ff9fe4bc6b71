/**
 * The conversation that the language model was given for an answer, to be scrolled through.
 */

import { Line } from '../components/line.tsx';
import { Panel } from '../components/panel.tsx';
import { FRAME } from '../layout.ts';
import { scrolled } from '../state/ask.ts';
import { type PartProps, promptText } from '../state/ask-lines.ts';
import { number } from '../words.ts';

export function PromptPanel({ ask, width, height }: PartProps) {
  const { prompt } = ask.run ?? {};
  const { lines, room } = promptText({ ask, width, height });
  const note = prompt === undefined ? '' : `${number(prompt.tokens)} tokens · ↑↓ scroll, t closes`;
  return (
    <Panel title="Prompt" note={note} width={width} height={height}>
      {scrolled(lines, ask.scroll, room).map((span, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a line is its place
        <Line key={index} spans={[span]} width={width - FRAME.columns} />
      ))}
    </Panel>
  );
}
