/**
 * The checks behind `footnote doctor`: what is present, what is missing, and the command that fixes it.
 * Knows which findings matter; runtime/machine.ts makes them.
 */
import prettyBytes from 'pretty-bytes';
import { generatorServer, type Settings, settingFacts } from './config.ts';
import { toCoreError } from './errors.ts';
import { FIRST_TEXT_SECONDS, secondsForOnePassage } from './generate/first-text.ts';
import { keptSpeed } from './generate/speed.ts';
import { openLanguageModel, speedKey } from './language-model.ts';
import { installedGenerator } from './models/for-build.ts';
import { type ListedModel, listModels } from './models/list.ts';
import type { ModelRole } from './models/model.ts';
import {
  findAccelerators,
  machinePower,
  NATIVE_MODULES,
  probeDataFolder,
  probeNative,
} from './runtime/machine.ts';
import { readManifest } from './store/build-folder.ts';
import { activeBuild } from './store/builds.ts';

export interface HealthCheck {
  name: string;
  /** `fail`: something does not work at all; `warn`: it works less well, or not yet. */
  ok: 'ok' | 'warn' | 'fail';
  /** What was found, one line. */
  detail: string;
  /** The command or setting that fixes it. */
  mend?: string;
}

/** Bytes of free disk below which a first build and its models do not fit. */
const LEAST_DISK = 1_000_000_000;
/** Bytes of memory below which embedding and a small language model do not fit together. */
const LEAST_MEMORY = 2_000_000_000;

/** Runs every check and yields each result as soon as it is known. Throws only when cancelled, never for a finding. */
export async function* checkHealth(
  settings: Settings,
  signal?: AbortSignal,
): AsyncGenerator<HealthCheck, void> {
  yield { name: 'Node.js', ok: 'ok', detail: process.versions.node };
  for (const name of NATIVE_MODULES) {
    const { works, detail } = await probeNative(name, signal);
    yield works ? { name, ok: 'ok', detail } : { name, ok: 'fail', detail, mend: 'footnote setup' };
  }
  yield* checkMachine(settings, signal);
  yield* checkState(settings);
  yield checkTokens(settings);
}

async function* checkMachine(settings: Settings, signal?: AbortSignal): AsyncGenerator<HealthCheck> {
  const data = await probeDataFolder(settings.data);
  yield data.works
    ? { name: 'data folder', ok: 'ok', detail: data.detail }
    : { name: 'data folder', ok: 'fail', detail: data.detail, mend: 'choose another with --data DIR' };
  if (data.works) {
    const detail = `${prettyBytes(data.free)} free`;
    yield data.free >= LEAST_DISK
      ? { name: 'disk', ok: 'ok', detail }
      : { name: 'disk', ok: 'warn', detail, mend: 'free space, or choose another disk with --data DIR' };
  }
  const { memory, memoryFree, cores } = machinePower();
  const detail = `${prettyBytes(memory)}, ${prettyBytes(memoryFree)} free; ${cores} processor threads`;
  yield memory >= LEAST_MEMORY
    ? { name: 'memory', ok: 'ok', detail }
    : { name: 'memory', ok: 'warn', detail, mend: 'answer without a language model: --generator none' };
  const accelerators = await findAccelerators(signal);
  yield {
    name: 'accelerator',
    ok: 'ok',
    detail: accelerators.length > 0 ? accelerators.join('; ') : 'none; everything runs on the processor',
  };
}

async function* checkState(settings: Settings): AsyncGenerator<HealthCheck> {
  const models = await listModels(settings.data).catch(() => [] as ListedModel[]);
  yield checkWeights(models, 'embedding', 'embedding model', settings.model);
  yield checkWeights(models, 'reranker', 'reranking model');
  yield await checkLanguageModel(settings, models);
  yield await checkBuild(settings);
}

/** Whether there is a language model, and whether it is fast enough here, judged by the answers it has given. */
async function checkLanguageModel(settings: Settings, models: ListedModel[]): Promise<HealthCheck> {
  const name = 'language model';
  if (settings.generator === 'none') return { name, ok: 'ok', detail: 'none wanted; answers are quotes' };
  let model = settings.generator;
  let found: HealthCheck;
  if (generatorServer(settings) === undefined) {
    const wanted = settings.generator === 'auto' ? undefined : settings.generator;
    found = checkWeights(models, 'generator', name, wanted);
    const installed = await installedGenerator(settings).catch(() => undefined);
    model = installed?.entry.name ?? model;
  } else {
    try {
      const generator = await openLanguageModel(settings);
      model = generator?.name ?? model;
      found = { name, ok: 'ok', detail: `${model} at ${settings.generator}` };
    } catch (error) {
      const { message, hint } = toCoreError(error);
      return { name, ok: 'fail', detail: message, ...(hint !== undefined && { mend: hint }) };
    }
  }
  const speed = await keptSpeed(speedKey(settings, model));
  if (found.ok !== 'ok' || speed === undefined) return found;
  const figures = `${model} reads ${speed.prompt.toFixed(0)} and writes ${speed.answer.toFixed(1)} tokens a second here`;
  const seconds = secondsForOnePassage(speed);
  if (seconds <= FIRST_TEXT_SECONDS) return { ...found, detail: `${found.detail}; ${figures}` };
  const smaller = models.filter(({ entry }) => entry.role === 'generator').map(({ entry }) => entry.name);
  const next = smaller[smaller.indexOf(model) + 1];
  return {
    name,
    ok: 'warn',
    detail: `${figures}: the first text takes ${seconds.toFixed(0)} s with one passage, and should take at most ${FIRST_TEXT_SECONDS} s`,
    mend:
      next === undefined
        ? 'answer in quotes: --generator none'
        : `a smaller model: footnote models pull ${next}, then --generator ${next}`,
  };
}

function checkWeights(models: ListedModel[], role: ModelRole, name: string, wanted?: string): HealthCheck {
  const ofRole = models.filter(({ entry }) => entry.role === role);
  if (wanted !== undefined && !ofRole.some(({ entry }) => entry.name === wanted))
    return { name, ok: 'ok', detail: `${wanted}, as set; it is checked when it is opened` };
  const candidates = ofRole.filter(({ entry }) => wanted === undefined || entry.name === wanted);
  const damaged = candidates.find(({ damage }) => damage !== undefined);
  const mend = `footnote models pull ${wanted ?? ''}`.trim();
  if (damaged?.damage !== undefined)
    return { name, ok: 'fail', detail: damaged.damage, mend: `footnote models pull ${damaged.entry.name}` };
  const installed = candidates.filter((model) => model.installed !== undefined);
  if (installed.length === 0) return { name, ok: 'warn', detail: 'not installed yet', mend };
  return {
    name,
    ok: 'ok',
    detail: installed.map(({ entry, bytes }) => `${entry.name} (${prettyBytes(bytes)})`).join(', '),
  };
}

async function checkBuild({ data, build }: Settings): Promise<HealthCheck> {
  const name = 'build';
  try {
    const asked = build ?? (await activeBuild(data));
    if (asked === undefined)
      return { name, ok: 'warn', detail: 'none yet', mend: 'footnote, or footnote build SOURCE' };
    const { articles, chunks, recall } = await readManifest(data, asked);
    const counts = `${articles.toLocaleString('en-US')} articles, ${chunks.toLocaleString('en-US')} chunks`;
    return { name, ok: 'ok', detail: `${asked}: ${counts}, recall@10 ${recall.at10.toFixed(3)}` };
  } catch (error) {
    const { message, hint } = toCoreError(error);
    return { name, ok: 'fail', detail: message, ...(hint !== undefined && { mend: hint }) };
  }
}

function checkTokens(settings: Settings): HealthCheck {
  const name = 'tokens';
  const { slackBotToken, slackAppToken, slackSigningSecret } = settings;
  if (slackBotToken !== undefined && slackAppToken === undefined && slackSigningSecret === undefined)
    return {
      name,
      ok: 'warn',
      detail: 'SLACK_BOT_TOKEN is set, but nothing to receive messages with',
      mend: 'set SLACK_APP_TOKEN (Socket Mode), or SLACK_SIGNING_SECRET and PORT (HTTP)',
    };
  const set = settingFacts().filter(({ name, secret }) => secret && settings[name] !== undefined);
  const variables = set.map(({ variable }) => variable).join(', ');
  return { name, ok: 'ok', detail: set.length > 0 ? `set: ${variables}` : 'none set' };
}
