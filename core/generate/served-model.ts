/**
 * Which of a server's models is meant, what it is called and how much it sees. Knows how vLLM, llama.cpp and Ollama name models
 * and tell their context; nothing about answers.
 */
import { basename } from 'node:path/posix';
import { CoreError, isCoreError } from '../errors.ts';
import { startWatch, type Watch } from '../hub/watch.ts';
import { type ListedModel, readLoaded, readModels } from './server-stream.ts';

/** Sends to a path under the server's base address, and throws what a refusal means. */
export type Request = (path: string, watch: Watch, body?: RequestBody) => Promise<Response>;
export type RequestBody = { model: string; [field: string]: unknown };

export interface ServedModel extends ListedModel {
  /** Whether the server cuts a prompt that is too long, and says nothing, in place of refusing it: Ollama. */
  cuts: boolean;
}

const LIST_MS = 10_000;
/** Until Ollama has a model in memory: 4 GB from a slow disk. */
const LOAD_MS = 300_000;

/**
 * The model that was asked for among those that are served, or the only one.
 * Throws `CoreError`: `network`, `not-found` (does not serve it), `usage` (several and no choice).
 */
export async function chooseModel(
  { model, url }: { model?: string | undefined; url: string },
  server: string,
  request: Request,
): Promise<ServedModel> {
  let listed: ListedModel[];
  try {
    listed = await within(LIST_MS, async (watch) => readModels(await request('models', watch), server));
  } catch (error) {
    // A server without a list is taken at its word.
    if (model === undefined || !isCoreError(error) || error.code !== 'not-found') throw error;
    return { id: model, contextTokens: undefined, cuts: false };
  }
  // Ollama serves `NAME:latest` to whoever asks for NAME.
  const found =
    model === undefined
      ? listed[0]
      : (listed.find(({ id }) => id === model) ?? listed.find(({ id }) => id === `${model}:latest`));
  const names = listed
    .slice(0, 5)
    .map(({ id }) => id)
    .join(', ');
  if (found === undefined)
    throw new CoreError(
      'not-found',
      `The language model server does not serve ${model === undefined ? 'any model' : shownName(model)}.`,
      {
        hint: `${url} serves: ${names || 'nothing'}. Name one with --generator-model.`,
        details: { server },
      },
    );
  if (model === undefined && listed.length > 1)
    throw new CoreError('usage', 'The language model server serves several models, and none was named.', {
      hint: `Name one with --generator-model: ${names}.`,
      details: { server },
    });
  if (found.contextTokens !== undefined) return { ...found, cuts: false };
  const loaded = await loadedByOllama(found.id, request);
  return { ...found, contextTokens: loaded?.contextTokens, cuts: loaded !== undefined };
}

/**
 * Ollama tells the context of a model that it has in memory, and only beside the protocol of OpenAI's (`/api/ps`,
 * https://docs.ollama.com/api): a model that is not there yet is called into memory by an empty request. Undefined for another server.
 */
async function loadedByOllama(
  id: string,
  request: Request,
): Promise<{ contextTokens: number | undefined } | undefined> {
  const list = () => within(LIST_MS, async (watch) => readLoaded(await request('../api/ps', watch)));
  let loaded = await list().catch(() => undefined);
  if (loaded === undefined) return undefined;
  if (!loaded.has(id)) {
    await within(LOAD_MS, async (watch) => (await request('../api/generate', watch, { model: id })).text());
    loaded = await list();
  }
  return { contextTokens: loaded?.get(id) };
}

async function within<T>(ms: number, task: (watch: Watch) => Promise<T>): Promise<T> {
  const watch = startWatch(undefined);
  watch.expect(ms, 'answer');
  try {
    return await task(watch);
  } finally {
    watch.rest();
  }
}

/** A name without a folder: a server may name a model by its file, and where that lies is nobody's business in a chat. */
export function shownName(model: string): string {
  const isPath = /^(?:[\\/~]|\.{1,2}[\\/]|[a-z]:[\\/])/i.test(model) || /\.gguf$/i.test(model);
  return isPath ? basename(model.replaceAll('\\', '/')).replace(/\.gguf$/i, '') : model;
}
