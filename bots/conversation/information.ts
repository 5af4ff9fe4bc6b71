/**
 * What the bots say about themselves: the collection and models that answer, what is stored, which titles there are.
 * Knows manifests and phrases; nothing about questions.
 */
import { METHODS } from '../../core/index.ts';
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

/** Undefined if the model is still being loaded or does not load. */
async function generatorName(build: OpenBuild, language: Language): Promise<string | undefined> {
  const opening = build
    .generatorName()
    .then((name) => name ?? say(language, 'aboutExtractive'))
    .catch(() => undefined);
  return soon(opening, NAME_MS);
}

/**
 * Titles for what was typed so far: those that begin with it, then those that contain it, then those of articles about
 * it; none if that takes too long.
 */
export async function suggestTitles(live: LiveBuild, typed: string, limit: number): Promise<string[]> {
  const wanted = typed.trim().slice(0, 100).toLowerCase();
  if (!/[\p{L}\p{N}]/u.test(wanted)) return [];
  const timeout = AbortSignal.timeout(TITLES_MS);
  const searching = async () => {
    const { build, release } = await live.lease();
    try {
      const request = { question: wanted, method: 'keyword', k: TITLE_PASSAGES };
      const [beginning, { hits }] = await Promise.all([
        build.titles(wanted, limit, timeout),
        build.search(request, timeout),
      ]);
      return [...beginning, ...hits.map(({ chunk }) => chunk.title)];
    } finally {
      release();
    }
  };
  const found = await soon(
    searching().catch(() => undefined),
    TITLES_MS,
  );
  const titles = [...new Set(found)];
  const rank = (title: string) => {
    const at = title.toLowerCase().indexOf(wanted);
    return at === 0 ? 0 : at > 0 ? 1 : 2;
  };
  return titles.sort((a, b) => rank(a) - rank(b)).slice(0, limit);
}
