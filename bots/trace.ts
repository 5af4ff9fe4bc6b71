/**
 * How an answer came about, found by the id under it: for the admin, from the bots' records. Knows stored answers; the
 * bots may be running at the same time.
 */
import { existsSync } from 'node:fs';
import { type Answer, CoreError, openRecords, type Settings, trafficFiles } from '../core/index.ts';
import { openState, type StoredAnswer } from './state/state.ts';

/** The trace as text, or all that is stored as JSON. Throws `CoreError('not-found')` if nothing has that id. */
export async function traceOf(id: string, settings: Settings, json: boolean): Promise<string> {
  const path = trafficFiles(settings.data).records;
  const stored = existsSync(path) ? await storedAnswer(path, id, settings.keepDays) : undefined;
  if (stored === undefined)
    throw new CoreError('not-found', `No answer “${id.slice(0, 40)}” is stored in ${path}.`, {
      hint: `The id is at the end of an answer and after “Reference:”; answers are kept for ${settings.keepDays} days.`,
    });
  return json ? JSON.stringify(stored, null, 2) : traceText(stored);
}

async function storedAnswer(path: string, id: string, keepDays: number): Promise<StoredAnswer | undefined> {
  const state = openState(await openRecords(path), keepDays);
  try {
    return await state.answer(id);
  } finally {
    await state.close();
  }
}

/** One fact per line, without the asker. */
function traceText(stored: StoredAnswer): string {
  const { id, ask, at, outcome, parent, searchedFor, failure, passages } = stored;
  const answers = stored.compared ?? (stored.answer === undefined ? [] : [stored.answer]);
  return [
    `${id}  ${outcome}  ${new Date(at).toISOString()}  ${ask.platform}`,
    `question    ${oneLine(ask.text || (ask.about ?? ''))}`,
    ...(searchedFor === undefined ? [] : [`searched    ${oneLine(searchedFor)}`]),
    ...(parent === undefined ? [] : [`follows     ${parent}`]),
    ...(failure === undefined ? [] : [`failure     ${failure}`]),
    ...answers.flatMap(answerLines),
    ...passages.map(
      ({ rank, score, title, section, url }) =>
        `passage ${String(rank).padStart(2)}  ${score.toFixed(4)}  ${[title, ...section].join(' › ')}  ${url}`,
    ),
  ].join('\n');
}

function answerLines({ build, method, generator, timings, warnings, sentences }: Answer): string[] {
  const [retrieve, first, total] = [timings.retrieveMs, timings.firstTokenMs, timings.totalMs].map(
    Math.round,
  );
  return [
    `made by     ${build} · ${method} · ${generator}`,
    `took        ${retrieve} ms to the passages, ${first} ms to the first text, ${total} ms in all`,
    ...warnings.map((warning) => `warning     ${oneLine(warning)}`),
    ...sentences.map(
      ({ text, citations, supported }) =>
        `sentence    ${supported ? 'supported' : 'unsupported'} [${citations.join(', ')}]  ${oneLine(text)}`,
    ),
  ];
}

function oneLine(text: string): string {
  return text.replace(/[\p{Cc}\s]+/gu, ' ').trim();
}
