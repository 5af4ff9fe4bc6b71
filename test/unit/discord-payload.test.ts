import { ButtonBuilder, EmbedBuilder } from 'discord.js';
import { describe, expect, it } from 'vitest';
import { type Message, messagesOf } from '../../bots/discord/payload.ts';
import type { AnswerView, Button, View } from '../../bots/surface.ts';
import type { Answer } from '../../core/index.ts';
import { messageProblems } from '../fakes/discord-limits.ts';

const HOSTILE: Record<string, string> = {
  plain: 'He was born in Ulm. [1]',
  pings: '@everyone @here <@1> <@&2> <#3> '.repeat(60),
  links: '[a](https://evil.example) https://evil.example/b <https://evil.example/c> '.repeat(30),
  fences: '```js\ncode\n```\n'.repeat(150),
  'one open fence': `\`\`\`${'x'.repeat(3_000)}`,
  'one long word': 'x'.repeat(11_000),
  'surrogate pairs': '👩‍👩‍👧‍👦'.repeat(250),
  'half a pair': '\ud83d'.repeat(2_100),
  'marks piled up': `e${'\u0301'.repeat(2_500)}`,
  escapes: '*_~`|[]()\\'.repeat(200),
  lines: '# a\n- b\n> c\n1. d\n'.repeat(150),
  'right to left': '\u202eabc\u2066'.repeat(300),
  nothing: '',
};

const button = (name: 'retry' | 'related', label: string, index = 0): Button => ({
  action: name === 'related' ? { name, answer: 'a1', index } : { name, answer: 'a1' },
  label,
  tone: 'plain',
});

const answerOf = (text: string, citations = 1): Answer => ({
  question: text,
  build: 'sample',
  method: 'hybrid',
  text,
  sentences: [{ text, citations: [1], supported: false }],
  abstained: false,
  citations: Array.from({ length: citations }, (_, n) => ({
    number: n + 1,
    chunkId: n,
    title: text.slice(0, 500) || 'Title',
    section: text.slice(0, 500),
    url: `https://en.wikipedia.org/wiki/Ulm_(city)?oldid=${n}#:~:text=${encodeURIComponent(text.toWellFormed()).slice(0, 300)}`,
    quote: text,
    supported: n % 2 === 0,
    licence: text.slice(0, 300),
  })),
  generator: 'model',
  warnings: [text],
  timings: { retrieveMs: 1, firstTokenMs: 1, totalMs: 1 },
});

const answerView = (text: string, citations = 1): AnswerView => ({
  kind: 'answer',
  answerId: 'a1',
  answer: answerOf(text, citations),
  language: 'en',
  buttons: Array.from({ length: 40 }, (_, n) => button(n < 5 ? 'retry' : 'related', text.slice(0, 75), n)),
});

const viewsOf = (text: string): View[] => {
  const shown = { language: 'en', buttons: answerView(text).buttons.slice(4, 8) } as const;
  const hits = Array.from({ length: 3 }, (_, n) => ({
    rank: n + 1,
    score: 1,
    title: text,
    section: [text],
    text,
    url: 'https://en.wikipedia.org/wiki/Ulm',
  }));
  return [
    { kind: 'acknowledged', ...shown },
    { kind: 'queued', position: 3, waitSeconds: 90, ...shown },
    { kind: 'stage', stage: 'search', searchedFor: text, ...shown },
    { kind: 'partial', text, searchedFor: text, ...shown },
    answerView(text),
    answerView(text, 8),
    answerView(text, 30),
    { ...answerView(text), sharedBy: '123' },
    { kind: 'compared', answerId: 'a1', answers: [answerOf(text, 8), answerOf(text, 1)], ...shown },
    { kind: 'not-found', answerId: 'a1', answer: answerOf(text, 0), nearest: [text, 'Ulm'], ...shown },
    { kind: 'stopped', text, ...shown },
    { kind: 'error', sentence: 'It failed.', reference: 'a1', ...shown },
    { kind: 'passages', answerId: 'a1', page: 0, pages: 2, hits, ...shown },
    { kind: 'about', facts: [{ name: 'Build', value: text.slice(0, 300) }], ...shown },
    { kind: 'export', filename: 'data.jsonl', content: text, ...shown },
  ];
};

/** The message as it is sent, in the vendor's eyes; ids that the test made alike are no fault of the payload. */
const problemsOf = ({ file, ...body }: Message) =>
  messageProblems(body, file === undefined ? 0 : 1, true).filter(
    (problem) => !problem.includes('there twice'),
  );

describe('a payload', () => {
  it.each(Object.entries(HOSTILE))(
    'keeps within every limit of Discord, whatever the text: %s',
    (_, text) => {
      for (const view of viewsOf(text))
        for (const look of [{ plain: true }, { question: true, guest: true, call: '123456789012345678' }]) {
          const messages = messagesOf(view, look);
          expect(messages.length, view.kind).toBeGreaterThan(0);
          expect(messages.length, view.kind).toBeLessThanOrEqual(5);
          for (const message of messages) expect(problemsOf(message), view.kind).toEqual([]);
        }
    },
  );

  it.each(Object.entries(HOSTILE))('is taken by discord.js’s own builders: %s', (_, text) => {
    for (const view of viewsOf(text))
      for (const { embeds, components } of messagesOf(view)) {
        for (const { title, description } of embeds)
          new EmbedBuilder()
            .setTitle(title ?? null)
            .setDescription(description ?? null)
            .toJSON();
        for (const row of components)
          for (const { custom_id, label, style } of row.components)
            new ButtonBuilder()
              .setCustomId(custom_id)
              .setLabel(label ?? '')
              .setStyle(style)
              .toJSON();
      }
    expect(() => new ButtonBuilder().setLabel('x'.repeat(81))).toThrow();
  });

  it.each(Object.entries(HOSTILE))('has no mention and no link but the sources’: %s', (_, text) => {
    for (const view of viewsOf(text)) {
      const said = JSON.stringify(messagesOf(view).map(({ content, embeds }) => [content, embeds]));
      expect(said.replaceAll('<@123>', ''), view.kind).not.toMatch(/@everyone|@here|<@|<#/);
      expect(said, view.kind).not.toContain('https://evil.example');
    }
  });

  it('has the text as content, and the sources with quote, link and licence as an embed', () => {
    const [message, ...more] = messagesOf(answerView(HOSTILE.plain as string));
    expect(more).toEqual([]);
    expect(message?.content).toContain('He was born in Ulm.');
    expect(message?.embeds[0]?.description).toContain(
      '(<https://en.wikipedia.org/wiki/Ulm_%28city%29?oldid=0',
    );
    expect(message?.embeds[0]?.description).toContain('> “He was born in Ulm.');
    expect(message?.embeds[0]?.description).toContain('hybrid');
  });

  it('says the same without embeds where it is to be plain', () => {
    const [message] = messagesOf(answerView(HOSTILE.plain as string), { plain: true });
    expect(message?.embeds).toEqual([]);
    expect(message?.content).toContain('(<https://en.wikipedia.org/wiki/Ulm_%28city%29?oldid=0');
  });

  it('spreads a long text over messages, with the sources and buttons under the last', () => {
    const text = 'The city of Ulm lies on the river Danube. '.repeat(120);
    const messages = messagesOf({ ...answerView(text), answer: { ...answerOf(text), warnings: [] } });
    expect(messages.length).toBeGreaterThan(1);
    expect(
      messages.slice(0, -1).every(({ embeds, components }) => embeds.length + components.length === 0),
    ).toBe(true);
    expect(messages.at(-1)?.embeds.length).toBeGreaterThan(0);
    expect(messages.at(-1)?.components.length).toBeGreaterThan(0);
  });

  it('begins with the question only where it stands nowhere else', () => {
    const view: AnswerView = {
      ...answerView('Born in Ulm.'),
      answer: { ...answerOf('Born in Ulm.'), question: 'Where?' },
    };
    expect(messagesOf(view, { question: true })[0]?.content).toMatch(/^\*\*Where\?\*\*\n/);
    expect(messagesOf(view)[0]?.content).not.toContain('Where?');
    expect(
      messagesOf({ ...view, searchedFor: 'Where was he?' }, { question: true })[0]?.content,
    ).not.toContain('Where?');
  });

  it('puts suggestions into rows of their own and leaves out what has no room', () => {
    const buttons = [
      button('retry', 'Retry'),
      ...Array.from({ length: 30 }, (_, n) => button('related', `Q${n}`, n)),
    ];
    const rows = messagesOf({ kind: 'notice', sentence: 'x', language: 'en', buttons })[0]?.components ?? [];
    expect(rows.map(({ components }) => components.length)).toEqual([1, 5, 5, 5, 5]);
  });

  it('tells users who installed the app about late answers before they wait', () => {
    const view: View = { kind: 'queued', position: 1, language: 'de', buttons: [] };
    expect(messagesOf(view, { guest: true })[0]?.content).toContain('15 Minuten');
    expect(messagesOf(view)[0]?.content).not.toContain('15 Minuten');
  });
});
