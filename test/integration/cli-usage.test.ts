/** What the command line says of itself, and of wrong use, before there is anything to ask. */
import { spawnSync } from 'node:child_process';
import { closeSync, existsSync, openSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { footnote, footnoteCommand } from '../fixtures/command.ts';

let data: string;
beforeAll(async () => {
  data = await mkdtemp(join(tmpdir(), 'footnote-cli-'));
});
afterAll(() => rm(data, { recursive: true }));
const run = (...args: string[]) => footnote(args, { env: { FOOTNOTE_DATA: data } });

it('help stands on stdout and ends with 0', async () => {
  const { status, stdout, stderr } = await run('ask', '--help');
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  expect(stdout).toMatch(/^Usage: footnote ask /);
});

describe('wrong usage ends with 2, an empty stdout and a way out', () => {
  it.each([
    ['an unknown command', ['answer'], 'There is no command "answer".'],
    ['an unknown command of a group', ['builds', 'rename'], "Unknown command 'rename'"],
    ['an unknown option', ['search', '--depth', '3', 'x'], "Unknown option '--depth'"],
    ['a missing question', ['ask'], "Missing required argument 'question'"],
    ['a limit that is no number', ['build', 'x.txt', '--limit', 'many'], 'whole number above 0'],
    ['a setting out of range', ['config', '-k', '0'], 'Setting k (from --k) is not valid'],
    ['a build name that leaves its folder', ['builds', 'activate', '../x'], '"../x" cannot name a build'],
    ['a source without a name', ['build', ''], 'A source has no name.'],
    ['an address without a scheme', ['config', '--hf-endpoint', 'hub.local:80'], 'Setting hfEndpoint'],
    ['a model that nobody knows', ['models', 'pull', 'gpt-7'], 'There is no model "gpt-7".'],
  ])('%s', async (_what, args, said) => {
    const { status, stdout, stderr } = await run(...args);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toContain(said);
    expect(stderr.trim().split('\n').length).toBeGreaterThan(1);
    expect(stderr).not.toContain('    at ');
  });
});

describe.skipIf(!existsSync('/dev/full'))('output that cannot be written', () => {
  it.each([['config', '--json'], ['doctor', '--json'], ['--help']])(
    'fails in a sentence: %s %s',
    (...args) => {
      const { command, env } = footnoteCommand(args.filter(Boolean));
      const [program = '', ...rest] = command;
      const full = openSync('/dev/full', 'w');
      const { status, stderr } = spawnSync(program, rest, {
        env: { ...process.env, ...env, FOOTNOTE_DATA: data },
        stdio: ['ignore', full, 'pipe'],
        encoding: 'utf8',
      });
      closeSync(full);
      expect(stderr).toContain('the disk is full');
      expect(stderr).not.toContain('    at ');
      expect(status).toBe(1);
    },
  );
});

describe('a path that is a file where a folder belongs', () => {
  it('is told so', async () => {
    const file = join(data, 'a-file');
    await writeFile(file, '');
    const { status, stderr } = await run('builds', 'list', '--data', file);
    expect(stderr).toMatch(/a part of the path is not a folder\.\nCheck the path/);
    expect(status).toBe(1);
  });
});

describe('bots --print-setup --json', () => {
  it('is one JSON document by platform', async () => {
    const { stdout } = await run('bots', '--print-setup', '--json');
    expect(JSON.parse(stdout)).toMatchObject({
      discord: { invite: expect.stringContaining('https://discord.com/') },
      slack: { oauth_config: expect.anything() },
    });
  });
});

describe('without a build', () => {
  it('a question fails in two lines: what is missing, and what brings it', async () => {
    const { status, stdout, stderr } = await run('ask', 'Who?');
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
    expect(stderr).toBe(
      `There is no build in ${data} yet.\nRun \`footnote\` for a first one, or \`footnote build SOURCE\`.\n`,
    );
  });
  it('a stack is shown with --debug', async () => {
    const { stderr } = await run('ask', 'Who?', '--debug');
    expect(stderr).toContain('code: not-found');
    expect(stderr).toContain('    at ');
  });
  it('the list of builds is empty, as text and as JSON', async () => {
    expect((await run('builds', 'list')).stdout).toBe('');
    expect(JSON.parse((await run('builds', 'list', '--json')).stdout)).toEqual({ builds: [] });
  });
});

describe('config', () => {
  const origins = async (args: string[], env: Record<string, string>) => {
    const { stdout } = await footnote(['config', '--json', ...args], {
      env: { FOOTNOTE_DATA: data, ...env },
    });
    const { settings } = JSON.parse(stdout) as {
      settings: { name: string; value: unknown; origin: string }[];
    };
    return Object.fromEntries(settings.map(({ name, value, origin }) => [name, [value, origin]]));
  };
  it('tells where each value comes from: flag before variable before file before default', async () => {
    const file = join(data, 'settings.json');
    await writeFile(file, JSON.stringify({ k: 5, threads: 3, shardRows: 64 }));
    const env = { FOOTNOTE_CONFIG: file, FOOTNOTE_K: '6', FOOTNOTE_THREADS: '4' };
    expect(await origins(['-k', '7'], env)).toMatchObject({
      k: [7, '--k'],
      threads: [4, 'FOOTNOTE_THREADS'],
      shardRows: [64, file],
      method: ['default', 'default'],
    });
  });
  it('never prints a secret', async () => {
    const env = { DISCORD_TOKEN: 'token-of-the-bot', HF_TOKEN: 'token-of-the-hub' };
    for (const args of [['config'], ['config', '--json']]) {
      const { stdout, stderr } = await footnote(args, { env: { FOOTNOTE_DATA: data, ...env } });
      expect(stdout).toContain('DISCORD_TOKEN');
      expect(stdout + stderr).not.toContain('token-of-the');
    }
  });
});

describe('doctor', () => {
  it('tries every native module and says what is missing and how to mend it', async () => {
    const { status, stdout } = await run('doctor', '--json');
    const { ok, checks } = JSON.parse(stdout) as {
      ok: boolean;
      checks: { name: string; ok: string; mend?: string }[];
    };
    expect({ status, ok }).toEqual({ status: 0, ok: true });
    const found = Object.fromEntries(checks.map((check) => [check.name, check]));
    for (const name of [
      'sqlite3',
      'faiss-node',
      'onnxruntime-node',
      '@huggingface/transformers',
      'node-llama-cpp',
    ])
      expect(found[name]?.ok, name).toBe('ok');
    expect(found['embedding model']).toMatchObject({ ok: 'warn', mend: 'footnote models pull' });
    expect(found.build?.ok).toBe('warn');
  });
  it('fails with 1 where the data folder cannot be used', async () => {
    const file = join(data, 'a-file');
    await writeFile(file, '');
    const { status, stdout } = await run('doctor', '--data', join(file, 'below'));
    expect(status).toBe(1);
    expect(stdout).toMatch(/^fail {2}data folder/m);
    expect(stdout).toContain('mend it: choose another with --data DIR');
  });
});
