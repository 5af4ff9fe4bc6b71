import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Language, PHRASES } from '../../bots/phrases/phrases.ts';
import { formOf } from '../../bots/render/buttons.ts';
import { openBudget } from '../../bots/slack/budget.ts';
import { slackError } from '../../bots/slack/failure.ts';
import { homeView, suggestedPrompts } from '../../bots/slack/home.ts';
import {
  addressed,
  askOptions,
  compareOptions,
  mentions,
  plainText,
  typedCommand,
} from '../../bots/slack/incoming.ts';
import { messageOf, modalOf, SIZES } from '../../bots/slack/payload.ts';
import { slackSetup } from '../../bots/slack/setup.ts';
import { addition, settledText } from '../../bots/slack/stream.ts';
import type { AnswerView, Button, View } from '../../bots/surface.ts';
import type { Answer } from '../../core/types.ts';
import { messageFault, viewFault } from '../fakes/slack-limits.ts';

const answerOf = (text: string, quote: string, title: string, citations = 1): Answer => ({
  question: text.slice(0, 100),
  build: 'b',
  method: 'hybrid',
  text,
  sentences: [{ text, citations: [1], supported: false }],
  abstained: false,
  citations: Array.from({ length: citations }, (_, index) => ({
    number: index + 1,
    chunkId: index,
    title,
    section: title,
    url: `https://en.wikipedia.org/wiki/A_(b),'c'?${encodeURIComponent(title.toWellFormed())}`,
    quote,
    supported: true,
    licence: 'CC BY-SA 4.0',
  })),
  generator: 'x',
  warnings: ['A warning'],
  timings: { retrieveMs: 0, firstTokenMs: 0, totalMs: 0 },
});

const buttons = (count: number, label: string): Button[] =>
  Array.from({ length: count }, (_, index) => ({
    action: { name: 'related', answer: 'a'.repeat(32), index },
    label,
    tone: 'plain',
  }));

const view = (answer: Answer, label = 'Retry', count = 8): AnswerView => ({
  kind: 'answer',
  answerId: 'a1',
  answer,
  sharedBy: 'U0ANNA',
  searchedFor: answer.question,
  language: 'en',
  buttons: buttons(count, label),
});

const HOSTILE: [string, string][] = [
  ['mentions', '<!channel> <!here> <@U0BEN> @everyone <!subteam^S1|x> &lt;!channel&gt; '],
  [
    'links',
    '[click](https://evil.test) <https://evil.test|Wikipedia> https://evil.test evil.test ![x](https://evil.test/a.png) ',
  ],
  ['code fences', '```\n<!channel>\n``` `a` ```js\nopen '],
  ['emoji and joined characters', '👩‍👩‍👧‍👦🏳️‍🌈 '],
  ['halves of surrogate pairs', '\ud83d \udc69 '],
  ['one endless word', 'x'],
  ['piles of marks', 'a\u0300\u0301\u0302\u0303'],
  ['direction overrides', '\u202eabc\u2066def '],
  ['lines', '# a\n> b\n- c\n1. d\n| e |\n'],
  ['escapes', '\\*_~|{}[]()'],
];

describe('a Slack payload', () => {
  for (const [name, text] of HOSTILE)
    it(`keeps to every limit and starts no mention, picture or link of the model’s with ${name}`, () => {
      for (const times of [1, 40, 4_000]) {
        const long = text.repeat(times).slice(0, 40_000);
        for (const size of SIZES)
          for (const shown of [
            view(answerOf(long, long, long.slice(0, 500), times > 1 ? 12 : 1), long.slice(0, 75)),
            { kind: 'partial', text: long, language: 'en', buttons: [] } satisfies View,
          ]) {
            const message = messageOf(shown, size);
            expect(messageFault(message.text, message.blocks)).toBeUndefined();
            const markdown = message.blocks
              .map((block) => (block.type === 'markdown' ? block.text : ''))
              .join('');
            for (const said of [message.text, markdown])
              expect(said).not.toMatch(/<!|<@(?!U0ANNA>)|https?:\/\/evil/);
            expect(markdown).not.toMatch(/(?<!\\)!\[/);
          }
      }
    });

  it('shows 40 buttons as the 25 that Slack takes, and five in the small form', () => {
    const many = view(answerOf('Ulm.', 'Ulm', 'Ulm'), 'x'.repeat(75), 40);
    const rows = SIZES.map((size) => messageOf(many, size).blocks[1]);
    expect(rows.map((row) => (row?.type === 'actions' ? row.elements.length : 0))).toEqual([25, 5]);
  });

  it('makes forms and home tabs that keep to the limits in every language', () => {
    for (const language of Object.keys(PHRASES) as Language[]) {
      expect(viewFault(homeView(language, 30))).toBeUndefined();
      expect(suggestedPrompts(language)).toHaveLength(4);
      for (const name of ['unhelpful', 'follow-up'] as const) {
        const form = formOf({ name, answer: 'a1' }, language);
        expect(form && viewFault(modalOf(form, '{}'))).toBeUndefined();
      }
    }
  });
});

describe('streamed text', () => {
  it('only ever grows by what is appended, whatever the pieces are', () => {
    const text =
      'The *first* line [1].\n```py\nx = 1\n```\n- a list at e.g. https://evil.test and <!here> it ends. ';
    let sent = '';
    for (let end = 0; end <= text.length; end++) {
      const more = addition(sent, text.slice(0, end));
      expect(more).toBeDefined();
      sent += more;
    }
    expect(sent).toBe(settledText(text));
    expect(sent).not.toMatch(/<!|https:\/\/evil/);
  });

  it('shows a code block once it is closed', () => {
    expect(settledText('Look:\n```\nx = 1\ny = 2 ')).toBe('Look:');
    expect(settledText('Look:\n```\nx = 1\n```\n')).toContain('x = 1');
  });

  it('tells that the text was begun anew', () => {
    expect(addition('The first ', 'Quite another text ')).toBeUndefined();
  });
});

describe('what people type', () => {
  it('loses its markup and the mention of the bot', () => {
    expect(
      plainText(
        '<@U0BOT>  who is <@U1|ben>, see <#C1|general> &amp; <https://a.test|this> <!here> &lt;3',
        'U0BOT',
      ),
    ).toBe('who is @ben, see #general & this <3');
  });

  it('tells a mention of the bot from a message to someone else', () => {
    expect([
      mentions('hi <@U0BOT>', 'U0BOT'),
      mentions('<@U0BOT|x> hi', 'U0BOT'),
      mentions('hi', 'U0BOT'),
    ]).toEqual([true, true, false]);
    expect([addressed('<@U1> look'), addressed('look <@U1>')]).toEqual([true, false]);
  });

  it('gives /ask its options in any order, and leaves a colon in the question alone', () => {
    expect(askOptions('language:de private: Wer: wann?')).toEqual({
      language: 'de',
      private: true,
      text: 'Wer: wann?',
    });
    expect(askOptions('private:no method:dense x')).toEqual({ private: false, method: 'dense', text: 'x' });
    expect(askOptions('Who? private:')).toEqual({ text: 'Who? private:' });
  });

  it('knows the commands that are typed where Slack takes none', () => {
    expect(typedCommand('!compare dense keyword Who?')).toEqual({
      name: 'compare',
      text: 'dense keyword Who?',
    });
    expect(typedCommand('!ABOUT')).toEqual({ name: 'about', text: '' });
    for (const other of ['!asking', 'Who? !ask', '! ask', '']) expect(typedCommand(other)).toBeUndefined();
  });

  it('gives /compare two methods, or the usual two', () => {
    expect(compareOptions('keyword Hybrid Who is it?')).toEqual({
      compare: ['keyword', 'hybrid'],
      text: 'Who is it?',
    });
    expect(compareOptions('Who is it?')).toEqual({ compare: ['dense', 'keyword'], text: 'Who is it?' });
  });
});

describe('the budget of calls', () => {
  it('tells an impatient caller how long it would wait, for each channel by itself', async () => {
    let now = 1_000;
    const budget = openBudget(() => now);
    await budget.spend('post', 'C1', false);
    await budget.spend('post', 'C2', false);
    now += 400;
    await expect(budget.spend('post', 'C1', false)).rejects.toMatchObject({
      retryable: true,
      details: { retryAfterMs: 600 },
    });
    now += 601;
    await budget.spend('post', 'C1', false);
  });

  it('keeps a part of the edits for answers, which wait for their turn', async () => {
    let now = 1_000;
    const budget = openBudget(() => now);
    let edits = 0;
    for (let tries = 0; tries < 60; tries++)
      await budget.spend('update', 'C1', false).then(
        () => edits++,
        () => undefined,
      );
    expect(edits).toBe(36);
    for (let answers = 0; answers < 12; answers++) await budget.spend('update', 'C1', true);
    let waited = false;
    now += 59_900;
    const last = budget.spend('update', 'C1', true).then(() => expect(waited).toBe(true));
    waited = true;
    now += 101;
    // The window is free again, but an answer waits for it.
    await expect(budget.spend('update', 'C1', false)).rejects.toMatchObject({ retryable: true });
    await last;
    await budget.spend('update', 'C1', false);
  });
});

describe('setting Slack up', () => {
  it('prints the manifest that lies in deploy', () => {
    const file = readFileSync(join(import.meta.dirname, '../../deploy/slack-manifest.json'), 'utf8');
    expect(file).toBe(slackSetup());
    expect(JSON.parse(file).features.shortcuts[0].name.length).toBeLessThanOrEqual(24);
    for (const { description, usage_hint = '' } of JSON.parse(file).features.slash_commands)
      expect([description.length <= 2_000, usage_hint.length <= 1_000]).toEqual([true, true]);
    expect(JSON.parse(file).display_information.description.length).toBeLessThanOrEqual(140);
  });

  it('takes what is not Slack’s own refusal for a network that may come back', () => {
    expect(slackError(new Error('fetch failed'))).toMatchObject({ code: 'network', retryable: true });
  });
});
