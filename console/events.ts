/**
 * Shows the events of a build or a download on stderr: what is being done, how far it is, what came from where.
 * Knows every event; nothing about the command that they come from.
 */
import type { BuildEvent, BuildStage, PullEvent } from '../core/index.ts';
import { LABEL_WIDTH, type Progress, type ProgressState } from './progress.ts';
import { amount, bytes, duration, plain } from './words.ts';

const DOING: Record<BuildStage, string> = {
  read: 'reading',
  words: 'words',
  embed: 'embedding',
  index: 'indexing',
  verify: 'verifying',
  activate: 'activating',
};

/** Shows one event. @param units keeps each stage's unit between its events */
export function showEvent(
  event: BuildEvent | PullEvent,
  progress: Progress,
  units: Map<BuildStage, string>,
): void {
  const line = lineOf(event, units);
  if (line !== undefined) progress.note(line);
  else if (event.type === 'stage-start') units.set(event.stage, event.unit);
  const state = stateOf(event);
  if (state !== undefined) progress.update(state);
}

/** The line that stays on the terminal, if any. */
function lineOf(event: BuildEvent | PullEvent, units: Map<BuildStage, string>): string | undefined {
  switch (event.type) {
    case 'build-start':
      return event.resumed
        ? `Going on with build "${event.build}" where it was.`
        : `Building "${event.build}": ${event.stages.join(', ')}.`;
    case 'stage-end':
      return stageLine(event, units.get(event.stage) ?? '');
    case 'build-pause':
      return 'Paused from another terminal; `footnote console` resumes it.';
    case 'build-resume':
      return 'Going on.';
    case 'warning':
      return `Warning: ${plain(event.message)}`;
    case 'pull-start': {
      const size = event.bytesTotal === undefined ? '' : ` (${bytes(event.bytesTotal)})`;
      const from = event.resumedFrom === undefined ? '' : `, going on at ${bytes(event.resumedFrom)}`;
      return `Fetching ${plain(event.model)} from ${plain(event.source)}${size}${from}.`;
    }
    case 'pull-refused':
      return `Not from ${plain(event.source)}: ${plain(event.reason)}`;
    case 'weights-start':
      return `Making ${event.dtype} weights of ${plain(event.model)}, once (about 10 s).`;
    case 'pull-end':
      return `Have ${plain(event.model)}, from ${plain(event.installed.origin)}`;
    default:
      return undefined;
  }
}

/** The progress that the next one overwrites, if any. */
function stateOf(event: BuildEvent | PullEvent): ProgressState | undefined {
  switch (event.type) {
    case 'stage-start':
      return { ...event, label: DOING[event.stage], done: 0 };
    case 'stage-progress':
      return { ...event, label: DOING[event.stage] };
    case 'train-progress':
      return { label: 'training', done: event.iteration, total: event.iterations, unit: 'rounds' };
    case 'codebook-progress':
      return { label: 'coding', done: event.iteration, total: event.iterations, unit: 'rounds' };
    case 'pull-progress':
      return { label: 'fetching', done: event.bytes, total: event.bytesTotal, unit: 'bytes' };
    default:
      return undefined;
  }
}

function stageLine(event: Extract<BuildEvent, { type: 'stage-end' }>, unit: string): string {
  const { stage, done, ms } = event;
  const what = unit === '' || done === 0 ? '' : `${amount(done, unit)}, `;
  return `${DOING[stage].padEnd(LABEL_WIDTH)} done: ${what}${duration(ms)}`;
}
