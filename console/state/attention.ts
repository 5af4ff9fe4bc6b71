/**
 * What an admin should look at, and the key that fixes it. Pure: knows the state.
 */
import type { Tone } from '../theme.ts';
import type { ViewState } from './types.ts';

export interface Attention {
  text: string;
  mend: string;
  tone: Tone;
}

/** Below this recall@10 answers miss passages that exact search finds. */
const LEAST_RECALL = 0.9;
const LEAST_DISK = 1_000_000_000;

export function attentionOf(state: ViewState): Attention[] {
  if (!state.ready) return [];
  const { summaries, runs } = state.builds;
  const found: Attention[] = [];
  const active = summaries.find((summary) => summary.active);
  if (active === undefined)
    found.push({ text: 'No build answers questions.', mend: '2 then n: make one', tone: 'warn' });
  if (active?.manifest !== undefined && active.manifest.recall.at10 < LEAST_RECALL)
    found.push({
      text: `"${active.name}" finds ${active.manifest.recall.at10.toFixed(3)} of what exact search finds.`,
      mend: '3: its index',
      tone: 'warn',
    });
  for (const { name, problem } of summaries)
    if (problem !== undefined)
      found.push({ text: `"${name}": ${problem}`, mend: '2 then x: remove it', tone: 'bad' });
  for (const { name, status, failure } of Object.values(runs)) {
    if (summaries.some((summary) => summary.name === name && summary.whole)) continue;
    if (status === 'died')
      found.push({ text: `The process of "${name}" ended.`, mend: '2 then r: go on', tone: 'bad' });
    if (status === 'failed')
      found.push({
        text: `"${name}" failed: ${failure?.message ?? ''}`,
        mend: failure?.hint ?? '2 then r: try again',
        tone: 'bad',
      });
  }
  if (state.bots?.status === 'ended')
    found.push({
      text: `The bots ended: ${state.bots.ending ?? ''}`,
      mend: '1 then r: start them again',
      tone: 'bad',
    });
  for (const { name, pid, restarts } of state.processes)
    if (restarts > 0)
      found.push({
        text: `“${name}” (${pid}) crashed ${restarts}×, and runs again.`,
        mend: '7 then c: check',
        tone: 'warn',
      });
  if (state.machine !== undefined && state.machine.diskFree < LEAST_DISK)
    found.push({ text: 'The disk is nearly full.', mend: '2 then x: remove builds', tone: 'bad' });
  return found;
}
