/** What the command line says of itself, and of wrong use, before there is anything to ask. */
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { emptyData, footnote } from './cli.ts';

let data: string;
beforeAll(async () => {
  data = await emptyData();
});
afterAll(() => rm(data, { recursive: true }));
const run = (...args: string[]) => footnote(args, { data });

it('help stands on stdout and ends with 0', async () => {
  const { status, out, err } = await run('ask', '--help');
  expect({ status, err }).toEqual({ status: 0, err: '' });
  expect(out).toMatch(/^Usage: footnote ask /);
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
    ['a model that nobody knows', ['models', 'pull', 'gpt-7'], 'There is no model "gpt-7".'],
  ])('%s', async (_what, args, said) => {
    const { status, out, err } = await run(...args);
    expect({ status, out }).toEqual({ status: 2, out: '' });
    expect(err).toContain(said);
    expect(err.trim().split('\n').length).toBeGreaterThan(1);
    expect(err).not.toContain('    at ');
  });
});

describe('without a build', () => {
  it('a question fails in two lines: what is missing, and what brings it', async () => {
    const { status, out, err } = await run('ask', 'Who?');
    expect({ status, out }).toEqual({ status: 1, out: '' });
    expect(err).toBe(
      `There is no build in ${data} yet.\nRun \`footnote\` for a first one, or \`footnote build SOURCE\`.\n`,
    );
  });
  it('a stack is shown with --debug', async () => {
    const { err } = await run('ask', 'Who?', '--debug');
    expect(err).toContain('code: not-found');
    expect(err).toContain('    at ');
  });
  it('the list of builds is empty, as text and as JSON', async () => {
    expect((await run('builds', 'list')).out).toBe('');
    expect(JSON.parse((await run('builds', 'list', '--json')).out)).toEqual({ builds: [] });
  });
});

describe('config', () => {
  const origins = async (args: string[], env: Record<string, string>) => {
    const { out } = await footnote(['config', '--json', ...args], { data, env });
    const { settings } = JSON.parse(out) as { settings: { name: string; value: unknown; origin: string }[] };
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
      method: ['hybrid', 'default'],
    });
  });
  it('never prints a secret', async () => {
    const env = { DISCORD_TOKEN: 'token-of-the-bot', HF_TOKEN: 'token-of-the-hub' };
    for (const args of [['config'], ['config', '--json']]) {
      const { out, err } = await footnote(args, { data, env });
      expect(out).toContain('DISCORD_TOKEN');
      expect(out + err).not.toContain('token-of-the');
    }
  });
});

describe('doctor', () => {
  it('tries every native module and says what is missing and how to mend it', async () => {
    const { status, out } = await run('doctor', '--json');
    const { ok, checks } = JSON.parse(out) as {
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
    const { status, out } = await run('doctor', '--data', join(file, 'below'));
    expect(status).toBe(1);
    expect(out).toMatch(/^fail {2}data folder/m);
    expect(out).toContain('mend it: choose another with --data DIR');
  });
});
