/**
 * question -> plan -> hits. Knows how a question is prepared; the plan interpreter does the rest.
 */
import { CoreError } from './errors.ts';
import { languageNames, otherLanguage } from './question/asked-language.ts';
import { askedLength } from './question/asked-length.ts';
import { planOf } from './retrieve/methods.ts';
import { runPlan } from './retrieve/run-plan.ts';
import type { Session } from './session.ts';
import type { Hit, Manifest, RetrievalTimings } from './types.ts';

export interface SearchRequest {
  question: string;
  /** A method's name or a plan; the settings' own when absent. */
  method?: string | undefined;
  k?: number | undefined;
  nprobe?: number | undefined;
}

export interface SearchResult {
  /** The question after clean-up. */
  query: string;
  /** `query` without a request for the length of the answer. */
  searchedFor: string;
  /** Maximum number of sentences of the answer. */
  sentences: number;
  build: string;
  method: string;
  hits: Hit[];
  timings: RetrievalTimings;
  warnings: string[];
}

/** Characters of a question that are read: more than any real question has, fewer than would slow a search. */
const QUESTION_CHARACTERS = 2_000;

/** Passages for one question. Throws `CoreError('bad-input')` for an empty one, `CoreError('usage')` for an unknown method. */
export async function search(
  session: Session,
  request: SearchRequest,
  signal?: AbortSignal,
): Promise<SearchResult> {
  const { question, warnings } = readQuestion(request.question);
  const method = request.method ?? session.settings.method;
  const plan = planOf(method, request.k ?? session.settings.k);
  const nprobe = request.nprobe ?? session.settings.nprobe;
  const { question: searchedFor, sentences } = askedLength(question);
  const [{ hits, timings, warnings: found }, foreign] = await Promise.all([
    runPlan(plan, searchedFor, session, { nprobe, signal }),
    ofOtherLanguage(searchedFor, session.manifest),
  ]);
  warnings.push(...found, ...foreign);
  const build = session.manifest.name;
  return { query: question, searchedFor, sentences, build, method, hits, timings, warnings };
}

/** Cleans up a question: white space collapsed, control characters removed, cut if it is absurdly long. */
export function readQuestion(text: string): { question: string; warnings: string[] } {
  const whole = text
    .toWellFormed()
    .replace(/[\p{Cc}\s]+/gu, ' ')
    .trim();
  if (!/[\p{L}\p{N}]/u.test(whole))
    throw new CoreError('bad-input', 'The question is empty.', {
      hint: 'Ask in words: footnote ask "Who …?"',
    });
  if (whole.length <= QUESTION_CHARACTERS) return { question: whole, warnings: [] };
  const question = whole.slice(0, QUESTION_CHARACTERS).toWellFormed();
  return { question, warnings: [`The question was cut to its first ${QUESTION_CHARACTERS} characters.`] };
}

/** A warning if the question is in another language than the build's text or its embedding model. */
async function ofOtherLanguage(question: string, { languages, model }: Manifest): Promise<string[]> {
  const [ofText, ofModel] = await Promise.all([
    otherLanguage(question, languages),
    otherLanguage(question, model.languages),
  ]);
  const asked = ofText ?? ofModel;
  if (asked === undefined) return [];
  const text =
    ofText === undefined
      ? ''
      : `, and this build’s text in ${languageNames(languages)}: quotes stay as they are`;
  const made =
    ofModel === undefined ? '' : ` The embedding model was made for: ${languageNames(model.languages)}.`;
  return [`The question seems to be in ${languageNames([asked])}${text}.${made}`];
}
