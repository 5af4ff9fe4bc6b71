/**
 * View -> messages: the words for everything that the conversation shows. Pure. Knows phrases and layouts; nothing about
 * vendors. A platform puts the messages and the view's buttons into its payload.
 */

import { duration, say } from '../phrases/phrases.ts';
import type { AnswerView, View } from '../surface.ts';
import { renderAnswer, searchedForText, textBlocks, warningBlocks } from './answer-text.ts';
import type { Dialect } from './dialect.ts';
import { type Block, cut, layOut, line, quote, small } from './layout.ts';

export interface Room {
  /** Characters of one message. */
  limit: number;
  /** Messages that one view may take. */
  messages: number;
}

/** The view's text as at most `room.messages` messages of at most `room.limit` characters each; at least one. */
export function renderView(view: View, dialect: Dialect, room: Room): string[] {
  if (view.kind === 'answer') return renderAnswer(view, dialect, room);
  if (view.kind === 'compared') return renderCompared(view, dialect, room);
  if (view.kind === 'passages') return renderPassages(view, dialect, room);
  if (view.kind === 'partial') {
    // Only the end is new: the beginning is dropped if the text outgrows its messages.
    const notes = [...searched(view), small(say(view.language, 'unfinished'))];
    const text = view.text.slice(-room.limit * room.messages).toWellFormed();
    return endOf(layOut([...textBlocks({ text, sentences: [] }), ...notes], dialect, room.limit), room);
  }
  return layOut(viewBlocks(view), dialect, room.limit).slice(0, room.messages);
}

function endOf(messages: string[], { messages: most }: Room): string[] {
  return messages.slice(-most);
}

type ShortView = Exclude<View, { kind: 'answer' | 'compared' | 'passages' | 'partial' }>;

function viewBlocks(view: ShortView): Block[] {
  const { language } = view;
  switch (view.kind) {
    case 'acknowledged':
      return [line(say(language, 'acknowledged'))];
    case 'queued': {
      const { position, waitSeconds } = view;
      return waitSeconds === undefined
        ? [line(say(language, 'queued', { position }))]
        : [line(say(language, 'queuedWait', { position, wait: duration(language, waitSeconds) }))];
    }
    case 'stage': {
      const phrase = ({ search: 'stageSearch', read: 'stageRead', write: 'stageWrite' } as const)[view.stage];
      return [line(say(language, phrase)), ...searched(view)];
    }
    case 'interrupted':
      return [line(say(language, 'interrupted'))];
    case 'not-found': {
      const nearest = view.nearest.map((title) => line('• ', { kind: 'strong', text: title }));
      const heading = nearest.length > 0 ? [line(say(language, 'nearest'))] : [];
      return [
        ...searched(view),
        line(say(language, 'notFound')),
        ...warningBlocks(view.answer),
        ...heading,
        ...nearest,
      ];
    }
    case 'error':
      return [line(view.sentence), small(say(language, 'reference', { reference: view.reference }))];
    case 'refused':
    case 'notice':
      return [line(view.sentence)];
    case 'stopped':
      return [...textBlocks({ text: view.text, sentences: [] }), line(say(language, 'stopped'))];
    case 'about':
      return [
        line(say(language, 'aboutIntro')),
        ...view.facts.map(({ name, value }) => line({ kind: 'strong', text: name }, `: ${value}`)),
      ];
    case 'privacy':
    case 'export':
      return [line(view.kind === 'privacy' ? view.sentence : view.filename)];
  }
}

function searched(view: { language: View['language']; searchedFor?: string }): Block[] {
  return view.searchedFor === undefined ? [] : [small(searchedForText(view.language, view.searchedFor))];
}

function renderCompared(view: Extract<View, { kind: 'compared' }>, dialect: Dialect, room: Room): string[] {
  const half = {
    limit: Math.floor(room.limit / (room.messages > 1 ? 1 : 2)) - 2,
    messages: Math.max(1, Math.floor(room.messages / 2)),
  };
  const parts = view.answers.map((answer) => {
    const heading = layOut([line({ kind: 'strong', text: answer.method })], dialect, 200)[0] ?? '';
    const shown: AnswerView = { ...view, kind: 'answer', answer };
    const [first = '', ...rest] = renderAnswer(shown, dialect, {
      ...half,
      limit: half.limit - heading.length - 1,
    });
    return [`${heading}\n${first}`, ...rest];
  });
  const messages = parts.flat();
  return room.messages > 1 ? messages : [messages.join('\n\n')];
}

function renderPassages(view: Extract<View, { kind: 'passages' }>, dialect: Dialect, room: Room): string[] {
  const { language, page, pages } = view;
  const heading = line({ kind: 'strong', text: say(language, 'passagesPage', { page: page + 1, pages }) });
  for (let most = 1_500; most >= 100; most = Math.floor(most * 0.7)) {
    const blocks = view.hits.flatMap((hit) => [
      line(`${hit.rank}. `, { kind: 'link', text: [hit.title, ...hit.section].join(' › '), url: hit.url }),
      quote(cut(hit.text, most)),
    ]);
    const laidOut = layOut([heading, ...blocks], dialect, room.limit);
    if (laidOut.length <= room.messages) return laidOut;
  }
  return layOut([heading], dialect, room.limit);
}
