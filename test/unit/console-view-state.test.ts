/** What keys and events make of the console's state. */
import { describe, expect, it } from 'vitest';
import { BINDINGS } from '../../console/keys.ts';
import { buildItems } from '../../console/state/builds.ts';
import { edit, emptyField, fieldOf } from '../../console/state/field.ts';
import { placesOf } from '../../console/state/places.ts';
import { sortedMethods } from '../../console/state/question-set.ts';
import { rateOf } from '../../console/state/run.ts';
import type { ViewState } from '../../console/state/types.ts';
import { update } from '../../console/view-state.ts';
import type { AskEvent, JournalEntry } from '../../core/index.ts';
import {
  asked,
  compared,
  drawn,
  embedding,
  evaluated,
  filled,
  furnished,
  NOON,
  pressed,
  told,
} from '../fixtures/console.tsx';

const state = furnished();
const onBuilds = pressed(state, '2');
const effectsOf = (keys: string[], from = onBuilds) =>
  update(pressed(from, ...keys.slice(0, -1)), { type: 'key', key: keys.at(-1) as string })[1];

describe('the list of builds', () => {
  it('has what runs first, then what is live', () => {
    expect(buildItems(state.builds).map(({ name }) => name)).toEqual(['rivers', 'towns', 'old-towns']);
  });
  it('is filtered as one types, and whole again after Esc', () => {
    const filtered = pressed(onBuilds, '/', 'o', 'l', 'd', 'enter');
    expect(buildItems(filtered.builds).map(({ name }) => name)).toEqual(['old-towns']);
    expect(buildItems(pressed(filtered, 'esc').builds)).toHaveLength(3);
  });
  it('keeps the chosen build chosen when it changes its place', () => {
    const died = told(onBuilds, { type: 'run', name: 'rivers', entries: [], alive: false });
    expect(buildItems(died.builds).map(({ name }) => name)).toEqual(['towns', 'old-towns', 'rivers']);
    expect(update(died, { type: 'key', key: 'r' })[1]).toEqual([{ type: 'resume', name: 'rivers' }]);
  });
  it('keeps its selection inside when builds go', () => {
    const last = pressed(onBuilds, 'G');
    expect(last.builds.list.selected).toBe(2);
    expect(told(last, { type: 'builds', summaries: [] }).builds.list.selected).toBe(0);
  });
});

describe('a build', () => {
  it('is activated by Enter, and the one before it by b', () => {
    expect(effectsOf(['j', 'j', 'enter'])).toEqual([{ type: 'activate', name: 'old-towns' }]);
    expect(effectsOf(['b'])).toEqual([{ type: 'activate', name: 'old-towns' }]);
  });
  it('is removed only after yes', () => {
    expect(effectsOf(['G', 'x'])).toEqual([]);
    expect(effectsOf(['G', 'x', 'n'])).toEqual([]);
    expect(effectsOf(['G', 'x', 'y'])).toEqual([{ type: 'remove', name: 'old-towns' }]);
  });
  it('that is live or in the making is never removed', () => {
    expect(pressed(onBuilds, 'x').confirm).toBeUndefined();
    expect(pressed(onBuilds, 'j', 'x').confirm).toBeUndefined();
  });
  it('that is being verified holds whoever leaves', () => {
    const verifying = pressed(onBuilds, 'j', 'v');
    expect(effectsOf(['q'], verifying)).toEqual([]);
    expect(effectsOf(['q', 'y'], verifying)).toEqual([{ type: 'quit' }]);
    expect(
      effectsOf(['q'], told(verifying, { type: 'verify-end', name: 'towns', files: 4, bytes: 1 })),
    ).toEqual([{ type: 'quit' }]);
  });
});

describe('a run', () => {
  const run = state.builds.runs.rivers;
  it('is followed from its journal', () => {
    expect(run).toMatchObject({
      status: 'running',
      stage: 'embed',
      pid: 4242,
      warnings: ['2 records could not be read.'],
    });
    expect(run?.stages.read).toMatchObject({ done: 500, ms: 23_800 });
    expect(run && rateOf(run)).toBeCloseTo(1026 / 19, 0);
  });
  it('whose process is gone is told of, with the key that goes on', () => {
    const died = told(state, { type: 'run', name: 'rivers', entries: [], alive: false });
    expect(died.builds.runs.rivers?.status).toBe('died');
  });
  it('begins anew with the next start', () => {
    const again = told(state, {
      type: 'run',
      name: 'rivers',
      entries: embedding('rivers', NOON).slice(0, 2),
      alive: true,
    });
    expect(again.builds.runs.rivers).toMatchObject({ startedAt: NOON, warnings: [] });
    expect(again.builds.runs.rivers?.stages.embed).toBeUndefined();
  });
  it('shows each round of training lists and codes until vectors are coded', () => {
    const at = NOON;
    const of = { stage: 'index', unit: 'vectors' } as const;
    const round = (iteration: number) => ({ at, iteration, iterations: 10 });
    const entries: JournalEntry[] = [
      { at, type: 'stage-start', ...of },
      { ...round(1), type: 'train-progress', objective: 0.7, imbalance: 1.4, split: 0 },
      { ...round(2), type: 'train-progress', objective: 0.8, imbalance: 1.3, split: 0 },
      { ...round(1), type: 'codebook-progress', error: 0.31 },
      { ...round(2), type: 'codebook-progress', error: 0.29 },
      { at, type: 'stage-progress', ...of, done: 8, total: 90 },
    ];
    const trainingAfter = (count: number) =>
      told(state, { type: 'run', name: 'rivers', entries: entries.slice(0, count), alive: true }).builds.runs
        .rivers?.training;
    expect(trainingAfter(3)).toMatchObject({
      of: 'lists',
      iteration: 2,
      figures: [0.7, 0.8],
      imbalance: 1.3,
    });
    expect(trainingAfter(5)).toMatchObject({ of: 'codes', iteration: 2, figures: [0.31, 0.29] });
    expect(trainingAfter(6)).toBeUndefined();
  });
  it('takes no more room after a day of events than after an hour', () => {
    const entries = (hours: number) =>
      Array.from({ length: hours * 720 }, (_, index) => ({
        ...({ type: 'stage-progress', stage: 'embed', unit: 'chunks' } as const),
        ...{ at: NOON + index * 5_000, done: index * 250, total: 1e9 },
      }));
    const size = (hours: number) =>
      JSON.stringify(
        told(state, { type: 'run', name: 'rivers', entries: entries(hours), alive: true }).builds,
      ).length;
    expect(size(24)).toBeLessThan(size(1) * 1.2);
  });
});

describe('the form of a new build', () => {
  const form = filled(state);
  it('goes through folders as they are picked, and asks what the build will take', () => {
    expect(form.form?.texts.source.text).toBe('towns.jsonl');
    expect(form.form?.estimate?.chunks).toBe(49_500);
  });
  it('starts the build that it says', () => {
    const [, effects] = update(pressed(form, ...'two', 'tab'), { type: 'key', key: 'ctrl-s' });
    expect(effects).toEqual([]);
    expect(update(pressed(form, 'shift-tab', ...'two'), { type: 'key', key: 'ctrl-s' })[1]).toEqual([
      { type: 'start-build', order: { request: { sources: ['towns.jsonl'], name: 'two' } } },
    ]);
  });
  it('takes an earlier build, questions, weights, and whether broken records are skipped; Enter on the last field starts', () => {
    const keys = [
      'tab',
      'tab',
      ...'towns',
      'tab',
      ...'asked.jsonl',
      'tab',
      'tab',
      'right',
      'right',
      'tab',
      'tab',
      'right',
    ];
    expect(update(pressed(form, ...keys), { type: 'key', key: 'enter' })[1]).toEqual([
      {
        type: 'start-build',
        order: {
          request: { sources: ['towns.jsonl'], update: 'towns', questions: ['asked.jsonl'], skipBad: true },
          dtype: 'int8',
        },
      },
    ]);
  });
  it('keeps what was typed where a build is refused', () => {
    const refused = told(form, { type: 'failed', what: 'start-build', message: 'There is no file.' });
    expect(refused.form?.problem?.message).toBe('There is no file.');
    expect(refused.form?.texts.source.text).toBe('towns.jsonl');
  });
});

describe('a question', () => {
  const answered = asked(state);
  it('is answered as the events come, and its first citation is looked up', () => {
    expect(answered.ask.run).toMatchObject({ running: false, text: expect.stringContaining('[1]') });
    expect(answered.ask.passage?.chunkId).toBe(8);
  });
  it('shows its trace, the prompt and the answer in turn, the answer again after Esc, and no prompt where there was none', () => {
    const panes = (from = answered) => ['t', 'tt', 'ttt'].map((keys) => pressed(from, ...keys).ask.pane);
    expect(panes()).toEqual(['trace', 'prompt', 'answer']);
    expect(pressed(answered, 't', 't', 'esc').ask.pane).toBe('answer');
    expect(panes(pressed(state, '4', 'esc'))).toEqual(['trace', 'answer', 'trace']);
  });
  it.each([
    ['prompt', ['t', 't'], 'j', 'k'],
    ['answer', [], 'page-down', 'page-up'],
  ])(
    'ends the scrolling of a long %s with its last line, so that the way back begins at once',
    (_, keys, down, up) => {
      const content = Array.from({ length: 40 }, (_, at) => `${'-'.repeat(60)} ${at + 1}`).join('\n');
      const events: AskEvent[] = [
        { type: 'prompt-sent', messages: [{ role: 'user', content }], tokens: 200 },
        { type: 'text-delta', text: content },
      ];
      const long = told(answered, ...events.map((event) => ({ type: 'ask-event', id: 1, event }) as const));
      const end = pressed(long, ...keys, ...Array<string>(60).fill(down));
      const seen = drawn(end);
      expect(seen).toContain('- 40');
      expect(drawn(pressed(end, up))).not.toBe(seen);
      const taller = told(end, { type: 'resize', columns: 80, rows: 30 });
      expect(drawn(pressed(taller, up))).not.toBe(drawn(taller));
    },
  );
  it('that was given up says nothing any more', () => {
    const again = pressed(answered, 'i', 'enter');
    const late = told(again, { type: 'ask-event', id: 1, event: { type: 'text-delta', text: 'late' } });
    expect(late.ask.run).toMatchObject({ id: 2, text: '' });
  });
});

describe('a comparison', () => {
  const through = compared(state);
  it('takes one vote, once every method is through', () => {
    const voted = update(through, { type: 'key', key: 'b' });
    expect(voted[1]).toMatchObject([{ type: 'vote', winner: 'keyword' }]);
    expect(update(voted[0], { type: 'key', key: 'a' })[1]).toEqual([]);
    expect(update(pressed(state, '5', ...'Where?', 'enter'), { type: 'key', key: 'a' })[1]).toEqual([]);
  });
  it('tells a vote for a method that is called none from one for none of them', () => {
    const named = structuredClone(through);
    const first = named.compare.run?.columns[0];
    if (first !== undefined) first.method = 'none';
    const [forIt, itsEffects] = update(named, { type: 'key', key: 'a' });
    const [forNone, noneEffects] = update(named, { type: 'key', key: 'o' });
    expect(forIt.compare.run?.vote).toEqual({ winner: 'none' });
    expect(forNone.compare.run?.vote).toEqual({ winner: undefined });
    expect(itsEffects).toMatchObject([{ type: 'vote', winner: 'none' }]);
    expect(noneEffects).toMatchObject([{ type: 'vote', winner: undefined }]);
  });
  it('is between two to four methods', () => {
    const picking = pressed(state, '5', 'esc', 'm', ' ', 'j', ' ', 'j', ' ');
    expect(picking.compare.chosen).toEqual(['keyword', 'hybrid']);
    expect(pressed(picking, 'esc').compare.mode).toBe('columns');
  });
});

describe('a set of questions', () => {
  const through = evaluated(state);
  const order = (from: ViewState) => sortedMethods(from.compare.set).map(({ method }) => method);
  it('is sorted by quality with the best first, by what it costs with the least first', () => {
    expect(order(through)).toEqual(['default', 'keyword', 'dense']);
    expect(order(pressed(through, 'o', 'o', 'o', 'o'))).toEqual(['keyword', 'dense', 'default']);
  });
  it('looks up where the next two methods disagree', () => {
    expect(update(through, { type: 'key', key: 'p' })[1]).toEqual([
      { type: 'disagree', first: 'dense', second: 'default' },
    ]);
  });
  it('is answered too where that is wanted', () => {
    expect(update(pressed(through, 'w', 'i'), { type: 'key', key: 'enter' })[1]).toMatchObject([
      { type: 'evaluate', set: 'probes', answers: true },
    ]);
  });
});

describe('keys', () => {
  it('have one meaning in a place', () => {
    for (const place of new Set(BINDINGS.map((binding) => binding.place))) {
      const keys = BINDINGS.filter((binding) => binding.place === place).flatMap((binding) => binding.keys);
      expect(new Set(keys).size, place).toBe(keys.length);
    }
  });
  it('of help and dialogs hide those of the screen', () => {
    expect(placesOf(pressed(state, '?'))).toEqual(['help']);
    expect(pressed(state, '?', '2').screen).toBe('overview');
    expect(pressed(state, '?', 'esc', '2').screen).toBe('builds');
  });
  it('type whole graphemes and take whole ones back', () => {
    const typed = ['e\u0301', '👩‍🚀', '日'].reduce(edit, emptyField);
    expect(edit(edit(typed, 'backspace'), 'backspace').text).toBe('e\u0301');
    expect(edit(edit(typed, 'left'), 'x').text).toBe('e\u0301👩‍🚀x日');
    expect(edit(fieldOf('one two '), 'ctrl-w').text).toBe('one ');
  });
});

describe('a notice', () => {
  const failed = told(state, {
    type: 'failed',
    what: 'activate',
    message: 'The disk is full.',
    hint: 'Free space.',
  });
  it('of a failure stays until Esc', () => {
    expect(told(failed, { type: 'tick', now: NOON + 1e6 }).notice).toMatchObject({
      text: 'The disk is full.',
      mend: 'Free space.',
    });
    expect(pressed(failed, 'esc').notice).toBeUndefined();
  });
  it('of a success goes by itself', () => {
    expect(
      told(state, { type: 'done', text: 'Done.' }, { type: 'tick', now: NOON + 10_000 }).notice,
    ).toBeUndefined();
  });
});
