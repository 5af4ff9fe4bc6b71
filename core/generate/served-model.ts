/**
 * Which of a server's models is meant, what it is called and how large its context is. Knows how vLLM, llama.cpp and
 * Ollama name models and report their context; nothing about answers.
 */
import { basename } from 'node:path/posix';
import { CoreError, isCoreError } from '../errors.ts';
import { startWatch, type Watch } from '../hub/watch.ts';
import { type ListedModel, readLoaded, readModels } from './server-stream.ts';

/** Sends a request to a path under the server's base address; a refusal is thrown as a `CoreError`. */
export type Request = (path: string, watch: Watch, body?: RequestBody) => Promise<Response>;
export type RequestBody = { model: string; [field: string]: unknown };

export interface ServedModel extends ListedModel {
  /** Whether the server silently cuts a prompt that is too long instead of refusing it, as Ollama does. */
  cuts: boolean;
}

const LIST_MS = 10_000;
/** Time for Ollama to load a model into memory: 4 GB from a slow disk. */
const LOAD_MS = 300_000;

/**
 * The model that was asked for, out of those served; if none was asked for, the only one.
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
    // Without a list, the server is assumed to serve the model that was named.
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
 * Ollama reports the context only of a model in memory, and only outside OpenAI's protocol (`/api/ps`,
 * https://docs.ollama.com/api): an empty request loads a model that is not there yet. Undefined for other servers.
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

/** The name without its folder: a server may name a model by its file, whose location should not reach a chat. */
export function shownName(model: string): string {
  const isPath = /^(?:[\\/~]|\.{1,2}[\\/]|[a-z]:[\\/])/i.test(model) || /\.gguf$/i.test(model);
  return isPath ? basename(model.replaceAll('\\', '/')).replace(/\.gguf$/i, '') : model;
}
