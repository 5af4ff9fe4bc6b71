/**
 * Whether a question is taken, or the sentence that says why not. Knows access, methods, languages and how many wait;
 * nothing about surfaces.
 */
import { METHODS } from '../../core/index.ts';
import type { LiveBuild } from '../answer/live-build.ts';
import { duration, type Language, say } from '../phrases/phrases.ts';
import type { Ask } from '../surface.ts';
import type { Access } from './access.ts';
import { questionOf } from './history.ts';

export interface Crowd {
  waiting: number;
  waitingOfUser: number;
  /** Seconds until a question asked now begins, if known. */
  waitSeconds: number | undefined;
}

/** Questions that wait at once; each is a few kilobytes. */
const MOST_WAITING = 500;
const MOST_WAITING_OF_USER = 20;
const WAIT_SECONDS = 60;

/** The refusal in the user's language, or undefined; only a question that is taken counts against cooldown and budget. */
export async function refusalOf(
  ask: Ask,
  language: Language,
  { access, live, crowd }: { access: Access; live: LiveBuild; crowd: Crowd },
): Promise<string | undefined> {
  const barred = access.refusal(ask);
  if (barred !== undefined) return say(language, barred.phrase);
  if (!/[\p{L}\p{N}]/u.test(questionOf(ask))) return say(language, 'emptyQuestion');
  const wrong = unknownMethod(ask, language) ?? (await missingLanguage(ask, language, live));
  if (wrong !== undefined) return wrong;
  if (crowd.waiting >= MOST_WAITING || crowd.waitingOfUser >= MOST_WAITING_OF_USER)
    return say(language, 'refusedFull', { wait: duration(language, crowd.waitSeconds ?? WAIT_SECONDS) });
  const early = await access.admit(ask);
  if (early === undefined) return undefined;
  return say(
    language,
    early.phrase,
    'waitSeconds' in early ? { wait: duration(language, early.waitSeconds) } : {},
  );
}

function unknownMethod({ method, compare }: Ask, language: Language): string | undefined {
  const known = Object.keys(METHODS);
  const unknown = [method, ...(compare ?? [])].find((name) => name !== undefined && !known.includes(name));
  if (unknown === undefined) return undefined;
  return say(language, 'refusedMethod', { method: unknown.slice(0, 40), methods: known.join(', ') });
}

async function missingLanguage(ask: Ask, language: Language, live: LiveBuild): Promise<string | undefined> {
  if (ask.language === undefined) return undefined;
  const lease = await live.lease().catch(() => undefined); // where there is no build, the answer says so
  if (lease === undefined) return undefined;
  const { languages } = lease.build.manifest;
  lease.release();
  const primary = (tag: string) => tag.toLowerCase().split('-')[0];
  if (languages.some((tag) => primary(tag) === primary(ask.language ?? ''))) return undefined;
  return say(language, 'refusedLanguage', {
    languages: languages.map((tag) => languageName(tag, language)).join(', '),
    language: languageName(ask.language.slice(0, 20), language),
  });
}

/** The name of a language tag in the user's language; the tag itself if it is not well-formed. */
export function languageName(tag: string, language: Language): string {
  if (!/^[A-Za-z]{2,8}(-[A-Za-z0-9]{2,8})*$/.test(tag)) return tag;
  return new Intl.DisplayNames(language, { type: 'language' }).of(tag) ?? tag;
}
