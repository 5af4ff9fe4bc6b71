/**
 * What answers, what runs, what it takes, and what needs attention, each with the key that fixes it.
 */

import { Box } from 'ink';
import { Fragment } from 'react';
import { bar } from '../components/graphs.ts';
import { Line, type Span } from '../components/line.tsx';
import { Beside, Panel } from '../components/panel.tsx';
import { STATUS } from '../components/run.tsx';
import { FRAME } from '../layout.ts';
import { attentionOf } from '../state/attention.ts';
import { isOpen, type RunView, rateOf } from '../state/run.ts';
import { bytes, day, duration, number, plain } from '../words.ts';
import { recallTone, type ScreenProps, sizeOf } from './builds.tsx';
import { BOTS_ROWS, Bots, Processes } from './overview-processes.tsx';

export function Overview({ state, width, height }: ScreenProps) {
  const half = Math.floor(width / 2);
  const attention = attentionOf(state);
  const below = Math.min(Math.max(3, attention.length + FRAME.rows), Math.floor(height / 3));
  const top = height - below;
  return (
    <Box flexDirection="column">
      <Beside>
        <Box flexDirection="column">
          <LiveBuild state={state} width={half} height={Math.min(9, Math.ceil(top / 2))} />
          <Running state={state} width={half} height={top - Math.min(9, Math.ceil(top / 2))} />
        </Box>
        <Box flexDirection="column">
          <Processes state={state} width={width - half} height={top - BOTS_ROWS} />
          <Bots state={state} width={width - half} height={BOTS_ROWS} />
        </Box>
      </Beside>
      <Panel
        title="Needs attention"
        note={attention.length > 0 ? `${attention.length}` : ''}
        tone={attention.length > 0 ? 'warn' : 'title'}
        width={width}
        height={below}
      >
        {attention.length === 0 && (
          <Line
            spans={[state.ready ? { text: '✓ nothing', tone: 'good' } : { text: 'Looking …', tone: 'quiet' }]}
            width={width - FRAME.columns}
          />
        )}
        {attention.map(({ text, mend, tone }) => (
          <Line
            key={text}
            spans={[
              { text: `! ${plain(text)}`, tone },
              { text: `  ${plain(mend)}`, tone: 'quiet' },
            ]}
            width={width - FRAME.columns}
          />
        ))}
      </Panel>
    </Box>
  );
}

function LiveBuild({ state, width, height }: ScreenProps) {
  const active = state.builds.summaries.find((summary) => summary.active)?.manifest;
  const inner = width - FRAME.columns;
  const rows: [string, Span][] =
    active === undefined
      ? []
      : [
          ['chunks', { text: `${number(active.chunks)} of ${number(active.articles)} articles` }],
          ['wiki', { text: plain(active.site).replace(/^https?:\/\//, '') || 'unknown' }],
          ['dump of', { text: active.dumpDate === undefined ? 'unknown' : day(active.dumpDate) }],
          [
            'recall@10',
            {
              text: `${active.recall.at10.toFixed(3)} with ${active.index.recipe}`,
              tone: recallTone(active.recall.at10),
            },
          ],
          ['model', { text: `${plain(active.model.name)} ${active.model.dtype}` }],
          ['on disk', { text: bytes(sizeOf(active)) }],
        ];
  return (
    <Panel
      title={active?.name ?? 'Live build'}
      note={active ? 'live' : ''}
      tone={active ? 'good' : 'title'}
      width={width}
      height={height}
    >
      {active === undefined && (
        <Line
          spans={[{ text: state.ready ? 'No build answers yet.' : 'Looking …', tone: 'quiet' }]}
          width={inner}
        />
      )}
      {rows.map(([label, span]) => (
        <Line key={label} spans={[{ text: label.padEnd(10), tone: 'quiet' }, span]} width={inner} />
      ))}
    </Panel>
  );
}

function Running({ state, width, height }: ScreenProps) {
  const inner = width - FRAME.columns;
  const runs = Object.values(state.builds.runs).filter(isOpen);
  return (
    <Panel title="Being built" note={runs.length > 0 ? `${runs.length}` : ''} width={width} height={height}>
      {runs.length === 0 && <Line spans={[{ text: 'nothing', tone: 'quiet' }]} width={inner} />}
      {runs.map((run) => (
        <Fragment key={run.name}>
          <Line spans={statusSpans(run)} width={inner} />
          <Line spans={stageSpans(run, inner)} width={inner} />
        </Fragment>
      ))}
    </Panel>
  );
}

function statusSpans(run: RunView): Span[] {
  const { tone, words } = STATUS[run.status];
  return [{ text: run.name, tone: 'title' }, { text: ' ' }, { text: words, tone }];
}

function stageSpans(run: RunView, width: number): Span[] {
  const { tone } = STATUS[run.status];
  const stage = run.stage === undefined ? undefined : run.stages[run.stage];
  const rate = rateOf(run);
  const known = stage?.total !== undefined && rate !== undefined && run.status === 'running';
  const left = known ? ` ${duration((((stage.total ?? 0) - stage.done) / rate) * 1_000)} left` : '';
  const share = stage?.total ? stage.done / stage.total : 0;
  const { filled, rest } = bar(share, Math.max(6, Math.min(24, width - 26)));
  return [
    { text: (run.stage ?? '').padEnd(9), tone: 'quiet' },
    { text: filled, tone, mark: true },
    { text: rest, tone: 'quiet', mark: true },
    { text: left },
  ];
}
