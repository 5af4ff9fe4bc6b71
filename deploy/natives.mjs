// @ts-check
/**
 * Gets the compiled parts of sqlite3 and faiss-node: the maintainers' prebuilt binary, else compiled here.
 * Each counts as installed once a child process has loaded it. The other native modules come complete with npm.
 */
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { lastLines, run, SetupError, step } from './command.mjs';
import { compileFaiss } from './faiss.mjs';
import { packageFolder } from './place.mjs';

const PREBUILT_LIMIT_MS = 60_000;
const PROBE = fileURLToPath(new URL('./probe-native.mjs', import.meta.url));

/** @typedef {{name: string, askedBy?: string, binary: string, compile: (folder: string) => Promise<void>}} Native */

/** @type {Native[]} */
const NATIVES = [
  {
    name: 'sqlite3',
    askedBy: '@keyv/sqlite',
    binary: 'build/Release/node_sqlite3.node',
    compile: compileSqlite,
  },
  { name: 'faiss-node', binary: 'build/Release/faiss-node.node', compile: compileFaiss },
];

/** True when a binary is not there; only looks at the disk. */
export function nativesMissing() {
  return NATIVES.some((native) => {
    const folder = folderOf(native);
    return folder === undefined || !existsSync(join(folder, native.binary));
  });
}

/** Fetches or compiles every native module that does not load. Throws SetupError naming what could not be got. */
export async function buildNatives() {
  for (const native of NATIVES) {
    const folder = folderOf(native);
    if (folder === undefined)
      throw new SetupError(
        `The package ${native.name} is not installed.`,
        'Run: npm install --ignore-scripts',
      );
    if (existsSync(join(folder, native.binary)) && (await loads(native.name)).status === 0) continue;
    if (await fetchPrebuilt(native.name, folder)) continue;
    await native.compile(folder);
    const { status, output } = await loads(native.name);
    if (status !== 0)
      throw new SetupError(
        `${native.name} was compiled but does not load:\n${lastLines(output)}`,
        `Remove ${join(folder, 'build')} and run the set-up again.`,
      );
  }
}

/** @param {Native} native */
function folderOf({ name, askedBy }) {
  if (askedBy === undefined) return packageFolder(name);
  const asking = packageFolder(askedBy);
  return asking === undefined ? undefined : packageFolder(name, asking);
}

/** @param {string} name */
function loads(name) {
  return run(process.execPath, [PROBE, name], { timeoutMs: 30_000 });
}

/**
 * @param {string} name
 * @param {string} folder
 */
async function fetchPrebuilt(name, folder) {
  const fetcher = packageFolder('prebuild-install', folder);
  if (fetcher === undefined) return false;
  return step(`fetching the prebuilt binary of ${name}`, async () => {
    const fetched = await run(process.execPath, [join(fetcher, 'bin.js'), '--runtime', 'napi'], {
      cwd: folder,
      timeoutMs: PREBUILT_LIMIT_MS,
    });
    const got = fetched.status === 0 && (await loads(name)).status === 0;
    if (!got) process.stderr.write(' not available, compiled here instead;');
    return got;
  });
}

/** @param {string} folder */
async function compileSqlite(folder) {
  const { output: nodeGyp } = await run('npm', ['config', 'get', 'node-gyp', '--loglevel=silent']);
  const prefix = dirname(dirname(process.execPath));
  const headers = existsSync(join(prefix, 'include', 'node', 'node.h')) ? [`--nodedir=${prefix}`] : [];
  const { status, output } = await step('compiling sqlite3 (about 75 s on 2 cores)', () =>
    run(process.execPath, [nodeGyp, 'rebuild', '-j', 'max', ...headers], { cwd: folder }),
  );
  if (status !== 0)
    throw new SetupError(
      `sqlite3 could not be compiled:\n${lastLines(output)}`,
      process.platform === 'linux'
        ? 'Install a compiler and Python, then run the set-up again: sudo apt-get install g++ make python3'
        : 'Install a C++ compiler and Python 3, then run the set-up again.',
    );
}
