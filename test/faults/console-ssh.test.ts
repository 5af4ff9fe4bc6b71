/**
 * The console on another machine, as a person uses it over ssh: it follows the size of the terminal here, and where the connection is
 * cut it ends with all that it had started but the build, which a second connection finds again.
 */
import { copyFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { asJsonl, towns } from '../fixtures/almanac.ts';
import { footnote, footnoteCommand } from '../fixtures/command.ts';
import { atWork, descendants } from '../fixtures/processes.ts';
import { type SshServer, startSshd, withoutSshd } from '../fixtures/sshd.ts';
import { openTerminal, type Terminal, withoutTmux } from '../fixtures/tmux.ts';
import { journalOf, runnerOf, typeBuild } from '../fixtures/typed-console.ts';
import { lendModels, realWeights, without } from '../fixtures/weights.ts';

const MODEL = 'all-MiniLM-L6-v2';
const weights = await realWeights(MODEL);
const missing =
  (await withoutTmux()) ??
  (await withoutSshd()) ??
  (typeof weights === 'string' ? without(weights) : undefined);
/** Enough that the build goes on for longer than the test looks at it. */
const TOWNS = 4_000;
const LONG_MS = 300_000;
const SOON_MS = 15_000;

describe.skipIf(missing !== undefined)(
  `the console over ssh${missing === undefined ? '' : ` (left out: ${missing})`}`,
  () => {
    let root: string;
    let data: string;
    let server: SshServer;
    const open: Terminal[] = [];
    const settings = () => [
      ...['--data', data, '--model', MODEL, '--generator', 'none', '--threads', '1'],
      ...['--shard-rows', '64', '--chunk-tokens', '48'],
    ];
    beforeAll(async () => {
      root = await mkdtemp(join(tmpdir(), 'footnote-ssh-'));
      data = join(root, 'data');
      await lendModels(data);
      const places = join(root, 'places.xml.bz2');
      await copyFile(join(import.meta.dirname, '../fixtures/places.xml.bz2'), places);
      await writeFile(join(root, 'towns.jsonl'), asJsonl(towns(TOWNS, 0)));
      const { status, stderr } = await footnote(['build', places, '--limit', '8', ...settings()]);
      expect(status, stderr).toBe(0);
      server = await startSshd(root);
    }, LONG_MS);
    afterEach(async () => {
      await Promise.all(open.splice(0).map((terminal) => terminal.close()));
    });
    afterAll(async () => {
      await server?.close();
      await rm(root, { recursive: true, force: true });
    });

    const overSsh = async (columns: number, rows: number) => {
      const { command, env } = footnoteCommand(['console', ...settings()]);
      const variables = Object.entries(env).map(([name, value]) => `${name}=${value}`);
      const terminal = await openTerminal({
        ...{ columns, rows, env: {} },
        command: server.command(['env', ...variables, ...command]),
      });
      open.push(terminal);
      return terminal;
    };
    /** Chunks of the build that have a vector. */
    const embedded = async () => {
      const last = (await journalOf(data, 'towns')).findLast(
        (entry) => entry.type === 'stage-progress' && entry.stage === 'embed',
      );
      return last?.type === 'stage-progress' ? last.done : 0;
    };

    it('follows the size of the terminal at the other end', async () => {
      const terminal = await overSsh(120, 40);
      await terminal.sees(/places .*live/);
      await terminal.resize(100, 30);
      await terminal.sees(/^╭─ .{96}╮$/m);
      expect((await terminal.screen()).trimEnd().split('\n')).toHaveLength(30);
      await terminal.press('q');
      await terminal.sees(/ended with 0/);
      expect(await terminal.taken()).toBe(false);
    });

    it('ends where the connection is cut, leaves nothing behind but its build, and is opened over that again', async () => {
      const first = await overSsh(120, 40);
      await first.sees(/places .*live/);
      await first.press('4');
      await first.type('What is a place?');
      await first.press('Enter');
      await first.sees(/ · \d/); // answered: the processes of a question are there
      await first.press('Escape');
      await typeBuild(first, join(root, 'towns.jsonl'));
      await first.sees(/embed .* of 4,000 chunks/, LONG_MS);
      const runner = await runnerOf(data, 'towns');
      const ofBuild = [runner, ...descendants(runner, /./)];
      const others = descendants(server.pid, /./).filter((pid) => !ofBuild.includes(pid));
      expect(others.length).toBeGreaterThan(5); // of ssh, the console, and what answers questions

      process.kill(await first.pid(), 'SIGKILL');
      await first.sees(/ended with 137/);
      await expect.poll(() => others.filter(atWork), { timeout: SOON_MS }).toEqual([]);
      expect(atWork(runner)).toBe(true);
      const before = await embedded();
      await expect.poll(embedded, { timeout: SOON_MS }).toBeGreaterThan(before);

      const second = await overSsh(80, 24);
      await second.press('2');
      await second.sees(/towns .*running/);
      await second.sees(/embed .* of 4,000 chunks/);
      await second.press('c');
      await second.sees(/Cancel build "towns"/);
      await second.press('y');
      await second.sees(/towns .*cancelled/);
      await second.press('q');
      await second.sees(/ended with 0/);
      await expect.poll(() => ofBuild.filter(atWork), { timeout: SOON_MS }).toEqual([]);
    });
  },
);
