import { describe, expect, it } from 'vitest';
import { type Action, decodeAction, encodeAction } from '../../bots/action.ts';
import { liveBuild } from '../../bots/answer/live-build.ts';
import { failed, failureOf, finalView } from '../../bots/answer/outcome.ts';
import { relatedQuestions } from '../../bots/answer/related.ts';
import { finalButtons, pageButtons } from '../../bots/render/buttons.ts';
import { newId } from '../../bots/state/state.ts';
import type { Ask } from '../../bots/surface.ts';
import { CoreError } from '../../core/errors.ts';
import type { AskProcess, Settings } from '../../core/index.ts';
import { hits } from '../fixtures/scripted-builds.ts';

const answer = newId();
const actions: Action[] = [
  { name: 'stop', answer },
  { name: 'retry', answer },
  { name: 'share', answer },
  { name: 'passages', answer },
  { name: 'turn', answer, page: 12 },
  { name: 'helpful', answer },
  { name: 'unhelpful', answer },
  { name: 'follow-up', answer },
  { name: 'related', answer, index: 2 },
  { name: 'nearest', answer, index: 0 },
  { name: 'export' },
  { name: 'forget' },
];
const ask: Ask = {
  platform: 'slack',
  event: 'e',
  user: 'u',
  roles: [],
  place: { channel: 'c', direct: false },
  locale: 'en',
  text: 'Where was Albert Einstein born?',
};

describe('an action', () => {
  it.each(actions.map((action) => [action.name, action] as const))(
    '%s comes back from its id',
    (_, action) => {
      expect(encodeAction(action).length).toBeLessThanOrEqual(60);
      expect(decodeAction(encodeAction(action))).toEqual(action);
    },
  );

  it.each([
    '',
    'fn',
    'fn:',
    'fn:drop:x',
    'fn:stop',
    'fn:stop:a b',
    'fn:turn:x:',
    'fn:turn:x:-1',
    'fn:turn:x:1:2',
    'xx:stop:a',
    'fn:related:x:1e9',
    'fn:export:x',
    'fn:__proto__:x:1',
    'fn:stop:x:1',
  ])('is not read from the id “%s”', (id) => {
    expect(decodeAction(id)).toBeUndefined();
  });
});

describe('buttons', () => {
  it('keep to the shorter of the platforms’ label lengths, and each is another action', () => {
    const related = [`What is said about “${'Very long title '.repeat(12)}”?`, 'B', 'C'];
    const known = { id: answer, ask: { ...ask, private: true }, language: 'de' as const, at: 0 };
    const buttons = finalButtons({
      ...known,
      outcome: 'answer',
      passages: [],
      related,
      nearest: [],
      messages: [],
    });
    for (const { label } of buttons) expect(label.length).toBeLessThanOrEqual(75);
    expect(new Set(buttons.map(({ action }) => encodeAction(action))).size).toBe(buttons.length);
    expect(buttons[0]).toMatchObject({ label: 'Teilen', tone: 'primary' });
  });

  it('turn pages within the bounds', () => {
    const names = (page: number) => pageButtons('en', answer, page, 3).map(({ label }) => label);
    expect([names(0), names(1), names(2)]).toEqual([['Next'], ['Previous', 'Next'], ['Previous']]);
  });
});

describe('related questions', () => {
  it('are about found articles that are not cited, then about sections that are not', () => {
    const citations = [{ title: 'Albert Einstein', section: '' }] as never;
    const questions = relatedQuestions({ citations, question: 'Where?' }, hits.slice(0, 3), 'en');
    expect(questions).toEqual(['What is said about “Ulm”?', 'Albert Einstein: Death?']);
  });
});

describe('a failure', () => {
  it.each([
    ['worker-crashed', true, 'The language model stopped in the middle of the answer.'],
    ['worker-crashed', false, 'The search stopped in the middle of the question.'],
    ['not-found', false, 'There is no collection of articles to ask at the moment.'],
    ['disk', true, 'The question could not be answered because of a fault.'],
  ] as const)(
    '%s (writing: %s) is one sentence without a path, with a reference and Retry',
    (code, writing, sentence) => {
      const error = new CoreError(code, 'Cannot read /secret/path.');
      const known = { id: answer, ask, language: 'en' as const, at: 0 };
      expect(finalView(failed(known, failureOf(error, writing)))).toMatchObject({
        kind: 'error',
        sentence,
        reference: answer,
        buttons: [{ action: { name: 'retry', answer } }],
      });
    },
  );
});

describe('the build that the bots ask', () => {
  const settings = { data: '/nowhere' } as Settings;
  const buildOf = (name: string) =>
    ({ manifest: { name }, close: async () => undefined }) as unknown as AskProcess;

  it('is opened once for many questions at once, and again after a failure', async () => {
    let opened = 0;
    const open = async () => {
      opened += 1;
      if (opened === 1) throw new CoreError('not-found', 'There is no build.');
      return buildOf('a');
    };
    const live = liveBuild(settings, () => undefined, { open, active: async () => 'a' });
    await expect(live.lease()).rejects.toThrow('There is no build.');
    await Promise.all([1, 2, 3].map(() => live.lease()));
    expect(opened).toBe(2);
  });

  it('stays with the build it has where the new one does not open', async () => {
    let active = 'a';
    const open = async () => {
      if (active === 'broken') throw new CoreError('bad-input', 'The manifest is damaged.');
      return buildOf(active);
    };
    const live = liveBuild(settings, () => undefined, { open, active: async () => active });
    await live.lease();
    active = 'broken';
    expect((await live.lease()).build.manifest.name).toBe('a');
  });
});
