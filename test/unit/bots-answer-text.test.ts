import { describe, expect, it } from 'vitest';
import { renderAnswer, UNSUPPORTED } from '../../bots/render/answer-text.ts';
import { DIALECTS, type Dialect, safeUrl } from '../../bots/render/dialect.ts';
import { type Block, cut, layOut, line, quote } from '../../bots/render/layout.ts';
import { renderView } from '../../bots/render/view-text.ts';
import type { AnswerView } from '../../bots/surface.ts';
import type { Answer, Citation } from '../../core/types.ts';

const dialects = Object.values(DIALECTS).map((dialect) => [dialect.name, dialect] as const);

const citation = (fields: Partial<Citation> = {}): Citation => ({
  number: 1,
  chunkId: 7,
  title: 'Mercury (planet)',
  section: 'Orbit > Length of a day',
  url: "https://en.wikipedia.org/w/index.php?title=Mercury_(planet)&oldid=9#:~:text=Mercury's%20day",
  quote: 'One day on Mercury lasts two of its years.',
  supported: true,
  licence: 'Text: Wikipedia, “Mercury (planet)”, CC BY-SA 4.0',
  ...fields,
});

const answerOf = (text: string, fields: Partial<Answer> = {}): Answer => ({
  question: 'How long is a day on Mercury?',
  build: 'sample',
  method: 'hybrid',
  text,
  sentences: [{ text, citations: [1], supported: true }],
  abstained: false,
  citations: [citation()],
  generator: 'extractive',
  warnings: [],
  timings: { retrieveMs: 1, firstTokenMs: 1, totalMs: 1 },
  ...fields,
});

const viewOf = (answer: Answer, fields: Partial<AnswerView> = {}): AnswerView => ({
  kind: 'answer',
  answerId: 'a1',
  answer,
  language: 'en',
  buttons: [],
  ...fields,
});

/** A small generator of random numbers with a fixed seed (mulberry32), so that a failure can be repeated. */
const random = (seed: number) => () => {
  seed = (seed + 0x6d2b79f5) | 0;
  let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
  return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
};

const HOSTILE = [
  '@everyone',
  '@here',
  '<@123456789012345678>',
  '<@&42>',
  '<!channel>',
  '<!subteam^S1|x>',
  '<#C1>',
  '</ask:1>',
  '[free](https://evil.example/)',
  '[1](https://evil.example)',
  '<https://evil.example|bank>',
  'https://evil.example/a(b)',
  'http://evil.example',
  'www.evil.example',
  'discord.gg/evil',
  '![x](https://evil.example/i.png)',
  '```',
  '```js\nlet x = 1;\n```',
  '`',
  '**',
  '__',
  '~~',
  '||',
  '> ',
  '# ',
  '- ',
  '1. ',
  '\\',
  '\\[',
  '&lt;!here&gt;',
  '\n',
  '\n\n',
  '[1]',
  '[2, 3]',
  '👩‍👩‍👧‍👦',
  '🇩🇪',
  'e\u0301',
  '\ud83d',
  '\udc69',
  'ﷺ',
  '漢字かな',
  '\u202eabc',
  '\u0000',
  'word',
  'Ulm',
  '1879',
  ' ',
  ' ',
  ' ',
];

const randomText = (next: () => number, parts: number): string =>
  Array.from({ length: parts }, () => HOSTILE[Math.floor(next() * HOSTILE.length)]).join(
    next() < 0.3 ? ' ' : '',
  );

const graphemes = (text: string) => [...new Intl.Segmenter('en').segment(text)].map(({ segment }) => segment);

/** What a platform would make of a message, apart from the links that are ours. */
const withoutOurLinks = (dialect: Dialect, message: string): string =>
  dialect.name === 'mrkdwn'
    ? message.replace(/<https:\/\/en\.wikipedia\.org\/[^\s<>|]*\|[^<>]*>/g, '')
    : message.replace(/(?<!\\)\[(?:\\.|[^[\]\\])*\]\(<?https:\/\/en\.wikipedia\.org\/[^\s()<>]*>?\)/g, '');

const expectHarmless = (dialect: Dialect, message: string): void => {
  const rest = withoutOurLinks(dialect, message);
  expect(rest).not.toMatch(/https?:\/\//);
  expect(rest).not.toMatch(/@(everyone|here)/);
  expect(rest).not.toMatch(/<[@#!:/t]/);
  const prose = rest.replace(/^```\n[\s\S]*?\n```$/gm, '');
  if (dialect.name !== 'mrkdwn') expect(prose).not.toMatch(/(?<!\\)\]\(/);
  expect(prose).not.toMatch(/discord\.gg|www\.evil/);
  for (const unseen of ['\u202e', '\u0000']) expect(rest).not.toContain(unseen);
  expect(message.isWellFormed()).toBe(true);
  expect((message.match(/^```$/gm) ?? []).length % 2).toBe(0);
};

describe.each(dialects)('text in the form of %s', (_, dialect) => {
  it('never pings, links or breaks out of its place, and keeps its limits, whatever the model wrote', () => {
    for (let seed = 1; seed <= 80; seed++) {
      const next = random(seed);
      const text =
        randomText(next, 1 + Math.floor(next() * 120)) +
        (seed % 10 === 0 ? HOSTILE.join('').replace(/\s|`/g, '').repeat(9) : '');
      const answer = answerOf(text, {
        question: randomText(next, 5),
        sentences: [{ text: text.slice(0, 30), citations: [], supported: next() < 0.5 }],
        citations: [
          citation({ quote: randomText(next, 20), title: randomText(next, 6), section: randomText(next, 3) }),
        ],
        warnings: [randomText(next, 3)],
        generator: randomText(next, 2),
      });
      const room = { limit: 200 + Math.floor(next() * 1_800), messages: 1 + Math.floor(next() * 4) };
      const view = viewOf(answer, { searchedFor: randomText(next, 8) });
      const messages = renderAnswer(view, dialect, room);
      expect(messages.length).toBeGreaterThan(0);
      expect(messages.length).toBeLessThanOrEqual(room.messages);
      for (const message of messages) {
        expect(message.length).toBeLessThanOrEqual(room.limit);
        expectHarmless(dialect, message);
      }
    }
  });

  it('keeps every other view harmless and within its limits too', () => {
    const shown = { language: 'en', buttons: [] } as const;
    for (let seed = 1; seed <= 15; seed++) {
      const next = random(seed);
      const text = randomText(next, 60);
      const passages = [1, 2, 3].map((rank) => ({
        rank,
        score: 1,
        title: text,
        section: [text],
        text,
        url: citation().url,
      }));
      const views = [
        { kind: 'partial', text, ...shown },
        { kind: 'stopped', text, ...shown },
        { kind: 'passages', answerId: 'a', page: 0, pages: 2, hits: passages, ...shown },
        {
          kind: 'not-found',
          answerId: 'a',
          answer: answerOf(text),
          nearest: [text, text],
          searchedFor: text,
          ...shown,
        },
        { kind: 'compared', answerId: 'a', answers: [answerOf(text), answerOf(text)], ...shown },
      ] as const;
      for (const view of views)
        for (const room of [
          { limit: 2_000, messages: 1 },
          { limit: 400, messages: 3 },
        ]) {
          const messages = renderView(view as never, dialect, room);
          expect(messages.length).toBeGreaterThan(0);
          expect(messages.length).toBeLessThanOrEqual(room.messages);
          for (const message of messages) {
            expect(message.length).toBeLessThanOrEqual(room.limit);
            expectHarmless(dialect, message);
          }
        }
    }
  });

  it('loses no character when it is split, and splits none', () => {
    const family = '👩‍👩‍👧‍👦';
    const text = `${family.repeat(60)} ${'Ulm '.repeat(100)}${'é'.repeat(50)}${'漢字'.repeat(80)}`;
    const messages = layOut([line(text)], dialect, 120);
    const unspaced = (value: string) => graphemes(value.replace(/\s/g, ''));
    expect(unspaced(messages.join(''))).toEqual(unspaced(text));
    for (const message of messages) expect(message.length).toBeLessThanOrEqual(120);
  });

  it('opens and closes code fences in every message', () => {
    const code: Block = {
      kind: 'code',
      text: Array.from({ length: 60 }, (_, n) => `let value${n} = ${n};`).join('\n'),
    };
    const messages = layOut([line('Before'), code, line('After')], dialect, 200);
    for (const message of messages) expect((message.match(/```/g) ?? []).length % 2).toBe(0);
    expect(messages.join('\n').match(/let value\d+ = \d+;/g)).toHaveLength(60);
  });

  it('begins each message of a long quote as a quote', () => {
    const messages = layOut([quote('word '.repeat(100))], dialect, 100);
    expect(messages.length).toBeGreaterThan(3);
    for (const message of messages) expect(message).toMatch(/^> word/);
  });

  it('ends no message with the beginning of a quote that did not fit', () => {
    const messages = layOut([line('x'.repeat(95)), quote('y'.repeat(50))], dialect, 100);
    expect(messages).toEqual(['x'.repeat(95), `> ${'y'.repeat(50)}`]);
  });

  it('does not read a list, heading or quote into the first word of a message', () => {
    for (const word of ['#', '-', '>', '1.', '+'])
      for (const message of layOut([line(`${word} text`)], dialect, 100))
        expect(message).not.toMatch(dialect.name === 'mrkdwn' ? /^(>|&gt;)/ : /^(#|-|>|\+|1\.|&gt;) /);
  });
});

describe('an answer in a chat', () => {
  const render = (view: AnswerView, room = { limit: 2_000, messages: 2 }) =>
    renderAnswer(view, DIALECTS.discord, room).join('\n');

  it('shows markers, title and section with the link to the passage, the quote and the licence', () => {
    const text = render(viewOf(answerOf('A day lasts 176 days of ours. [1]')));
    expect(text).toContain('A day lasts 176 days of ours. \\[1\\]');
    expect(text).toContain(
      '[Mercury \\(planet\\) › Orbit › Length of a day](<https://en.wikipedia.org/w/index.php?title=Mercury_%28planet%29&oldid=9#:~:text=Mercury%27s%20day>)',
    );
    expect(text).toContain('> “One day on Mercury lasts two of its years.”');
    expect(text).toContain('Text: Wikipedia, CC BY-SA 4.0');
  });

  it('marks the sentence that no passage supports, and says what the mark means', () => {
    const sentences = [
      { text: 'First fact.', citations: [1], supported: true },
      { text: 'Second claim.', citations: [], supported: false },
    ];
    const text = render(viewOf(answerOf('First fact. [1] Second claim.', { sentences })));
    expect(text).toContain(`First fact. \\[1\\] Second claim. ${UNSUPPORTED}`);
    expect(text).toContain('not confirmed by a passage');
  });

  it('warns where nothing was cited', () => {
    expect(render(viewOf(answerOf('So it is.', { citations: [] })))).toContain('No source was cited');
  });

  it('says what was searched for where that is not what was asked', () => {
    expect(render(viewOf(answerOf('x'), { searchedFor: 'When did Albert Einstein die?' }))).toContain(
      'Searched for: When did Albert Einstein die?',
    );
  });

  it('gives up quotes before sources, and sources never before text', () => {
    const many = Array.from({ length: 8 }, (_, n) => citation({ number: n + 1, quote: 'long '.repeat(60) }));
    const answer = answerOf('Fact. [1]', { citations: many });
    const text = render(viewOf(answer), { limit: 2_000, messages: 1 });
    expect(text).not.toContain('long long');
    expect(text.match(/\[8\\\] \[Mercury/g)).toHaveLength(1);
  });

  it('is cut, says so, and still names its sources where its text is too long', () => {
    const text = render(viewOf(answerOf('A fact. '.repeat(2_000))), { limit: 2_000, messages: 1 });
    expect(text).toContain('The answer was shortened');
    expect(text).toContain('oldid=9');
  });
});

describe('an address', () => {
  it.each([
    ['javascript:alert(1)', ''],
    ['https://user:pass@en.wikipedia.org/', ''],
    ['not an address', ''],
    ['https://en.wikipedia.org/wiki/A_(b)|c<d>', 'https://en.wikipedia.org/wiki/A_%28b%29%7Cc%3Cd%3E'],
  ])('%s is only linked as %s', (url, safe) => {
    expect(safeUrl(url)).toBe(safe);
  });

  it('that is too long loses its text fragment, and then is no link', () => {
    expect(safeUrl(`https://a.org/x#:~:text=${'y'.repeat(2_000)}`)).toBe('https://a.org/x');
    expect(safeUrl(`https://a.org/${'y'.repeat(2_000)}`)).toBe('');
  });
});

describe('a cut', () => {
  it('never splits what a person sees as one character', () => {
    expect(cut('👩‍👩‍👧‍👦👩‍👩‍👧‍👦', 15)).toBe('👩‍👩‍👧‍👦…');
    expect(cut('short', 5)).toBe('short');
  });
});
