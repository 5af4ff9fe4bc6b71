/** The set-up of this checkout, and what a packed Footnote takes along. */
import { execFile } from 'node:child_process';
import { rm, utimes } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';

const ROOT = resolve(import.meta.dirname, '../..');
const run = promisify(execFile);
const setUp = () => run(process.execPath, ['deploy/setup.mjs'], { cwd: ROOT });

describe('the set-up', () => {
  it('does only what is missing, and says nothing where all is there', async () => {
    await setUp();
    expect(await setUp()).toEqual({ stdout: '', stderr: '' });
    await rm(join(ROOT, 'dist/console/main.js'));
    await utimes(join(ROOT, 'dist/.compiled'), 0, 0);
    const { stdout, stderr } = await setUp();
    expect(stdout).toBe('');
    expect(stderr).toMatch(/^Set-up: compiling the sources … [\d.]+ s\n$/);
    const { stdout: version } = await run(process.execPath, ['deploy/footnote.mjs', '--version'], {
      cwd: ROOT,
    });
    expect(version).toMatch(/^\d+\.\d+\.\d+\n$/);
  });
});

it('a packed Footnote holds the compiled program, its set-up and no tests', async () => {
  await setUp();
  const { stdout } = await run('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], { cwd: ROOT });
  const [{ files }] = JSON.parse(stdout) as [{ files: { path: string }[] }];
  const paths = files.map(({ path }) => path);
  expect(paths).toEqual(
    expect.arrayContaining([
      'deploy/footnote.mjs',
      'deploy/setup.mjs',
      'dist/console/main.js',
      'dist/core/index.d.ts',
    ]),
  );
  expect(paths.filter((path) => path.startsWith('dist/test') || path.endsWith('.compiled'))).toEqual([]);
});
