/**
 * What the bots tell of themselves: the collection and models that answer, what is stored, which titles there are.
 * Knows manifests and phrases; nothing about questions.
 */
import { METHODS } from '../../core/index.ts';
import type { Core } from '../answer/answering.ts';
import type { LiveBuild, OpenBuild } from '../answer/live-build.ts';
import { type Language, number, say } from '../phrases/phrases.ts';
import { privacyButtons } from '../render/buttons.ts';
import { soon } from '../soon.ts';
import type { View } from '../surface.ts';
import { languageName } from './admission.ts';

/** How long `/about` waits for the language model's name, and autocomplete for titles, in ms. */
const NAME_MS = 1_500;
const TITLES_MS = 2_000;
const TITLE_PASSAGES = 50;

export function privacyView(language: Language, keepDays: number): View {
  const sentence = say(language, 'privacy', { days: keepDays });
  return { kind: 'privacy', sentence, language, buttons: privacyButtons(language) };
}

/** Throws where there is no build. */
export async function aboutView(live: LiveBuild, language: Language): Promise<View> {
  const lease = await live.lease();
  try {
    const { manifest } = lease.build;
    const { articles, chunks } = manifest;
    const size = { articles: number(language, articles), chunks: number(language, chunks) };
    const generator = await generatorName(lease.build, language);
    const facts: [Parameters<typeof say>[1], string][] = [
      ['aboutBuild', manifest.name],
      ...(manifest.dumpDate === undefined
        ? []
        : ([['aboutDump', manifest.dumpDate.slice(0, 10)]] as [never, string][])),
      ['aboutSize', say(language, 'aboutSizeValue', size)],
      ['aboutLanguages', manifest.languages.map((tag) => languageName(tag, language)).join(', ')],
      ['aboutModel', `${manifest.model.name} (${manifest.model.dtype})`],
      ...(generator === undefined ? [] : ([['aboutGenerator', generator]] as [never, string][])),
      ['aboutMethods', Object.keys(METHODS).join(', ')],
      ['aboutRecall', number(language, manifest.recall.at10)],
      ['aboutLicence', manifest.licence],
    ];
    return {
      kind: 'about',
      facts: facts.map(([phrase, value]) => ({ name: say(language, phrase), value })),
      language,
      buttons: [],
    };
  } finally {
    lease.release();
  }
}

/** Undefined where the model is still being loaded or does not load. */
async function generatorName(build: OpenBuild, language: Language): Promise<string | undefined> {
  const opening = build
    .generatorName()
    .then((name) => name ?? say(language, 'aboutExtractive'))
    .catch(() => undefined);
  return soon(opening, NAME_MS);
}

/** Titles of articles that what was typed finds by keyword, those that contain it first; none where that takes too long. */
export async function suggestTitles(
  find: Core['search'],
  live: LiveBuild,
  typed: string,
  limit: number,
): Promise<string[]> {
  const wanted = typed.trim().slice(0, 100).toLowerCase();
  if (!/[\p{L}\p{N}]/u.test(wanted)) return [];
  const timeout = AbortSignal.timeout(TITLES_MS);
  const searching = async () => {
    const lease = await live.lease();
    try {
      return await find(lease.build, { question: wanted, method: 'keyword', k: TITLE_PASSAGES }, timeout);
    } finally {
      lease.release();
    }
  };
  const found = await soon(
    searching().catch(() => undefined),
    TITLES_MS,
  );
  const titles = [...new Set(found?.hits.map(({ chunk }) => chunk.title))];
  const contains = (title: string) => title.toLowerCase().includes(wanted);
  return [...titles.filter(contains), ...titles.filter((title) => !contains(title))].slice(0, limit);
}
