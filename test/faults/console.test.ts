/**
 * The console as a person uses it, typed into a real terminal: a build on a real dump, one that is paused, left, found again, killed and
 * resumed; a question, a comparison with a vote, a roll-back; and the terminal given back whatever happens.
 */
import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { startDiscordFake } from '../fakes/discord.ts';
import { asJsonl, towns } from '../fixtures/almanac.ts';
import { footnoteCommand } from '../fixtures/command.ts';
import { descendants } from '../fixtures/processes.ts';
import { openTerminal, type Terminal, withoutTmux } from '../fixtures/tmux.ts';
import { journalOf, runnerOf, typeBuild } from '../fixtures/typed-console.ts';
import { lendModels, realWeights, without } from '../fixtures/weights.ts';

const fp32 = await realWeights('all-MiniLM-L6-v2');
const model = typeof fp32 === 'string' ? await realWeights('bge-small-en-v1.5') : fp32;
const missing = (await withoutTmux()) ?? (typeof model === 'string' ? without(model) : undefined);
const TOWNS = 500;
const LONG_MS = 300_000;

describe.skipIf(missing !== undefined)(
  `the console in a terminal${missing === undefined ? '' : ` (left out: ${missing})`}`,
  () => {
    let root: string;
    let data: string;
    const open: Terminal[] = [];
    beforeAll(async () => {
      root = await mkdtemp(join(tmpdir(), 'footnote-console-'));
      data = join(root, 'data');
      await lendModels(data);
      await copyFile(join(import.meta.dirname, '../fixtures/places.xml.bz2'), join(root, 'places.xml.bz2'));
      await writeFile(join(root, 'towns.jsonl'), asJsonl(towns(TOWNS, 0)));
    });
    afterEach(async () => {
      await Promise.all(open.splice(0).map((terminal) => terminal.close()));
    });
    afterAll(() => rm(root, { recursive: true, force: true }));

    interface Opening {
      /** The command that opens it. */
      command?: string[];
      env?: Record<string, string>;
      columns?: number;
      rows?: number;
    }
    const console_ = async (more: Opening = {}) => {
      const { entry } = model as Exclude<typeof model, string>;
      const settings = [
        '--model',
        entry.name,
        '--generator',
        'none',
        '--shard-rows',
        '64',
        '--chunk-tokens',
        '48',
      ];
      const { command, env } = footnoteCommand([
        ...(more.command ?? ['console']),
        '--data',
        data,
        ...settings,
      ]);
      const { columns = 120, rows = 40 } = more;
      const terminal = await openTerminal({ columns, rows, env: { ...env, ...more.env }, command });
      open.push(terminal);
      return terminal;
    };

    it('builds a dump, and the build answers', async () => {
      const terminal = await console_();
      await terminal.sees(/No build answers questions/);
      await typeBuild(terminal, join(root, 'places.xml.bz2'), '8');
      await terminal.sees(/● +places .*1\.000/, LONG_MS);
    });

    it('leaves a paused build running when it is killed, and finds it again; resumes one whose process was killed', async () => {
      const first = await console_();
      await first.sees(/places/);
      await typeBuild(first, join(root, 'towns.jsonl'));
      await first.sees(/embed .* of 500 chunks/, LONG_MS);
      await first.press('p');
      await first.sees(/paused/);
      process.kill(await first.pid(), 'SIGKILL');
      await first.sees(/ended with 137/);
      process.kill(await runnerOf(data, 'towns'), 0); // throws where it is gone

      const [second, third] = await Promise.all([console_(), console_({ columns: 80, rows: 24 })]);
      await second.press('2');
      await second.sees(/towns .*paused/);
      await third.sees(/towns paused/);
      await second.press('p');
      await third.sees(/towns running/);

      process.kill(await runnerOf(data, 'towns'), 'SIGKILL');
      await second.sees(/its process ended/);
      await third.sees(/The process of "towns" ended/);
      await second.press('r');
      await second.sees(/● +towns /, LONG_MS);
      const entries = await journalOf(data, 'towns');
      expect(entries.filter(({ type }) => type === 'run-start')).toHaveLength(2);
      expect(entries.at(-1)).toMatchObject({ type: 'run-end', outcome: 'done' });
    });

    it('answers with citations, compares methods, keeps a vote, and rolls back', async () => {
      const [town] = towns(1, 0);
      const question = `Who founded ${town?.title}?`;
      const terminal = await console_();
      await terminal.sees(/towns .*live/);
      await terminal.press('4');
      await terminal.type(question);
      await terminal.press('Enter');
      await terminal.sees(/\[1\] /);
      await terminal.press('t');
      await terminal.sees(/plan +dense\(100\) \+ keyword\(100\)/);
      await terminal.press('Escape', '5');
      await terminal.type(question);
      await terminal.press('Enter');
      await terminal.sees(/Which answers better/);
      await terminal.press('c');
      await terminal.sees(/Kept: hybrid answers better/);
      const vote = JSON.parse((await readFile(join(data, 'votes.jsonl'), 'utf8')).trim()) as {
        question: string;
        vote: string;
      };
      expect(vote).toMatchObject({ question, vote: 'hybrid' });
      await terminal.press('2', 'b');
      await terminal.sees(/Build "places" answers from now on/);
      await terminal.sees(/● +places/);
      await terminal.press('q');
      await terminal.sees(/ended with 0/);
      expect(await terminal.taken()).toBe(false);
    });

    it('runs the bots where a token is set, shows what they do, and says what to do when they are killed', async () => {
      const discord = await startDiscordFake();
      try {
        const terminal = await console_({
          command: [],
          env: { DISCORD_TOKEN: discord.token, DISCORD_API_URL: discord.url },
        });
        await terminal.sees(/Bots .* discord /);
        await terminal.sees(/ready +0 questions a minute/);
        const [town] = towns(1, 0);
        discord.ask('/ask', { question: `Who founded ${town?.title}?` });
        await terminal.sees(/1 question a minute/);
        await terminal.sees(/0 waiting, 1 answered/);
        await terminal.press('6');
        await terminal.sees(/discord +Who founded /);
        await terminal.press('Enter', 'e');
        await terminal.sees(/Written: .*traffic-.*\.jsonl/);
        await terminal.press('1');
        const [bots] = descendants(await terminal.pid(), /bots\/main\./);
        process.kill(bots ?? Number.NaN, 'SIGKILL');
        await terminal.sees(/! The bots ended: killed by SIGKILL +1 then r: start them again/);
        await terminal.press('r');
        await terminal.sees(/ready +0 questions a minute/);
        await terminal.press('q');
        await terminal.sees(/The bots would end with it/);
        await terminal.press('y');
        await terminal.sees(/ended with 0/);
      } finally {
        await discord.close();
      }
    });

    it('follows a resize, and works without colour', async () => {
      const terminal = await console_({ columns: 200, rows: 60, env: { NO_COLOR: '1' } });
      await terminal.sees(/Needs attention/);
      await terminal.resize(80, 24);
      await terminal.sees(/^╭─ .{76}╮$/m);
      expect((await terminal.screen()).trimEnd().split('\n')).toHaveLength(24);
      expect(await terminal.screen({ colours: true })).not.toMatch(/\[3[0-7]m/);
    });

    it('reads out words where a screen reader listens', async () => {
      const terminal = await console_({ env: { INK_SCREEN_READER: 'true' } });
      const screen = await terminal.sees(/Footnote console, screen overview/);
      expect(screen).not.toContain('╭');
      expect(await terminal.taken()).toBe(false);
    });

    it('gives the terminal back after SIGTERM', async () => {
      const terminal = await console_();
      await terminal.sees(/Needs attention/);
      expect(await terminal.taken()).toBe(true);
      process.kill(await terminal.pid(), 'SIGTERM');
      await terminal.sees(/ended with 130/);
      expect(await terminal.taken()).toBe(false);
    });
  },
);
