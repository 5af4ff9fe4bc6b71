/**
 * Answer -> what a chat shows of it: text with its markers, marks on unsupported sentences, sources, licence.
 * Pure. Knows answers and phrases; nothing about vendors, buttons or when it is shown.
 *
 * Every word of an answer is untrusted. The only links are those of the citations' own chunks.
 */
import type { Answer, Citation } from '../../core/index.ts';
import { type Language, say } from '../phrases/phrases.ts';
import type { AnswerView } from '../surface.ts';
import type { Dialect } from './dialect.ts';
import { type Block, cut, layOut, line, quote, type Span, small } from './layout.ts';

/** From the largest form to the smallest. */
export const FORMS = ['full', 'unquoted', 'bare'] as const;
export type Form = (typeof FORMS)[number];

/** A sentence that no passage confirms ends with this. */
export const UNSUPPORTED = '⚠️';

const QUOTE_CHARACTERS = 350;
const SEARCHED_CHARACTERS = 200;
const MARKERS = /^(?:\s*\[[\d\s,–-]+\])+/;
const FENCE = /```[^\n`]*\n?([\s\S]*?)(?:```|$)/g;

export interface AnswerParts {
  body: Block[];
  sources: Block[];
  footer: Block[];
}

/** The parts of an answer in one form, for platforms that lay them out apart. */
export function answerParts(view: AnswerView, form: Form): AnswerParts {
  const { answer, language } = view;
  return {
    body: [...heading(view), ...textBlocks(answer), ...cautions(answer, language)],
    sources: sourceBlocks(answer, language, form),
    footer: [small(footerText(view))],
  };
}

/**
 * The answer as at most `messages` messages of at most `limit` characters: the largest form that fits; if none does,
 * the text is cut (and says so) before the sources are.
 */
export function renderAnswer(
  view: AnswerView,
  dialect: Dialect,
  { limit, messages }: { limit: number; messages: number },
): string[] {
  const room = limit * messages;
  for (const form of view.answer.text.length > room ? [] : FORMS) {
    const { body, sources, footer } = answerParts(view, form);
    const laidOut = layOut([...body, ...sources, ...footer], dialect, limit);
    if (laidOut.length <= messages) return laidOut;
  }
  const { sources, footer } = answerParts(view, 'bare');
  const whole = view.answer.text;
  for (let kept = Math.min(whole.length, room); kept > 100; kept = Math.floor(kept * 0.6)) {
    const body = [
      ...textBlocks({ ...view.answer, text: cut(whole, kept) }),
      small(say(view.language, 'shortened')),
    ];
    const laidOut = layOut([...body, ...sources, ...footer], dialect, limit);
    if (laidOut.length <= messages) return laidOut;
  }
  return layOut([...textBlocks({ ...view.answer, text: cut(whole, 100) }), ...sources], dialect, limit).slice(
    0,
    messages,
  );
}

/** The text as lines and code, with a mark after each sentence that no passage supports. */
export function textBlocks(answer: Pick<Answer, 'text' | 'sentences'>): Block[] {
  const blocks: Block[] = [];
  const prose = (text: string) => {
    for (const row of text.split('\n')) if (row.trim() !== '') blocks.push(line(row.trim()));
  };
  const marked = withMarks(answer);
  let from = 0;
  for (const match of marked.matchAll(FENCE)) {
    prose(marked.slice(from, match.index));
    const code = match[1]?.replace(/\n$/, '') ?? '';
    if (code.trim() !== '') blocks.push({ kind: 'code', text: code });
    from = match.index + match[0].length;
  }
  prose(marked.slice(from));
  return blocks;
}

function withMarks({ text, sentences }: Pick<Answer, 'text' | 'sentences'>): string {
  let marked = '';
  let from = 0;
  for (const sentence of sentences) {
    const words = sentence.text.trim();
    const start = words === '' ? -1 : text.indexOf(words, from);
    if (start === -1) continue;
    const end = start + words.length;
    const markers = MARKERS.exec(text.slice(end))?.[0] ?? '';
    marked += text.slice(from, end) + markers + (sentence.supported ? '' : ` ${UNSUPPORTED}`);
    from = end + markers.length;
  }
  return marked + text.slice(from);
}

function heading(view: AnswerView): Block[] {
  const { language, searchedFor, sharedBy } = view;
  const blocks: Block[] = [];
  if (sharedBy !== undefined) {
    const [before = '', after = ''] = say(language, 'sharedBy', { user: '\n' }).split('\n');
    blocks.push(small(before, { kind: 'user', id: sharedBy }, after));
    blocks.push(line({ kind: 'strong', text: view.answer.question }));
  }
  if (searchedFor !== undefined) blocks.push(small(searchedForText(language, searchedFor)));
  return blocks;
}

export function searchedForText(language: Language, question: string): string {
  return say(language, 'searchedFor', { question: cut(question, SEARCHED_CHARACTERS) });
}

function cautions(answer: Answer, language: Language): Block[] {
  const blocks: Block[] = [];
  const unsupported = answer.sentences.some((sentence) => !sentence.supported);
  if (answer.citations.length === 0 && !answer.abstained)
    blocks.push(line({ kind: 'strong', text: `${UNSUPPORTED} ${say(language, 'noSources')}` }));
  else if (unsupported) blocks.push(small(say(language, 'unsupported', { mark: UNSUPPORTED })));
  return [...blocks, ...warningBlocks(answer)];
}

/** Why the answer is not what was asked for. */
export function warningBlocks({ warnings }: Pick<Answer, 'warnings'>): Block[] {
  return warnings.slice(0, 3).map((warning) => small(cut(warning, 200)));
}

function sourceBlocks(answer: Answer, language: Language, form: Form): Block[] {
  if (answer.citations.length === 0) return [];
  const blocks = [line({ kind: 'strong', text: say(language, 'sources') })];
  for (const citation of answer.citations) {
    const mark = citation.supported ? '' : ` ${UNSUPPORTED}`;
    blocks.push(line(`[${citation.number}] `, placeOf(citation, form), mark));
    if (form === 'full' && citation.quote.trim() !== '')
      blocks.push(quote(`“${cut(citation.quote.trim(), QUOTE_CHARACTERS)}”`));
  }
  return blocks;
}

function placeOf({ title, section, url }: Citation, form: Form): Span {
  const place = section === '' ? title : `${title} › ${section.replaceAll(' > ', ' › ')}`;
  return { kind: 'link', text: form === 'bare' ? cut(title, 60) : place, url };
}

/** Licence of what is quoted, then what made the answer: collection, method, model, and the id that traces it. */
function footerText({ answer, answerId }: AnswerView): string {
  // The titles are in the source list already.
  const licences = new Set(answer.citations.map(({ licence, title }) => licence.replace(`, “${title}”`, '')));
  const made = `${answer.build} · ${answer.method} · ${answer.generator} · ${answerId}`;
  return [...licences, made].join(' · ');
}
