/**
 * What the Discord and Slack adapters cost: time to acknowledgement, to the first text and to the end, from the loopback servers'
 * side, beside the same questions put to the core with no bot between. One question an asker, all at the same moment.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { BotsOrder } from '../../bots/main.ts';
import { openAskProcess, type Settings } from '../../core/index.ts';
import { type Discord, startDiscordFake } from '../fakes/discord.ts';
import { openSlack, type Slack } from '../fakes/slack.ts';
import { bodyOf } from '../fakes/slack-world.ts';
import { towns } from '../fixtures/almanac.ts';
import { freePort } from '../fixtures/free-port.ts';
import { realWeights } from '../fixtures/weights.ts';
import { withAlmanac } from './almanac-build.ts';
import type { Table } from './table.ts';

const EMBEDDING = 'bge-small-en-v1.5';
const LANGUAGE_MODEL = 'SmolLM2-135M-Instruct-Q4_1';
const TOWNS = towns(100);
const LOOK_MS = 4;
const LONGEST_MS = 280_000;

/** Askers at once, and how often that is repeated. */
const CROWDS = [
  { askers: 1, rounds: 12 },
  { askers: 10, rounds: 2 },
  { askers: 100, rounds: 1 },
];
/** Slack takes 50 edits a minute: what the crowds before used up is not to be waited for. */
const SLACK_REST_MS = 61_000;
const WRITTEN = [{ askers: 1, rounds: 5 }];

interface Times {
  /** Milliseconds from the question; absent where there is no such moment. */
  acknowledged?: number;
  text: number;
  end: number;
}

type Put = (question: string, asker: number) => Promise<Times>;

export async function run(): Promise<Table[]> {
  const weights = [await realWeights(EMBEDDING), await realWeights(LANGUAGE_MODEL)];
  const missing = weights.find((found) => typeof found === 'string');
  if (missing !== undefined) return [{ name: 'Bots', rows: [{ 'left out': `${missing}` }] }];
  return withAlmanac(TOWNS, EMBEDDING, async (settings) => [
    {
      name: 'Bots, answers made of quotes (2 at once)',
      rows: await compare(settings, CROWDS),
    },
    {
      name: `Bots, answers by ${LANGUAGE_MODEL} (1 asker)`,
      rows: await compare({ ...settings, generator: LANGUAGE_MODEL, maxAnswerTokens: 64 }, WRITTEN),
    },
  ]);
}

type Crowd = (typeof CROWDS)[number];

async function compare(settings: Settings, crowds: Crowd[]): Promise<Table['rows']> {
  const rows: Table['rows'] = [];
  const direct = await openCore(settings);
  for (const crowd of crowds) rows.push(row('core alone', crowd, await ask(crowd, direct.put)));
  await direct.close();
  for (const platform of ['Discord', 'Slack'] as const) {
    const bots = platform === 'Discord' ? await discordBots(settings) : await slackBots(settings);
    for (const crowd of crowds) {
      if (platform === 'Slack' && crowd.askers === 100) await delay(SLACK_REST_MS);
      rows.push(row(platform, crowd, await ask(crowd, bots.put)));
    }
    const { p99, max } = await bots.loop();
    Object.assign(rows.at(-1) ?? {}, { 'loop delay p99, max ms': `${p99}, ${max}` });
    await bots.close();
  }
  return rows;
}

async function ask({ askers, rounds }: Crowd, put: Put): Promise<Times[]> {
  const times: Times[] = [];
  await put('Who founded Alvenmoor?', 0); // everything is loaded then
  for (let round = 0; round < rounds; round++) {
    const asking = Array.from({ length: askers }, (_, asker) =>
      put(`Who founded ${TOWNS[(round + asker) % TOWNS.length]?.title}?`, asker),
    );
    times.push(...(await Promise.all(asking)));
  }
  return times;
}

function row(what: string, { askers }: Crowd, times: Times[]): Table['rows'][number] {
  const at = (pick: (time: Times) => number | undefined, share: number) => {
    const sorted = times.map(pick).filter((ms) => ms !== undefined);
    sorted.sort((a, b) => a - b);
    const found = sorted[Math.ceil(share * sorted.length) - 1];
    return found === undefined ? '–' : Math.round(found);
  };
  const pair = (pick: (time: Times) => number | undefined) => `${at(pick, 0.5)}, ${at(pick, 0.95)}`;
  return {
    what,
    askers,
    'acknowledged p50, p95 ms': pair(({ acknowledged }) => acknowledged),
    'first text p50, p95 ms': pair(({ text }) => text),
    'end p50, p95 ms': pair(({ end }) => end),
    'loop delay p99, max ms': '',
  };
}

/** The core in its process, as the bots use it, with as many questions at once. */
async function openCore(settings: Settings): Promise<{ put: Put; close(): Promise<void> }> {
  const core = await openAskProcess(settings);
  let free = settings.answersAtOnce;
  const waiting: (() => void)[] = [];
  const turn = async () => {
    if (free > 0) free -= 1;
    else await new Promise<void>((resolve) => waiting.push(resolve));
  };
  const done = () => {
    const next = waiting.shift();
    if (next === undefined) free += 1;
    else next();
  };
  return {
    async put(question) {
      const asked = performance.now();
      await turn();
      let text = 0;
      const events = core.ask({ question });
      for (;;) {
        const step = await events.next();
        if (step.done) break;
        if (step.value.type === 'text-delta') text ||= performance.now() - asked;
      }
      done();
      const end = performance.now() - asked;
      return { text: text || end, end };
    },
    close: () => core.close(),
  };
}

interface Bots {
  put: Put;
  /** Event-loop delay of the bots' process since its start, in ms. */
  loop(): Promise<{ p99: number; max: number }>;
  close(): Promise<void>;
}

async function discordBots(settings: Settings): Promise<Bots> {
  const discord = await startDiscordFake();
  const people = CROWDS.flatMap(({ askers }) => askers).reduce((most, askers) => Math.max(most, askers), 1);
  const askers = Array.from({ length: people }, (_, n) => discord.world.person(`person ${n}`));
  const bots = await startBots({ ...settings, discordToken: discord.token, discordApiUrl: discord.url });
  return {
    ...bots,
    put: (question, asker) => putInDiscord(discord, question, askers[asker] as (typeof askers)[number]),
    async close() {
      await bots.close();
      await discord.close();
    },
  };
}

async function putInDiscord(discord: Discord, question: string, by: Discord['person']): Promise<Times> {
  const asked = performance.now();
  const interaction = discord.ask('/ask', { question }, { by });
  const shown = () => discord.world.messages.get(interaction.original ?? '');
  const written = () => {
    const { content = '', embeds = [] } = shown() ?? {};
    return { content, whole: embeds.length > 0 };
  };
  const times = await watch(asked, written);
  return { ...times, ...(interaction.answeredMs !== undefined && { acknowledged: interaction.answeredMs }) };
}

async function slackBots(settings: Settings): Promise<Bots> {
  const slack = await openSlack();
  const { token, appToken } = slack.world;
  const tokens = { slackBotToken: token, slackAppToken: appToken, slackApiUrl: slack.apiUrl };
  const bots = await startBots({ ...settings, ...tokens });
  return {
    ...bots,
    put: (question, asker) => putInSlack(slack, question, asker),
    async close() {
      await bots.close();
      await slack.close();
    },
  };
}

async function putInSlack(slack: Slack, question: string, asker: number): Promise<Times> {
  const [user, channel] = [`U0P${asker}`, `C0P${asker}`];
  const asked = performance.now();
  const before = slack.deliveries.all.length;
  const asking = slack.mention(question, { user, channel });
  const delivery = slack.deliveries.all[before];
  const { ts } = await asking;
  const mine = () => slack.messages(channel).filter(({ thread }) => thread === ts);
  const times = await watch(asked, () => {
    const texts = mine().map(bodyOf);
    return { content: texts.join('\n'), whole: texts.some((text) => text.includes('almanac · ')) };
  });
  const acknowledged = (delivery?.acknowledgedAt ?? 0) - (delivery?.attempts[0] ?? 0);
  return { acknowledged, ...times };
}

/** Looks until the answer stands; its first text is what is neither a stage nor a place in the queue. */
async function watch(asked: number, look: () => { content: string; whole: boolean }): Promise<Times> {
  let text = 0;
  for (;;) {
    const { content, whole } = look();
    const now = performance.now() - asked;
    if (whole || content.includes('founded in')) text ||= now;
    if (whole) return { text, end: now };
    if (now > LONGEST_MS)
      throw new Error(`No answer within ${LONGEST_MS} ms, but “${content.slice(0, 200)}”.`);
    await delay(LOOK_MS);
  }
}

async function startBots(settings: Settings): Promise<Omit<Bots, 'put'>> {
  const port = await freePort();
  const suffix = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  const child = fork(fileURLToPath(new URL(`../../bots/main.${suffix}`, import.meta.url)), {
    stdio: ['ignore', 'inherit', 'pipe', 'ipc'],
    execArgv: suffix === 'ts' ? ['--import', 'tsx'] : [],
  });
  const order: BotsOrder = { settings: { ...settings, healthPort: port }, printSetup: false, json: false };
  const ready = says(child, '"bots-ready"');
  child.send(order);
  await ready;
  return {
    async loop() {
      const health = await (await fetch(`http://127.0.0.1:${port}/health`)).json();
      return (health as { eventLoopDelayMs: { p99: number; max: number } }).eventLoopDelayMs;
    },
    async close() {
      const gone = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGTERM');
      await gone;
    },
  };
}

function says(child: ChildProcess, mark: string): Promise<void> {
  let said = '';
  return new Promise((resolve, reject) => {
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      said = (said + text).slice(-100_000);
      if (said.includes(mark)) resolve();
    });
    child.once('exit', () => reject(new Error(`The bots ended: ${said.slice(-500)}`)));
  });
}
