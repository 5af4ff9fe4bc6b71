/**
 * Which buttons stand under which view, and which forms they open. Pure. Knows actions and phrases.
 */
import type { Action } from '../action.ts';
import { type Language, languageOf, type Phrase, say } from '../phrases/phrases.ts';
import type { StoredAnswer } from '../state/state.ts';
import type { Button, Form } from '../surface.ts';
import { cut } from './layout.ts';

/** Slack's limit; Discord's is 80. */
const LABEL_CHARACTERS = 75;
const TYPED_CHARACTERS = 2_000;

export function stopButton(language: Language, answer: string): Button[] {
  return [button(language, { name: 'stop', answer }, 'buttonStop', 'danger')];
}

/** The buttons of a question's last view. */
export function finalButtons(stored: StoredAnswer): Button[] {
  const { language, id: answer } = stored;
  const plain = (name: 'passages' | 'helpful' | 'unhelpful', phrase: Phrase) =>
    button(language, { name, answer }, phrase);
  const retry = button(language, { name: 'retry', answer }, 'buttonRetry');
  const followUp = button(language, { name: 'follow-up', answer }, 'buttonFollowUp');
  const suggestions = (name: 'related' | 'nearest', labels: string[]) =>
    labels.map((label, index) => labelled({ name, answer, index }, label));
  switch (stored.outcome) {
    case 'answer':
      return [
        ...(stored.ask.private === true
          ? [button(language, { name: 'share', answer }, 'buttonShare', 'primary')]
          : []),
        plain('passages', 'buttonPassages'),
        followUp,
        plain('helpful', 'buttonHelpful'),
        plain('unhelpful', 'buttonUnhelpful'),
        ...suggestions('related', stored.related),
        retry,
      ];
    case 'not-found':
      return [
        ...suggestions('nearest', stored.nearest),
        ...(stored.passages.length > 0 ? [plain('passages', 'buttonPassages')] : []),
        followUp,
        plain('unhelpful', 'buttonUnhelpful'),
        retry,
      ];
    case 'compared':
      return [retry];
    case 'error':
    case 'stopped':
      return [{ ...retry, tone: 'primary' }];
  }
}

export function pageButtons(language: Language, answer: string, page: number, pages: number): Button[] {
  const turn = (to: number, phrase: Phrase) => button(language, { name: 'turn', answer, page: to }, phrase);
  return [
    ...(page > 0 ? [turn(page - 1, 'buttonPrevious')] : []),
    ...(page + 1 < pages ? [turn(page + 1, 'buttonNext')] : []),
  ];
}

export function privacyButtons(language: Language): Button[] {
  return [
    button(language, { name: 'export' }, 'buttonExport'),
    button(language, { name: 'forget' }, 'buttonForget', 'danger'),
  ];
}

/** The form that the action opens, or undefined. */
export function formOf(action: Action, locale: string): Form | undefined {
  const language = languageOf(locale);
  const form = (title: Phrase, label: Phrase, required: boolean): Form => ({
    title: say(language, title),
    label: say(language, label),
    submit: say(language, 'formSend'),
    cancel: say(language, 'formCancel'),
    required,
    maxLength: TYPED_CHARACTERS,
  });
  if (action.name === 'unhelpful') return form('formUnhelpfulTitle', 'formUnhelpfulLabel', false);
  if (action.name === 'follow-up') return form('formFollowUpTitle', 'formFollowUpLabel', true);
  return undefined;
}

function button(language: Language, action: Action, phrase: Phrase, tone: Button['tone'] = 'plain'): Button {
  return { action, label: say(language, phrase), tone };
}

function labelled(action: Action, text: string): Button {
  return { action, label: cut(text.replace(/\s+/gu, ' '), LABEL_CHARACTERS), tone: 'plain' };
}
