/**
 * A build's run: its stages with bars, its pace, its warnings and how it ended. Knows a run's view; no key.
 */
import type { BuildStage } from '../../core/index.ts';
import { isOpen, type RunView, rateOf, type StageView, type TrainingView } from '../state/run.ts';
import { type Tone, useTheme } from '../theme.ts';
import { amount, bytes, duration, number, plain } from '../words.ts';
import { bar, sparkline } from './graphs.ts';
import { Line, type Span } from './line.tsx';

const STAGES: BuildStage[] = ['read', 'words', 'embed', 'index', 'verify', 'activate'];

export const STATUS: Record<RunView['status'], { tone: Tone; words: string }> = {
  starting: { tone: 'accent', words: 'starting' },
  running: { tone: 'accent', words: 'running' },
  paused: { tone: 'warn', words: 'paused' },
  done: { tone: 'good', words: 'done' },
  cancelled: { tone: 'warn', words: 'cancelled' },
  failed: { tone: 'bad', words: 'failed' },
  died: { tone: 'bad', words: 'its process ended' },
};

/** What to do about a run that is not running. */
function mendOf(run: RunView): string | undefined {
  if (run.status === 'died') return 'Nothing is lost: r resumes where it stopped.';
  if (run.status === 'cancelled') return 'What is done is kept: r resumes where it stopped.';
  if (run.status === 'paused') return 'p resumes it.';
  return run.failure?.hint;
}

export function RunLines({ run, width, now }: { run: RunView; width: number; now: number }) {
  const { spoken } = useTheme();
  const lines: { key: string; spans: (Span | string)[] }[] = STAGES.map((stage) => ({
    key: stage,
    spans: stageSpans(stage, run.stages[stage], run, width, spoken),
  }));
  if (run.pulling !== undefined) {
    const { model, bytes: done, total } = run.pulling;
    const of = total === undefined ? '' : ` of ${bytes(total)}`;
    lines.unshift({ key: 'pull', spans: [`fetching ${plain(model)}: ${bytes(done)}${of}`] });
  }
  const rate = rateOf(run);
  if (!spoken && run.rates.length > 1 && run.stage !== undefined) {
    const unit = run.stages[run.stage]?.unit ?? '';
    const pace = rate === undefined ? '' : ` ${pacePerSecond(rate, unit)}`;
    const graph = sparkline(run.rates, Math.min(60, width - 12 - pace.length));
    lines.push({
      key: 'pace',
      spans: ['pace     ', { text: graph, tone: 'accent' }, { text: pace, tone: 'quiet' }],
    });
  }
  if (!spoken && run.training !== undefined)
    lines.push({ key: 'rounds', spans: roundSpans(run.training, width) });
  if (run.failure !== undefined)
    lines.push({ key: 'failure', spans: [{ text: `✗ ${plain(run.failure.message)}`, tone: 'bad' }] });
  const mend = mendOf(run);
  if (mend !== undefined) lines.push({ key: 'mend', spans: [{ text: `→ ${plain(mend)}`, tone: 'warn' }] });
  for (const [index, warning] of run.warnings.slice(-3).entries())
    lines.push({ key: `warning ${index}`, spans: [{ text: `! ${plain(warning)}`, tone: 'warn' }] });
  if (isOpen(run) && now - run.at > 15_000 && run.status === 'running')
    lines.push({ key: 'silent', spans: [{ text: `no news for ${duration(now - run.at)}`, tone: 'quiet' }] });
  return lines.map(({ key, spans }) => <Line key={key} spans={spans} width={width} />);
}

function stageSpans(
  stage: BuildStage,
  view: StageView | undefined,
  run: RunView,
  width: number,
  spoken: boolean,
): (Span | string)[] {
  const name = stage.padEnd(9);
  if (view === undefined) return [{ text: spoken ? `${stage}: to come` : name, tone: 'quiet' }];
  const ended = view.ms !== undefined;
  const tone: Tone = ended ? 'good' : run.status === 'paused' ? 'warn' : 'accent';
  const share = ended ? 1 : shareOf(stage, view, run);
  const room = Math.max(8, Math.min(40, Math.floor((width - 9) / 2.6)));
  const { filled, rest } = bar(share, room);
  const counts = countsOf(stage, view, run);
  if (spoken) return [`${stage}: ${counts}`];
  return [
    { text: name, tone: ended ? 'plain' : 'title' },
    { text: filled, tone, mark: true },
    { text: rest, tone: 'quiet', mark: true },
    ` ${counts}`,
  ];
}

function countsOf(stage: BuildStage, view: StageView, run: RunView): string {
  const { done, total, unit, ms } = view;
  if (ms !== undefined) return `${done > 0 && unit !== '' ? `${amount(done, unit)}, ` : ''}${duration(ms)}`;
  if (stage === run.stage && run.training !== undefined) {
    const { of, iteration, iterations, imbalance } = run.training;
    const even = imbalance === undefined ? '' : `, imbalance ${imbalance.toFixed(2)}`;
    return `training ${of}, round ${iteration} of ${iterations}${even}`;
  }
  const parts = [total === undefined ? amount(done, unit) : `${number(done)} of ${amount(total, unit)}`];
  const rate = run.stage === stage && run.status === 'running' ? rateOf(run) : undefined;
  if (total) parts.push(`${Math.floor((100 * Math.min(done, total)) / total)} %`);
  if (rate !== undefined) {
    parts.push(pacePerSecond(rate, unit));
    if (total && total > done) parts.push(`${duration(((total - done) / rate) * 1_000)} left`);
  }
  return parts.join(', ');
}

/** The share that is done; while training, the share of its rounds. */
function shareOf(
  stage: BuildStage,
  { done, total }: StageView,
  { stage: current, training }: RunView,
): number {
  if (stage === current && training !== undefined) return training.iteration / training.iterations;
  return total ? done / total : 0;
}

/** The figure of each training round, drawn between the lowest and the highest. */
function roundSpans({ of, figures }: TrainingView, width: number): Span[] {
  const last = figures.at(-1) ?? 0;
  const words = of === 'lists' ? ` nearness ${last.toFixed(4)}` : ` error ${last.toFixed(4)}`;
  const graph = sparkline(figures, Math.min(60, width - 9 - words.length), Math.min(...figures));
  return [{ text: 'rounds   ' }, { text: graph, tone: 'accent' }, { text: words, tone: 'quiet' }];
}

function pacePerSecond(rate: number, unit: string): string {
  if (unit === 'bytes') return `${bytes(rate)}/s`;
  return `${rate < 100 ? rate.toFixed(1) : number(rate)}/s`;
}
