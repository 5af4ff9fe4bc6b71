/**
 * What became of a question: from the core's answer to what is stored, and from what is stored to what is shown, so that
 * a restart shows the same. Pure. Knows answers and views; nothing about time or platforms.
 */
import type { Answer, CoreError, Hit } from '../../core/index.ts';
import { type Phrase, say } from '../phrases/phrases.ts';
import { finalButtons } from '../render/buttons.ts';
import type { StoredAnswer } from '../state/state.ts';
import type { PassageView, View } from '../surface.ts';
import { nearestTitles, relatedQuestions } from './related.ts';

const PASSAGES = 20;
const PASSAGE_CHARACTERS = 2_000;
const PARTIAL_CHARACTERS = 8_000;

type Known = Pick<StoredAnswer, 'id' | 'ask' | 'language' | 'at' | 'parent'>;

export function answered(
  known: Known,
  { answers, hits, searchedFor }: { answers: Answer[]; hits: Hit[]; searchedFor?: string | undefined },
): StoredAnswer {
  const [first, second] = answers as [Answer, Answer?];
  const base: StoredAnswer = {
    ...known,
    outcome: second !== undefined ? 'compared' : first.abstained ? 'not-found' : 'answer',
    passages: hits.slice(0, PASSAGES).map(passageView),
    related: [],
    nearest: [],
    messages: [],
    ...(searchedFor !== undefined && { searchedFor }),
  };
  if (second !== undefined) return { ...base, compared: [first, second] };
  return first.abstained
    ? { ...base, answer: first, nearest: nearestTitles(hits) }
    : { ...base, answer: first, related: relatedQuestions(first, hits, known.language) };
}

export function failed(known: Known, failure: Phrase): StoredAnswer {
  return { ...known, outcome: 'error', failure, passages: [], related: [], nearest: [], messages: [] };
}

export function stopped(known: Known, text: string): StoredAnswer {
  const partial = text.slice(0, PARTIAL_CHARACTERS).toWellFormed();
  return { ...known, outcome: 'stopped', partial, passages: [], related: [], nearest: [], messages: [] };
}

/** The sentence for a failure: which part broke, in the user's language; the error itself goes to the log. */
export function failureOf(error: CoreError, writing: boolean): Phrase {
  if (error.code === 'bad-input') return 'emptyQuestion';
  if (['not-found', 'model-missing', 'model-mismatch', 'incompatible'].includes(error.code))
    return 'errorBuild';
  if (error.code === 'worker-crashed' || error.code === 'native')
    return writing ? 'errorModel' : 'errorSearch';
  return 'errorOther';
}

/** The view that ends the question. */
export function finalView(stored: StoredAnswer): View {
  const { id: answerId, language, searchedFor } = stored;
  const shown = {
    language,
    buttons: finalButtons(stored),
    ...(searchedFor !== undefined && { searchedFor }),
  };
  if (stored.outcome === 'compared' && stored.compared !== undefined)
    return { kind: 'compared', answerId, answers: stored.compared, ...shown };
  if (stored.outcome === 'not-found' && stored.answer !== undefined)
    return { kind: 'not-found', answerId, answer: stored.answer, nearest: stored.nearest, ...shown };
  if (stored.outcome === 'answer' && stored.answer !== undefined)
    return { kind: 'answer', answerId, answer: stored.answer, ...shown };
  if (stored.outcome === 'stopped') return { kind: 'stopped', text: stored.partial ?? '', ...shown };
  const sentence = say(language, stored.failure ?? 'errorOther');
  return { kind: 'error', sentence, reference: answerId, ...shown };
}

function passageView({ rank, score, chunk }: Hit): PassageView {
  const { title, section, url } = chunk;
  return { rank, score, title, section, url, text: chunk.text.slice(0, PASSAGE_CHARACTERS).toWellFormed() };
}
