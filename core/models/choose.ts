/**
 * Knows which models are candidates for a task, in which order, and why; takes the first that is available.
 * Knows no protocol and no native code.
 */
import { stat } from 'node:fs/promises';
import { generatorServer } from '../config.ts';
import { CoreError, isCoreError } from '../errors.ts';
import { findAccelerators, machinePower } from '../runtime/machine.ts';
import { CATALOG, EMBEDDINGS, GENERATORS, ggufOnHub, RERANKERS } from './catalog.ts';
import { findWhole, openEmbeddingFolder, openGgufFile } from './installed.ts';
import type { InstalledModel, ModelEntry, ModelRole, ModelSource, PullEvent } from './model.ts';
import { type PullRequest, pullModel, sourceName } from './pull.ts';

/** One way to a model. */
export type Candidate =
  | { kind: 'installed'; model: InstalledModel }
  /** `reason`: why this model is a candidate, as the end of a sentence. */
  | { kind: 'pull'; entry: ModelEntry; source: ModelSource; reason: string };

/** The facts that decide which language model the machine can run. */
export interface Machine {
  /** Bytes. */
  totalMemory: number;
  cores: number;
  /** Name of a usable accelerator, absent where there is none. */
  accelerator?: string | undefined;
}

const GIB = 2 ** 30;
/** With fewer, and no accelerator, a 7B model writes slower than people read. */
const CORES_FOR_7B = 8;
const HUB_NAME = /^[\w.-]+\/[\w.-]+(?:\/[\w.-]+)*\/[\w.-]+\.gguf$/i;

/**
 * Candidates for the embedding model, best first: the one asked for (a catalogue name or a folder), else an installed
 * one, the hub's, a package registry's.
 * Throws `not-found` or `bad-input` for a folder that is no model.
 */
export async function chooseEmbedding(settings: {
  data: string;
  model?: string | undefined;
}): Promise<Candidate[]> {
  const { data, model } = settings;
  if (model === undefined) {
    const defaults = EMBEDDINGS.filter(({ embedding }) => embedding?.languages.includes('en'));
    return candidates(
      data,
      defaults.map((entry) => ({ entry, reason: 'the default embedding model' })),
    );
  }
  const entry = EMBEDDINGS.find(({ name }) => name === model);
  if (entry) return candidates(data, [{ entry, reason: 'as asked for' }]);
  if (!model.includes('/') && !model.includes('\\') && !(await exists(model)))
    throw unknown('embedding', model);
  return [{ kind: 'installed', model: await openEmbeddingFolder(model) }];
}

/**
 * Candidates for the language model, best first: the one asked for (a catalogue name, a GGUF file, or a hub name
 * `OWNER/REPO/FILE.gguf`), else the largest that the machine can run, then smaller ones. Empty for `none` and a server.
 * Throws `usage`, `not-found` or `bad-input` for a name or file that is no language model.
 */
export async function chooseGenerator(
  settings: { data: string; generator: string },
  machine?: Machine,
): Promise<Candidate[]> {
  const { data, generator } = settings;
  if (generator === 'none' || generatorServer(settings) !== undefined) return [];
  if (generator === 'auto') return candidates(data, carried(machine ?? (await thisMachine())));
  const entry = GENERATORS.find(({ name }) => name === generator);
  if (entry) return candidates(data, [{ entry, reason: 'as asked for' }]);
  if (await exists(generator)) return [{ kind: 'installed', model: await openGgufFile(generator) }];
  if (isHubName(generator)) return candidates(data, [{ entry: hubEntry(generator), reason: 'as asked for' }]);
  throw unknown('generator', generator);
}

/** Memory, cores, and the first accelerator there is. */
async function thisMachine(): Promise<Machine> {
  const { memory, cores } = machinePower();
  const [accelerator] = await findAccelerators();
  return { totalMemory: memory, cores, accelerator };
}

/** Candidates for the cross-encoder, best first: an installed one, the hub's, a package registry's. */
export function chooseReranker({ data }: { data: string }): Promise<Candidate[]> {
  return candidates(
    data,
    RERANKERS.map((entry) => ({ entry, reason: 'the default reranking model' })),
  );
}

/** True for `OWNER/REPO/FILE.gguf`, folders of dots excluded. */
function isHubName(name: string): boolean {
  return HUB_NAME.test(name) && !name.split('/').some((part) => /^\.+$/.test(part));
}

/** The entry that a catalogue name or a hub name `OWNER/REPO/FILE.gguf` stands for. Throws `usage` for any other. */
export function entryNamed(name: string): ModelEntry {
  const entry = CATALOG.find((known) => known.name === name);
  if (entry) return entry;
  if (isHubName(name)) return hubEntry(name);
  throw unknown(undefined, name);
}

/**
 * The first candidate that is available. A source that refuses yields `pull-refused`, and the next one is tried.
 * A hub that fails as a whole, rather than lacking a file, is not asked again.
 * Throws the refusal if there was only one candidate, else `model-missing`; a full disk, lock or cancel ends it.
 */
export async function* ensureModel(
  candidates: Candidate[],
  request: Pick<PullRequest, 'data' | 'hub' | 'patience' | 'shelf' | 'signal'>,
): AsyncGenerator<PullEvent, InstalledModel> {
  const refusals: CoreError[] = [];
  let failedHub = false;
  for (const candidate of candidates) {
    if (candidate.kind === 'installed') return candidate.model;
    const { entry, source, reason } = candidate;
    if (source.kind === 'hub' && failedHub) continue;
    const before = refusals.length > 0 ? `, after this failed: ${said(refusals)}` : '.';
    const origin = `${sourceName(source, request.hub)}: ${reason}${before}`;
    try {
      return yield* pullModel({ ...request, entry, source, reason: origin });
    } catch (error) {
      if (!isCoreError(error) || !['model-missing', 'network', 'bad-input'].includes(error.code)) throw error;
      failedHub ||= source.kind === 'hub' && error.code === 'network';
      refusals.push(error);
      yield {
        type: 'pull-refused',
        model: entry.name,
        source: sourceName(source, request.hub),
        reason: error.message,
      };
    }
  }
  if (candidates.length === 1) throw refusals[0];
  throw new CoreError('model-missing', `No model is available: ${said(refusals)}`, {
    hint: 'Check the network, name a mirror with HF_ENDPOINT, or give a local model with --model or --generator.',
  });
}

function said(errors: CoreError[]): string {
  return errors.map(({ message }) => message).join(' ');
}

/** Installed models first, then every source, hubs before registries. */
async function candidates(
  data: string,
  wanted: { entry: ModelEntry; reason: string }[],
): Promise<Candidate[]> {
  const installed: Candidate[] = [];
  for (const { entry } of wanted) {
    const model = await findWhole(data, entry);
    if (model) installed.push({ kind: 'installed', model });
  }
  const pulls = wanted.flatMap(({ entry, reason }) =>
    entry.sources.map((source): Candidate & { kind: 'pull' } => ({ kind: 'pull', entry, source, reason })),
  );
  const fromHub = pulls.filter(({ source }) => source.kind === 'hub');
  return [...installed, ...fromHub, ...pulls.filter(({ source }) => source.kind !== 'hub')];
}

/** The language models that this machine can run, each with the reason to show. */
function carried({ totalMemory, cores, accelerator }: Machine): { entry: ModelEntry; reason: string }[] {
  const memory = `${Math.round(totalMemory / GIB)} GiB of memory`;
  const power = accelerator === undefined ? `${cores} cores without an accelerator` : accelerator;
  const machine = `${memory} and ${power}`;
  const [large, ...small] = GENERATORS as [ModelEntry, ...ModelEntry[]];
  const strong = accelerator !== undefined || cores >= CORES_FOR_7B;
  const fits = (entry: ModelEntry) => totalMemory >= (entry.needsMemory ?? 0);
  return [
    ...(strong && fits(large)
      ? [{ entry: large, reason: `the default language model, carried by ${machine}` }]
      : []),
    ...small.filter(fits).map((entry) => ({
      entry,
      reason:
        strong && fits(large)
          ? `a small language model in place of ${large.name}`
          : `a small language model, because ${machine} do not carry ${large.name}`,
    })),
  ];
}

function hubEntry(name: string): ModelEntry {
  const [owner, repo, ...path] = name.split('/');
  return {
    role: 'generator',
    name,
    about: 'A language model named by its place on the hub.',
    licence: '',
    weights: path.at(-1) as string,
    sources: [ggufOnHub(`${owner}/${repo}`, path.join('/'))],
  };
}

function unknown(role: ModelRole | undefined, name: string): CoreError {
  const known = CATALOG.filter((entry) => role === undefined || entry.role === role).map(
    (entry) => entry.name,
  );
  const forms = role === 'embedding' ? 'a folder' : 'a GGUF file or a hub name OWNER/REPO/FILE.gguf';
  return new CoreError('usage', `There is no model ${JSON.stringify(name)}.`, {
    hint: `Name ${forms}, or one of: ${known.join(', ')}.`,
  });
}

async function exists(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined)) !== undefined;
}
