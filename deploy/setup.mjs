// @ts-check
/**
 * `node deploy/setup.mjs`: installs everything that Footnote needs to run; when run again, does only what is missing.
 * Plain JavaScript without dependencies, since it runs before there are any. Knows the order of the steps.
 */
import { realpathSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { SetupError } from './command.mjs';
import { compile, compiledIsOld } from './compile.mjs';
import { dependenciesMissing, installDependencies } from './dependencies.mjs';
import { buildNatives, nativesMissing } from './natives.mjs';

/** True when a step has something to do, as far as the disk shows. */
export function setupNeeded() {
  return dependenciesMissing() || nativesMissing() || compiledIsOld();
}

/**
 * Runs every step. Each may be interrupted at any moment and is then done again at the next start.
 * @returns {Promise<number>} exit status; what failed is printed on stderr
 */
export async function setUp() {
  try {
    await installDependencies();
    await buildNatives();
    await compile();
    return 0;
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    process.stderr.write(`${error.message}\n${error.hint}\n`);
    return 1;
  }
}

if (process.argv[1] !== undefined && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url))
  process.exitCode = await setUp();
