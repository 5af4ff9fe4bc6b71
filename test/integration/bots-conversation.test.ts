import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Action } from '../../bots/action.ts';
import { openConversation, type RunningConversation } from '../../bots/conversation/conversation.ts';
import { openFeedback } from '../../bots/state/feedback.ts';
import { openState, pseudonym } from '../../bots/state/state.ts';
import type { Ask, Press, View } from '../../bots/surface.ts';
import { readSettings, type Settings } from '../../core/config.ts';
import { CoreError } from '../../core/errors.ts';
import { openRecords, type Records } from '../../core/store/records.ts';
import { type Chat, openChat } from '../fakes/chat.ts';
import { type Script, scriptedBuilds } from '../fixtures/scripted-builds.ts';

let folder: string;
let records: Records;
let bot: RunningConversation;
let chat: Chat;
let script: Script;
let scripted: ReturnType<typeof scriptedBuilds>;
let logged: string[];
let events = 0;

/** Starts the conversation over the same records, as a process would; `chat` is what people still see. */
const start = async (more: Partial<Settings> = {}) => {
  const settings = {
    ...readSettings({}, { FOOTNOTE_CONFIG: '/nowhere' }).settings,
    answersAtOnce: 1,
    ...more,
  };
  scripted = scriptedBuilds(script);
  const feedback = openFeedback(join(folder, 'feedback.jsonl'));
  const log = (event: string, fields = {}) => void logged.push(JSON.stringify({ event, ...fields }));
  const state = openState(records, settings.keepDays);
  bot = openConversation({ settings, state, live: scripted.live(settings), feedback, log });
  await bot.attach(chat);
};

/** What a SIGKILL leaves: whatever the old conversation still does reaches neither the records nor the chat. */
const kill = async () => {
  chat.sever();
  script = { ...script };
  await records.close();
  records = await openRecords(join(folder, 'bots.sqlite'));
};

const ask = (text: string, more: Partial<Ask> = {}): Ask => ({
  platform: 'discord',
  event: `e${++events}`,
  user: 'ann',
  roles: [],
  place: { channel: 'c1', guild: 'g1', direct: false },
  locale: 'en',
  text,
  ...more,
});

const put = async (text: string, more: Partial<Ask> = {}): Promise<string> => {
  const surface = chat.surface();
  await bot.ask(ask(text, more), surface);
  return String(surface.target().id);
};

const press = async (on: string, action: Action, more: Partial<Press> = {}) => {
  const surfaces = chat.pressed(on);
  const { text: _, ...request } = ask('');
  await bot.press({ ...request, action, hidden: false, ...more }, surfaces);
  const idOf = (surface: { target(): { [field: string]: unknown } }) => String(surface.target().id);
  return { private: idOf(surfaces.private), public: idOf(surfaces.public) };
};

const gate = () => {
  let open: () => void = () => undefined;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { open, opened };
};

/** Keeps a question from its answer until the returned function is called. */
const holdBack = (question: string): (() => void) => {
  const { open, opened } = gate();
  script.gate = (asked) => (asked === question ? opened : undefined);
  return open;
};

const button = (view: View | undefined, name: Action['name']): Action => {
  const found = view?.buttons.find(({ action }) => action.name === name);
  if (found === undefined) throw new Error(`There is no button ${name} in ${JSON.stringify(view?.buttons)}`);
  return found.action;
};

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'footnote-bots-'));
  records = await openRecords(join(folder, 'bots.sqlite'));
});

afterAll(async () => {
  await records.close();
  await rm(folder, { recursive: true });
});

beforeEach(async () => {
  const left = await records.list('', { limit: 10_000 });
  await records.delete(left.map(({ key }) => key));
  await rm(join(folder, 'feedback.jsonl'), { force: true });
  chat = openChat();
  logged = [];
  script = { searchMs: 5, pieceMs: 5, pieces: 8 };
  await start();
});

afterEach(async () => {
  await bot.drain(3_100);
  expect(chat.broken).toEqual([]);
});

describe('a question', () => {
  it('is seen to be taken, searched for, written and answered, with one end', async () => {
    script.pieceMs = 30;
    const id = await put('Where was Albert Einstein born?');
    await chat.until(id, 'answer');
    const kinds = chat.views(id).map(({ kind }) => kind);
    expect(kinds[0]).toBe('acknowledged');
    expect(kinds).toContain('partial');
    expect(kinds.filter((kind) => kind === 'answer')).toHaveLength(1);
    expect(chat.last(id)).toMatchObject({ answer: { text: 'He was born in Ulm. [1]', build: 'sample' } });
  });

  it('is answered once, however often its event is delivered', async () => {
    const question = ask('Where was Albert Einstein born?');
    await Promise.all([1, 2, 3].map(() => bot.ask(question, chat.surface())));
    await delay(100);
    await bot.ask(question, chat.surface());
    await delay(100);
    expect(scripted.asked).toHaveLength(1);
    expect(chat.messages.size).toBe(1);
  });

  it('is answered once although its event comes again after a restart', async () => {
    const question = ask('Where was Albert Einstein born?');
    await bot.ask(question, chat.surface('m'));
    await chat.until('m', 'answer');
    await bot.drain(1_000);
    await kill();
    await start();
    await bot.ask(question, chat.surface('again'));
    await delay(100);
    expect(scripted.asked).toEqual([]);
    expect(chat.views('again')).toEqual([]);
  });

  it('is tried again once after the model crashed, and then has an error with a reference and Retry', async () => {
    const crash = new CoreError('worker-crashed', 'The language model process ended by SIGKILL.', {
      retryable: true,
    });
    script.failure = (question, attempt) => (question === 'Twice?' || attempt === 1 ? crash : undefined);
    const once = await put('Once?');
    const twice = await put('Twice?');
    await chat.until(once, 'answer');
    const failed = await chat.until(twice, 'error');
    expect(failed).toMatchObject({ sentence: 'The language model stopped in the middle of the answer.' });
    expect(logged.some((line) => line.includes((failed as { reference: string }).reference))).toBe(true);
    script.failure = () => undefined;
    await press(twice, button(failed, 'retry'));
    expect(await chat.until(twice, 'answer')).toBeDefined();
    chat.broken.splice(0); // the message of an error is taken for its second try
  });

  it('that no one can answer offers the nearest articles, which can be asked about', async () => {
    script.abstains = (question) => question === 'Who is Nobody?';
    const id = await put('Who is Nobody?');
    const view = await chat.until(id, 'not-found');
    expect(view).toMatchObject({ nearest: ['Albert Einstein', 'Ulm', 'Mileva Marić'] });
    const { public: next } = await press(id, button(view, 'nearest'));
    await chat.until(next, 'answer');
    expect(scripted.asked.at(-1)?.question).toBe('What is “Albert Einstein” about?');
  });

  it('is searched for with the method of its channel, unless it names another', async () => {
    await bot.drain(100);
    await start({ channelMethods: ['c1=keyword', 'c2=dense'] });
    for (const more of [{}, { method: 'hybrid' }]) await chat.until(await put('Method?', more), 'answer');
    expect(scripted.asked.map(({ method }) => method)).toEqual(['keyword', 'hybrid']);
  });

  it('of two methods is answered side by side', async () => {
    const id = await put('Where was Albert Einstein born?', { compare: ['dense', 'keyword'] });
    const view = await chat.until(id, 'compared');
    expect(view).toMatchObject({ answers: [{ method: 'dense' }, { method: 'keyword' }] });
  });

  it.each([
    ['', {}, /^Ask a question in words/],
    ['x', { method: 'dense(99999) > top 999' }, /^There is no method “dense\(99999\) > top 999”/],
    ['x', { language: 'sw' }, /^The articles here are in: English\. There are none in: Swahili\.$/],
  ])('is refused in a sentence where it cannot be answered: “%s” %o', async (text, more, sentence) => {
    const id = await put(text, more);
    expect(chat.views(id)).toMatchObject([{ kind: 'refused', sentence: expect.stringMatching(sentence) }]);
  });

  it('that is 20 MB long is cut before it is kept or searched for', async () => {
    const id = await put('word '.repeat(4_000_000));
    await chat.until(id, 'answer');
    expect(scripted.asked[0]?.question.length).toBeLessThanOrEqual(4_000);
  });

  it('keeps what was said out of the log', async () => {
    await chat.until(await put('My secret question about Ulm?'), 'answer');
    expect(logged.join('\n')).not.toMatch(/secret|Ulm|ann/);
  });
});

describe('the queue', () => {
  it('shows each place and, once measured, the wait, and serves users in turn', async () => {
    await chat.until(await put('First?'), 'answer');
    const open = holdBack('a0');
    const ids = [];
    for (const [text, user] of [
      ['a0', 'ann'],
      ['a1', 'ann'],
      ['a2', 'ann'],
      ['b1', 'bob'],
    ] as const)
      ids.push(await put(text, { user }));
    const view = await chat.until(ids[3] ?? '', 'queued');
    expect(view).toMatchObject({ position: 2, waitSeconds: expect.any(Number) });
    open();
    for (const id of ids) await chat.until(id, 'answer');
    expect(scripted.asked.map(({ question }) => question)).toEqual(['First?', 'a0', 'a1', 'b1', 'a2']);
  });

  it('answers 200 questions of 50 users, none lost, in fair order', async () => {
    script = { searchMs: 1, pieceMs: 1, pieces: 1 };
    await bot.drain(1_000);
    await kill();
    await start({ answersAtOnce: 4 });
    const ids = await Promise.all(
      Array.from({ length: 200 }, (_, n) => put(`Question ${n}?`, { user: `user${n % 50}` })),
    );
    for (const id of ids) await chat.until(id, 'answer');
    expect(scripted.mostAtOnce()).toBeLessThanOrEqual(4);
    const users = scripted.asked.map(({ question }) => Number(question.match(/\d+/)?.[0]) % 50);
    // In fair order nobody has a third answer while somebody has none.
    const firstThird = users.findIndex(
      (user, at) => users.slice(0, at).filter((other) => other === user).length === 2,
    );
    expect(new Set(users.slice(0, firstThird)).size).toBe(50);
  });

  it('keeps questions of one thread in order and lets other threads go on', async () => {
    await bot.drain(1_000);
    await kill();
    script.pieceMs = 20;
    await start({ answersAtOnce: 3 });
    const ids = [
      await put('One?', { conversation: 't1' }),
      await put('Two?', { conversation: 't1', user: 'bob' }),
      await put('Other?', { conversation: 't2', user: 'cy' }),
    ];
    for (const id of ids) await chat.until(id, 'answer');
    const order = scripted.asked.map(({ question }) => question.replace(/ \(.*/, ''));
    expect(order).toEqual(['One?', 'Other?', 'Two?']);
  });
});

describe('a question in a thread where another is being answered', () => {
  const overlapping = async (overlap: Settings['overlap']) => {
    await bot.drain(100);
    script.pieceMs = 20;
    await start({ answersAtOnce: 2, overlap });
    const open = holdBack('One?');
    const one = await put('One?', { conversation: 't1' });
    await chat.until(one, 'partial');
    return { one, two: await put('Two?', { conversation: 't1' }), open };
  };

  it('waits for it', async () => {
    const { one, two, open } = await overlapping('queue');
    await chat.until(two, 'queued');
    open();
    for (const id of [one, two]) await chat.until(id, 'answer');
  });

  it('replaces it, where it is the same person’s and the admin wants that', async () => {
    const { one, two } = await overlapping('replace');
    await chat.until(one, 'stopped');
    const other = await put('Three?', { conversation: 't1', user: 'bob' });
    for (const id of [two, other]) await chat.until(id, 'answer');
  });

  it('is answered beside it, where the admin wants that', async () => {
    const { one, two, open } = await overlapping('together');
    await chat.until(two, 'answer');
    open();
    await chat.until(one, 'answer');
  });
});

describe('a follow-up', () => {
  it('in a thread is searched for with its topic, and says so', async () => {
    await chat.until(await put('Where was Albert Einstein born?', { conversation: 't1' }), 'answer');
    expect(await bot.knows('discord', 't1')).toBe(true);
    expect(await bot.knows('discord', 't2')).toBe(false);
    const id = await put('When did he die?', { conversation: 't1' });
    expect(await chat.until(id, 'answer')).toMatchObject({
      searchedFor: 'When did he die? (Albert Einstein)',
    });
  });

  it('by reply or form has the answer it belongs to as its history', async () => {
    const first = await put('Where was Albert Einstein born?');
    const view = await chat.until(first, 'answer');
    await delay(50);
    const reply = await put('When did he die?', { repliesTo: `room/${first}` });
    expect(await chat.until(reply, 'answer')).toMatchObject({
      searchedFor: 'When did he die? (Albert Einstein)',
    });
    const { public: next } = await press(first, button(view, 'follow-up'), { text: 'And why?' });
    expect(await chat.until(next, 'answer')).toMatchObject({ searchedFor: 'And why? (Albert Einstein)' });
  });

  it('of somebody else knows nothing of a private answer in the same thread', async () => {
    const place = { channel: 'c1', thread: 't1', direct: false };
    await chat.until(
      await put('Where was Einstein born?', { conversation: 't1', place, private: true }),
      'answer',
    );
    const id = await put('When did he die?', { conversation: 't1', place, user: 'bob' });
    await chat.until(id, 'answer');
    expect(scripted.asked.at(-1)?.question).toBe('When did he die?');
    const privately = [...chat.messages.keys()][0];
    const reply = await put('And why did he leave?', { repliesTo: `room/${privately}`, user: 'bob' });
    await chat.until(reply, 'answer');
    expect(scripted.asked.at(-1)?.question).toBe('And why did he leave?');
  });

  it('about a message has that message as its history', async () => {
    const id = await put('When did he die?', { about: 'Einstein was born in Ulm.' });
    await chat.until(id, 'answer');
    expect(scripted.asked.at(-1)?.question).toContain('Einstein was born in Ulm.');
  });
});

describe('a button', () => {
  it('stops what is being written, for the one who asked alone', async () => {
    script.pieces = 100_000;
    const id = await put('Long?');
    const stop = button(await chat.until(id, 'partial'), 'stop');
    const { private: notice } = await press(id, stop, { user: 'bob' });
    expect(chat.last(notice)).toMatchObject({ sentence: 'Only the person who asked can do that.' });
    await press(id, stop);
    expect(await chat.until(id, 'stopped')).toMatchObject({ text: expect.stringContaining('word0') });
  });

  it('takes a waiting question out of the queue', async () => {
    const open = holdBack('First?');
    const first = await put('First?');
    const second = await put('Second?');
    await press(second, button(await chat.until(second, 'queued'), 'stop'));
    await chat.until(second, 'stopped');
    open();
    await chat.until(first, 'answer');
    expect(scripted.asked.map(({ question }) => question)).toEqual(['First?']);
  });

  it('shows the passages a page at a time, to the presser', async () => {
    const id = await put('Where was Albert Einstein born?');
    const { private: page } = await press(id, button(await chat.until(id, 'answer'), 'passages'), {
      user: 'bob',
    });
    const first = await chat.until(page, 'passages');
    expect(first).toMatchObject({ page: 0, pages: 2, hits: [{ rank: 1 }, { rank: 2 }, { rank: 3 }] });
    await press(page, button(first, 'turn'), { user: 'bob' });
    expect(chat.last(page)).toMatchObject({ page: 1, hits: [{ rank: 4 }, { rank: 5 }] });
  });

  it('shares a private answer once', async () => {
    const id = await put('Where was Albert Einstein born?', { private: true });
    const share = button(await chat.until(id, 'answer'), 'share');
    const stranger = await press(id, share, { user: 'bob' });
    expect(chat.views(stranger.public)).toEqual([]);
    const { public: shared } = await press(id, share);
    expect(chat.last(shared)).toMatchObject({ kind: 'answer', sharedBy: 'ann' });
    const again = await press(id, share);
    expect(chat.views(again.public)).toEqual([]);
  });

  it('asks in private what is asked from a private answer, although the answer was shared', async () => {
    const id = await put('Where was Albert Einstein born?', { private: true });
    const { public: shared } = await press(id, button(await chat.until(id, 'answer'), 'share'));
    const follow = button(chat.last(shared), 'follow-up');
    const hidden = await press(id, follow, { hidden: true, text: 'My secret?' });
    await chat.until(hidden.private, 'answer');
    expect(chat.views(hidden.public)).toEqual([]);
    const open = await press(shared, follow, { text: 'For all?' });
    await chat.until(open.public, 'answer');
    const stranger = await press(shared, follow, { text: 'Mine too?', user: 'bob' });
    await chat.until(stranger.public, 'answer');
  });

  it('that is refused leaves the text and its Retry where they are', async () => {
    await bot.drain(100);
    await start({ userCooldown: 30 });
    script.pieces = 100_000;
    const id = await put('Long?');
    await press(id, button(await chat.until(id, 'partial'), 'stop'));
    const retry = button(await chat.until(id, 'stopped'), 'retry');
    const { private: notice } = await press(id, retry);
    expect(chat.last(notice)).toMatchObject({ kind: 'refused' });
    expect(chat.last(id)).toMatchObject({ kind: 'stopped', text: expect.stringContaining('word0') });
  });

  it('asks a related question', async () => {
    const id = await put('Where was Albert Einstein born?');
    const { public: next } = await press(id, button(await chat.until(id, 'answer'), 'related'));
    await chat.until(next, 'answer');
    expect(scripted.asked.at(-1)?.question).toBe('What is said about “Ulm”?');
  });

  it('stores a verdict with its reason as a row of a question set, once', async () => {
    const id = await put('Where was Albert Einstein born?');
    const unhelpful = button(await chat.until(id, 'answer'), 'unhelpful');
    expect(bot.form(unhelpful, 'de')).toMatchObject({ title: 'Was war falsch?', required: false });
    await press(id, unhelpful, { text: 'In Ulm, Württemberg' });
    await press(id, unhelpful, { text: 'again' });
    const rows = (await readFile(join(folder, 'feedback.jsonl'), 'utf8')).trim().split('\n');
    expect(rows).toHaveLength(1);
    expect(JSON.parse(rows[0] ?? '')).toMatchObject({
      question: 'Where was Albert Einstein born?',
      answers: ['In Ulm, Württemberg'],
      verdict: 'not helpful',
      method: 'hybrid',
      answer: 'He was born in Ulm. [1]',
      passages: expect.arrayContaining([expect.objectContaining({ title: 'Ulm' })]),
    });
    expect(rows[0]).not.toContain('ann');
  });

  it('works after a restart, and says so where the answer is no longer stored', async () => {
    const id = await put('Where was Albert Einstein born?');
    const passages = button(await chat.until(id, 'answer'), 'passages');
    await bot.drain(1_000);
    await kill();
    await start();
    expect(chat.last((await press(id, passages)).private)).toMatchObject({ kind: 'passages', pages: 2 });
    const { private: gone } = await press(id, { name: 'passages', answer: 'unknown' });
    expect(chat.last(gone)).toMatchObject({
      sentence: 'That answer is no longer stored. Ask again, please.',
    });
  });
});

describe('a user’s data', () => {
  it('can be exported and deleted, and nobody else’s is touched', async () => {
    const mine = await put('My question?');
    const helpful = button(await chat.until(mine, 'answer'), 'helpful');
    const other = await put('Other question?', { user: 'bob' });
    const passages = button(await chat.until(other, 'answer'), 'passages');
    await press(mine, helpful);
    await press(mine, helpful, { user: 'bob' });
    await press(other, button(await chat.until(other, 'answer'), 'unhelpful'), { text: 'My reason' });
    await press(other, button(await chat.until(other, 'answer'), 'helpful'), { user: 'bob' });

    const { private: file } = await press(mine, { name: 'export' });
    const content = (chat.last(file) as { content: string }).content;
    expect(content).toContain('"text":"My question?"');
    expect(content).toContain('My reason');
    expect(content).not.toContain('"text":"Other question?"');

    const { private: notice } = await press(mine, { name: 'forget' });
    expect(chat.last(notice)).toMatchObject({
      sentence: 'Everything stored about you was deleted: 1 answers.',
    });
    const { private: gone } = await press(mine, helpful);
    expect(chat.last(gone)).toMatchObject({ sentence: expect.stringMatching(/no longer stored/) });
    // Bob's verdict on his own question is left, the one on hers is not.
    const verdicts = (await readFile(join(folder, 'feedback.jsonl'), 'utf8')).trim().split('\n');
    expect(verdicts).toEqual([expect.stringContaining('Other question?')]);
    expect(await records.list(`once:verdict:${pseudonym('discord', 'ann')}`, { limit: 9 })).toEqual([]);
    expect(chat.last((await press(other, passages)).private)).toMatchObject({ kind: 'passages' });
  });

  it('that the platform does not take as a file ends with an error', async () => {
    const id = await put('My question?');
    await chat.until(id, 'answer');
    chat.trouble = ({ kind }) => {
      if (kind === 'export') throw new CoreError('bad-input', 'Too large.');
    };
    const { private: file } = await press(id, { name: 'export' });
    expect(chat.last(file)).toMatchObject({ kind: 'error' });
  });

  it('is explained by a command in the user’s language', async () => {
    const { text: _, ...request } = ask('', { locale: 'fr' });
    await bot.command({ ...request, name: 'privacy' }, chat.surface('p'));
    expect(chat.last('p')).toMatchObject({
      sentence: expect.stringMatching(/^Conservés 30 jours/),
      buttons: [{ label: 'Exporter mes données' }, { label: 'Effacer mes données', tone: 'danger' }],
    });
    await bot.command({ ...request, event: 'about1', name: 'about' }, chat.surface('a'));
    expect(JSON.stringify(chat.last('a'))).toMatch(/sample.*2023-11-01.*12.345 articles.*0,987/);
  });
});

describe('a restart', () => {
  it('after a kill answers three waiting questions once each', async () => {
    script.pieces = 10_000;
    const ids = [await put('One?'), await put('Two?', { user: 'bob' }), await put('Three?', { user: 'cy' })];
    await chat.until(ids[0] ?? '', 'partial');
    await kill();
    script.pieces = 3;
    await start();
    for (const id of ids) await chat.until(id, 'answer');
    expect(scripted.asked.map(({ question }) => question).sort()).toEqual(['One?', 'Three?', 'Two?']);
  });

  it('shows an answer again that the platform could not be given before', async () => {
    let down = true;
    chat.trouble = (view) => {
      if (down && view.kind === 'answer') throw new CoreError('not-found', 'gone', { retryable: true });
    };
    const id = await put('Where was Albert Einstein born?');
    while (!logged.some((line) => line.includes('view-failed'))) await delay(5);
    await kill();
    down = false;
    await start();
    await chat.until(id, 'answer');
    expect(scripted.asked).toEqual([]);
  });

  it('in good order ends what it can, tells the others, and answers them afterwards', async () => {
    script.pieces = 10_000;
    const ids = [await put('One?'), await put('Two?', { user: 'bob' })];
    await chat.until(ids[0] ?? '', 'partial');
    await bot.drain(3_200);
    for (const id of ids) expect(chat.last(id)?.kind).toBe('interrupted');
    const late = await put('Late?', { user: 'dan' });
    await chat.until(late, 'interrupted');
    await kill();
    script.pieces = 3;
    await start();
    for (const id of [...ids, late]) await chat.until(id, 'answer');
  });

  it('in good order shows an answer that is still being stored, and not before it that the question is kept', async () => {
    await bot.drain(100);
    const real = records;
    const storing = gate();
    const stored = gate();
    records = {
      ...real,
      async set(key, ...rest) {
        if (key.startsWith('answer:')) {
          storing.open();
          await stored.opened;
        }
        return real.set(key, ...rest);
      },
    };
    await start();
    const id = await put('One?');
    await storing.opened;
    const drained = bot.drain(3_200);
    await delay(500); // those who wait are told by now
    stored.open();
    await drained;
    records = real;
    const kinds = chat.views(id).map(({ kind }) => kind);
    expect(kinds).not.toContain('interrupted');
    expect(kinds.at(-1)).toBe('answer');
  });

  it('in good order tells also those whose answer cannot be given up in time', async () => {
    const open = holdBack('One?');
    const id = await put('One?');
    await chat.until(id, 'partial');
    await bot.drain(3_200);
    expect(chat.last(id)?.kind).toBe('interrupted');
    open();
    await delay(100);
    expect(chat.last(id)?.kind).toBe('interrupted');
  });
});

describe('a question that is taken in while the bots end', () => {
  it('is told that it is kept, and answered afterwards', async () => {
    const asking = bot.ask(ask('Just now?'), chat.surface('m'));
    await bot.drain(3_200);
    expect(chat.last('m')?.kind).toBe('interrupted');
    await asking;
    await kill();
    await start();
    await chat.until('m', 'answer');
  });
});

describe('a new build', () => {
  it('is asked as soon as it is active, while running questions end with the one before', async () => {
    await bot.drain(100);
    const open = holdBack('One?');
    await start({ answersAtOnce: 2 });
    const first = await put('One?');
    await chat.until(first, 'partial');
    scripted.active.build = 'newer';
    const second = await put('Two?', { user: 'bob' });
    expect(await chat.until(second, 'answer')).toMatchObject({ answer: { build: 'newer' } });
    expect(scripted.closed).toEqual([]);
    open();
    expect(await chat.until(first, 'answer')).toMatchObject({ answer: { build: 'sample' } });
    expect(scripted.closed).toEqual(['sample']);
  });
});

describe('titles', () => {
  it('for what was typed put those first that contain it', async () => {
    expect(await bot.titles('prince', 3)).toEqual(['Princeton', 'Albert Einstein', 'Ulm']);
    expect(await bot.titles(' ?', 3)).toEqual([]);
  });
});
