/** Random keys over random events: nothing is thrown, every key reaches the state, and the state stays one that can be drawn. */
import { expect, it } from 'vitest';
import { BINDINGS } from '../../console/keys.ts';
import { buildItems } from '../../console/state/builds.ts';
import { placesOf } from '../../console/state/places.ts';
import { trafficRows } from '../../console/state/traffic.ts';
import type { Message, ViewState } from '../../console/state/types.ts';
import { update } from '../../console/view-state.ts';
import { drawn, embedding, everyScreen, furnished, NOON, summary } from '../fixtures/console.tsx';
import { randomNumbers } from '../fixtures/corpus.ts';

const KEYS = 10_000;
const DRAWN_EVERY = 1_000;
const SEED = 20_260_301;
const TEXT = ['x', 'é', '👩‍🚀', '日', ' ', '\u0000pasted text', '\u202e'];
const keys = [
  ...new Set([
    ...BINDINGS.flatMap((binding) => [...binding.keys]),
    ...TEXT,
    'left',
    'right',
    'backspace',
    'ctrl-w',
  ]),
];

function randomMessage(random: (below: number) => number): Message {
  const name = ['towns', 'rivers', 'old-towns', 'other'][random(4)] ?? '';
  const entries = embedding(name, NOON + random(100_000));
  const from = random(entries.length);
  const messages: Message[] = [
    { type: 'run', name, entries: entries.slice(from, from + random(8)), alive: random(3) > 0 },
    { type: 'run', name, entries: [{ at: NOON, type: 'build-pause' }], alive: true },
    {
      type: 'run',
      name,
      entries: [
        {
          at: NOON,
          type: 'run-end',
          outcome: 'failed',
          error: { code: 'disk', message: 'Full.', retryable: false, details: {} },
        },
      ],
      alive: false,
    },
    {
      type: 'builds',
      summaries: ['towns', 'old-towns', 'other']
        .slice(random(3))
        .map((one, index) => summary(one, { active: index === 0 })),
    },
    { type: 'tick', now: NOON + random(1_000_000) },
    { type: 'resize', columns: 20 + random(200), rows: 3 + random(60) },
    { type: 'processes', processes: [], machine: undefined },
    { type: 'verify-progress', name, done: random(10), total: 10 },
    { type: 'verify-end', name, files: 3, bytes: 1 },
    { type: 'run-gone', name },
    { type: 'ask-event', id: random(3), event: { type: 'text-delta', text: 'word ' } },
    { type: 'folder', path: '', entries: [{ name: 'a.xml', folder: false, bytes: 1 }] },
    { type: 'traffic', rows: [] },
    {
      type: 'failed',
      what: ['ask', 'estimate', 'verify', 'compare', 'evaluate', 'pull', ''][random(7)] ?? '',
      message: 'It failed.',
    },
    { type: 'done', text: 'Done.' },
  ];
  return messages[random(messages.length)] as Message;
}

/** What does not hold of a state that always must; checked without `expect`, which would take most of the time. */
function broken(state: ViewState): string | undefined {
  const { builds, traffic, compare, form } = state;
  const inside = (at: number, count: number) => at >= 0 && at <= Math.max(0, count - 1);
  if (!inside(builds.list.selected, buildItems(builds).length)) return 'the chosen build';
  if (!inside(traffic.list.selected, trafficRows(traffic).length)) return 'the chosen question';
  if (compare.chosen.length < 2 || compare.chosen.length > 4) return 'the methods compared';
  if (placesOf(state).length === 0) return 'the place';
  for (const field of [state.ask.question, state.index.question, compare.question, form?.texts.source]) {
    if (field === undefined) continue;
    if (field.cursor < 0 || field.cursor > field.text.length) return 'a cursor';
    if (/\p{Cc}/u.test(field.text)) return 'a text';
  }
  return undefined;
}

it(`${KEYS} random keys over random events leave a state that is valid and can be drawn`, {
  timeout: 120_000,
}, () => {
  const random = randomNumbers(SEED);
  let state = furnished();
  for (let count = 0; count < KEYS; count++) {
    const key = keys[random(keys.length)] as string;
    [state] = update(state, { type: 'key', key });
    if (random(3) === 0) [state] = update(state, randomMessage(random));
    const found = broken(state);
    if (found !== undefined) expect.fail(`${found} is not valid after key ${count}, ${JSON.stringify(key)}`);
    if (count % DRAWN_EVERY === 0) expect(drawn(state)).not.toBe('');
  }
});

it('what is typed reaches the field that is open: no key is lost', () => {
  for (const [name, state] of Object.entries(everyScreen({ columns: 80, rows: 24 }))) {
    if (!placesOf(state).includes('typing')) continue;
    for (const key of 'abcxyz129')
      expect(update(state, { type: 'key', key })[0], `${name} ${key}`).not.toEqual(state);
  }
});
