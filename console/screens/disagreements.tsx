/**
 * The questions where two methods of a set disagree, with how the two differ over all of them.
 */

import { Line, type Span } from '../components/line.tsx';
import { Panel } from '../components/panel.tsx';
import { type Column, Table } from '../components/table.tsx';
import { FRAME } from '../layout.ts';
import { differenceOf, pairsOf, type SetState } from '../state/question-set.ts';
import { plain, signed } from '../words.ts';

interface DisagreementsProps {
  set: SetState;
  width: number;
  height: number;
}

export function Disagreements({ set, width, height }: DisagreementsProps) {
  const pairs = pairsOf(set);
  const pair = pairs[set.pair % Math.max(1, pairs.length)];
  const title =
    pair === undefined
      ? 'Where two methods disagree'
      : `Where ${plain(pair.first)} and ${plain(pair.second)} disagree`;
  const columns: Column[] = [
    { title: 'question', grows: true },
    { title: plain(pair?.first ?? ''), align: 'right' },
    { title: plain(pair?.second ?? ''), align: 'right' },
  ];
  const rank = (at: number | undefined): Span =>
    at === undefined ? { text: 'not in 10', tone: 'bad' } : { text: `rank ${at}`, tone: 'good' };
  const rows = set.disagreements.map(({ question, first, second }): Span[] => [
    { text: plain(question) },
    rank(first),
    rank(second),
  ]);
  return (
    <Panel title={title} note={noteOf(set)} width={width} height={height}>
      {rows.length === 0 ? (
        <Line
          spans={[{ text: set.result === undefined ? '' : 'nowhere', tone: 'quiet' }]}
          width={width - FRAME.columns}
        />
      ) : (
        <Table
          columns={columns}
          rows={rows}
          chosen={set.chosen}
          width={width - FRAME.columns}
          height={height - FRAME.rows}
        />
      )}
    </Panel>
  );
}

/** The paired difference of the two over all questions, with its interval. */
function noteOf(set: SetState): string {
  const difference = differenceOf(set);
  if (difference === undefined) return '';
  const [low, high] = difference.ci95.map(signed);
  return `MRR@10 ${signed(difference.difference)} (${low} to ${high})`;
}
