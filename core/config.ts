/**
 * Every setting: its default, its environment variable, its flag, and one sentence about it.
 * The only file that reads `process.env`; knows nothing about what a setting does elsewhere.
 */
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join, resolve } from 'node:path';
import envPaths from 'env-paths';
import { z } from 'zod';
import { CoreError } from './errors.ts';

const paths = envPaths('footnote', { suffix: '' });

const count = (about: string) => z.coerce.number().int().min(1).describe(about);
const text = (about: string) => z.string().min(1).describe(about);
const address = (about: string) => z.url({ protocol: /^https?$/ }).describe(about);
const seconds = (about: string) => z.coerce.number().min(0).max(86_400).describe(about);
const ids = (about: string) =>
  z.preprocess((value) => splitList(value, /[\s,]+/), z.array(z.string().min(1))).describe(about);

/** Settings by field name; flag and variable follow from it (`embedProcesses`: `--embed-processes`, `FOOTNOTE_EMBED_PROCESSES`). */
const settingsSchema = z.object({
  data: text('Folder of models, builds and state.').default(paths.data),
  build: text('Build to ask; the active one when absent.').optional(),
  method: text('Retrieval method or plan, e.g. `best` or `dense(50) > top 8`.').default('default'),
  k: count('Passages to retrieve.').max(1000).default(8),
  nprobe: count('Inverted lists to visit in a search; the build’s own default when absent.').optional(),
  model: text(
    'Embedding model: a name from `footnote models list`, or a folder with its ONNX file and tokenizer.',
  ).optional(),
  dtype: z
    .enum(['auto', 'int8', 'fp16'])
    .describe(
      'Weights of the embedding model for new builds: as they come, or made of fp32 ones here, int8 for processors, fp16 for graphics cards.',
    )
    .default('auto'),
  generator: text(
    'Language model: `auto`, `none` (quotes only), a name from `footnote models list`, a GGUF file, a hub name `OWNER/REPO/FILE.gguf`, or the address of an OpenAI-compatible server such as `http://localhost:8000/v1`.',
  ).default('auto'),
  generatorModel: text(
    'Model to ask a language model server for; the only one it serves when absent.',
  ).optional(),
  generatorKey: text('Key for a language model server.').meta({ secret: true }).optional(),
  keywordTokenizer: z
    .enum(['auto', 'porter', 'unicode61', 'segmenter'])
    .describe(
      'How keyword search splits text: English stems, words, or dictionary segments for scripts without spaces.',
    )
    .default('auto'),
  device: z.enum(['auto', 'cpu', 'webgpu', 'cuda']).describe('Where to embed and train.').default('auto'),
  indexMemory: z.coerce
    .number()
    .positive()
    .max(65_536)
    .describe('Memory for the codes and ids of an index, in GiB: less means shorter codes.')
    .default(4),
  recallTarget: z.coerce
    .number()
    .min(0.1)
    .max(1)
    .describe(
      'Share of the true nearest ten that a new build has to find; it searches as broadly as that takes.',
    )
    .default(0.98),
  threads: count('Processor threads to use in all.').max(256).default(availableParallelism()),
  embedProcesses: count('Embedding processes; by default one for each thread, at most 8.').optional(),
  chunkTokens: count('Most word pieces of a chunk, its title and section included.').min(32).default(256),
  shardRows: count('Chunks in a shard of vectors: what a kill can cost.').default(1024),
  contextTokens: count('Most tokens the language model sees at once.').default(4096),
  maxAnswerTokens: count('Most tokens of an answer.').default(256),
  temperature: z.coerce.number().min(0).max(2).describe('Sampling temperature; 0 is greedy.').default(0),
  hfEndpoint: address('Address of the Hugging Face hub or a mirror.').default('https://huggingface.co'),
  hfToken: text('Access token for the hub.').meta({ secret: true }).optional(),
  discordToken: text('Discord bot token.').meta({ secret: true }).optional(),
  slackBotToken: text('Slack bot token (xoxb-…).').meta({ secret: true }).optional(),
  slackAppToken: text('Slack app token for Socket Mode (xapp-…).').meta({ secret: true }).optional(),
  slackSigningSecret: text('Slack signing secret, for HTTP instead of Socket Mode.')
    .meta({ secret: true })
    .optional(),
  port: count('Port for Slack over HTTP.').max(65_535).optional(),
  discordApiUrl: address('Address of the Discord API.').optional(),
  slackApiUrl: address('Address of the Slack Web API.').optional(),
  messageContent: z
    .union([z.boolean(), z.stringbool()])
    .describe(
      'Ask Discord for the privileged Message Content intent, so that a follow-up in a thread needs no mention.',
    )
    .default(false),
  allowChannels: ids('Channels or threads (ids, by comma) where bots answer; all when empty.').default([]),
  allowRoles: ids('Discord roles or Slack user groups (ids, by comma) that may ask bots.').default([]),
  allowUsers: ids(
    'Users (ids, by comma) who may ask bots; everyone when this and the roles are empty.',
  ).default([]),
  channelMethods: z
    .preprocess((value) => splitList(value, ','), z.array(z.string().regex(/^[^=]+=.+$/)))
    .describe('Default retrieval method by channel: `CHANNEL=METHOD`, by comma.')
    .default([]),
  userCooldown: seconds('Seconds between two questions of one user to the bots.').default(0),
  channelCooldown: seconds('Seconds between two questions in one channel.').default(0),
  guildCooldown: seconds('Seconds between two questions in one guild or workspace.').default(0),
  dailyQuestions: count('Questions that the bots answer in a day, UTC; any number when absent.').optional(),
  answersAtOnce: count('Questions that the bots work on at the same time.').max(64).default(2),
  overlap: z
    .enum(['queue', 'replace', 'together'])
    .describe(
      'A question in a thread or DM where another is being answered: waits for it, replaces the same user’s, or is answered beside it.',
    )
    .default('queue'),
  keepDays: count('Days that bots keep questions and answers for follow-ups and buttons.')
    .max(3650)
    .default(30),
  healthPort: count(
    'Port of the bots’ health endpoint, GET /health on the loopback address; none when absent.',
  )
    .max(65_535)
    .optional(),
});

export type Settings = z.infer<typeof settingsSchema>;
export type SettingName = keyof Settings;

/** Variables whose names other programs already use. */
const VARIABLES: Partial<Record<SettingName, string>> = {
  hfEndpoint: 'HF_ENDPOINT',
  hfToken: 'HF_TOKEN',
  discordToken: 'DISCORD_TOKEN',
  slackBotToken: 'SLACK_BOT_TOKEN',
  slackAppToken: 'SLACK_APP_TOKEN',
  slackSigningSecret: 'SLACK_SIGNING_SECRET',
  port: 'PORT',
  discordApiUrl: 'DISCORD_API_URL',
  slackApiUrl: 'SLACK_API_URL',
};

export interface SettingFacts {
  name: SettingName;
  flag: string;
  variable: string;
  about: string;
  secret: boolean;
}

/** All settings, in the order of the schema. */
export function settingFacts(): SettingFacts[] {
  return Object.entries(settingsSchema.shape).map(([key, schema]) => {
    const name = key as SettingName;
    const inner =
      schema instanceof z.ZodOptional || schema instanceof z.ZodDefault ? schema.unwrap() : schema;
    const about = schema.description ?? (inner as z.ZodType).description ?? '';
    const secret = ((inner as z.ZodType).meta()?.secret ?? schema.meta()?.secret) === true;
    return {
      name,
      flag: `--${kebab(name)}`,
      variable: VARIABLES[name] ?? `FOOTNOTE_${kebab(name).replaceAll('-', '_').toUpperCase()}`,
      about,
      secret,
    };
  });
}

/** The address of the language model server that the settings name; undefined where they name a model or none. */
export function generatorServer({ generator }: Pick<Settings, 'generator'>): string | undefined {
  return /^https?:\/\//i.test(generator) && !/\.gguf$/i.test(generator) ? generator : undefined;
}

/** Platforms whose bot token is set: those that bots answer on. */
export function botPlatforms({ discordToken, slackBotToken }: Settings): ('discord' | 'slack')[] {
  return [
    ...(discordToken === undefined ? [] : (['discord'] as const)),
    ...(slackBotToken === undefined ? [] : (['slack'] as const)),
  ];
}

export interface Effective {
  settings: Settings;
  /** Where each value came from: a flag, a variable, the config file, or the default. */
  origins: Record<SettingName, string>;
  /** Path of the config file, whether or not it exists. */
  file: string;
}

/**
 * The effective settings: flags before environment variables before the config file before defaults.
 * Throws `CoreError('usage')` that names the setting, where its value came from, and what was expected.
 */
export function readSettings(
  flags: Partial<Record<SettingName, unknown>> = {},
  env: NodeJS.ProcessEnv = process.env,
): Effective {
  const file = env.FOOTNOTE_CONFIG ?? join(paths.config, 'config.json');
  const fromFile = readConfigFile(file);
  const values: Record<string, unknown> = {};
  const origins = {} as Record<SettingName, string>;
  for (const { name, flag, variable } of settingFacts()) {
    origins[name] = 'default';
    const candidates: [unknown, string][] = [
      [flags[name], flag],
      [env[variable] === '' ? undefined : env[variable], variable],
      [fromFile[name], file],
    ];
    const found = candidates.find(([value]) => value !== undefined);
    if (found) [values[name], origins[name]] = found;
  }
  const parsed = settingsSchema.safeParse(values);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    const name = issue?.path[0] as SettingName;
    throw new CoreError('usage', `Setting ${name} (from ${origins[name]}) is not valid: ${issue?.message}.`, {
      hint: `Change or remove ${origins[name]}; \`footnote --help\` and README.md list the settings.`,
    });
  }
  return { settings: { ...parsed.data, data: resolve(parsed.data.data) }, origins, file };
}

function readConfigFile(file: string): Record<string, unknown> {
  let content: string;
  try {
    content = readFileSync(file, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return {};
    throw new CoreError('usage', `The config file ${file} cannot be read (${code}).`, {
      cause: error,
      hint: 'Make it a file that this user can read, or remove it.',
    });
  }
  let parsed: unknown;
  try {
    parsed = JSON.parse(content);
  } catch (error) {
    throw new CoreError('usage', `The config file ${file} is not valid JSON: ${(error as Error).message}.`, {
      cause: error,
      hint: 'Correct it, or remove it to have the defaults.',
    });
  }
  const known = z.partialRecord(settingsSchema.keyof(), z.unknown()).safeParse(parsed);
  if (!known.success)
    throw new CoreError('usage', `The config file ${file} is not valid: ${known.error.issues[0]?.message}.`, {
      hint: 'Correct it; README.md lists the settings, and a field has the name of its flag in camelCase (indexMemory).',
    });
  return known.data;
}

function splitList(value: unknown, by: string | RegExp): unknown {
  if (typeof value !== 'string') return value;
  const parts = value.split(by).map((part) => part.trim());
  return parts.filter((part) => part !== '');
}

function kebab(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}
