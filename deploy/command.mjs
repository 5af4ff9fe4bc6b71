// @ts-check
/**
 * Runs the programs of the set-up, reports on stderr, and fails in two lines: what went wrong, and how to fix it.
 * Knows nothing about what the programs do.
 */
import { spawn } from 'node:child_process';

/** What could not be done, and a hint that says how to fix it. */
export class SetupError extends Error {
  /**
   * @param {string} message
   * @param {string} hint
   */
  constructor(message, hint) {
    super(message);
    this.hint = hint;
  }
}

/** Characters of a program's output that are kept for its failure. */
const OUTPUT_KEPT = 3_000;

/**
 * Runs a program to its end, or until `timeoutMs`; never throws because of a status.
 * @param {string} program
 * @param {string[]} args
 * @param {{cwd?: string, env?: Record<string, string>, timeoutMs?: number}} [options]
 * @returns {Promise<{status: number, output: string}>} status 127 if there is no such program, 124 after a timeout
 */
export function run(program, args, { cwd, env, timeoutMs } = {}) {
  return new Promise((resolve) => {
    const child = spawn(program, args, {
      cwd,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
      shell: process.platform === 'win32' && program === 'npm', // npm is a .cmd there
    });
    let output = '';
    let late = false;
    const keep = (/** @type {Buffer} */ data) => {
      output = (output + data).slice(-OUTPUT_KEPT);
    };
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    const timer =
      timeoutMs &&
      setTimeout(() => {
        late = true;
        child.kill('SIGKILL');
      }, timeoutMs);
    child.on('error', (error) => {
      clearTimeout(timer);
      resolve({ status: 127, output: error.message });
    });
    child.on('close', (code) => {
      clearTimeout(timer);
      resolve({ status: late ? 124 : (code ?? 1), output: output.trim() });
    });
  });
}

/**
 * Says what is being done while `work` runs, then how long it took: one line on stderr.
 * @template T
 * @param {string} doing
 * @param {() => Promise<T>} work
 */
export async function step(doing, work) {
  const started = Date.now();
  process.stderr.write(`Set-up: ${doing} …`);
  try {
    const value = await work();
    process.stderr.write(` ${((Date.now() - started) / 1000).toFixed(1)} s\n`);
    return value;
  } catch (error) {
    process.stderr.write(' failed\n');
    throw error;
  }
}

/**
 * The last lines of a program's output, indented.
 * @param {string} output
 */
export function lastLines(output) {
  return output
    .split('\n')
    .slice(-12)
    .map((line) => `    ${line}`)
    .join('\n');
}
