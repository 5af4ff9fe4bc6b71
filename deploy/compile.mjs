// @ts-check
/**
 * Compiles the TypeScript sources to dist/ if one is newer than the last complete compilation, and bundles the console.
 * Knows files and their times; nothing about what is in them.
 */
import { cpSync, existsSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { lastLines, run, SetupError, step } from './command.mjs';
import { changedAt, isCheckout, root } from './place.mjs';

const SOURCES = ['core', 'bots', 'console', 'test/bench'];
/** Files that the sources read at run time, which the compiler does not copy. */
const DATA = ['core/generate/prompts'];
const SETTINGS = ['tsconfig.json', 'tsconfig.build.json', 'package-lock.json', 'deploy/compile.mjs'];
const DIST = join(root, 'dist');
/** Written after a complete compilation; its time is that of the compilation's start. */
const STAMP = join(DIST, '.compiled');

/** True in a checkout whose dist/ is missing or older than its sources; only looks at the disk. */
export function compiledIsOld() {
  if (!isCheckout) return false;
  const compiled = changedAt(STAMP);
  return [
    ...SETTINGS.map((name) => join(root, name)),
    ...SOURCES.flatMap((name) => under(join(root, name))),
  ].some((path) => changedAt(path) > compiled);
}

/** Compiles into an empty dist/, so that no removed source leaves output behind. Throws SetupError if it fails. */
export async function compile() {
  if (!compiledIsOld()) return;
  const started = new Date();
  const { status, output } = await step('compiling the sources', () => {
    rmSync(DIST, { recursive: true, force: true });
    const compiler = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
    return run(process.execPath, [compiler, '-p', 'tsconfig.build.json'], { cwd: root });
  });
  if (status !== 0)
    throw new SetupError(
      `The sources do not compile:\n${lastLines(output)}`,
      'Run: npx tsc -p tsconfig.build.json',
    );
  for (const name of DATA) cpSync(join(root, name), join(DIST, name), { recursive: true });
  await bundle(join(DIST, 'console', 'terminal.js'));
  writeFileSync(STAMP, '');
  utimesSync(STAMP, started, started);
}

/** Ink imports React's developer tools, which are not installed and never used. @type {import('esbuild').Plugin} */
const withoutDevtools = {
  name: 'without-devtools',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^react-devtools-core$/ }, ({ path }) => ({ path, namespace: 'none' }));
    onLoad({ filter: /.*/, namespace: 'none' }, () => ({ contents: 'export default {}' }));
  },
};

/**
 * Replaces a module by one file with the packages it imports: loading hundreds of small files makes Ink slow to start.
 * @param {string} entry
 */
async function bundle(entry) {
  const { build } = await import('esbuild');
  await build({
    entryPoints: [entry],
    outfile: entry,
    allowOverwrite: true,
    bundle: true,
    minify: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    legalComments: 'eof',
    define: {
      'process.env.NODE_ENV': '"production"',
      'process.env.DEV': '"false"',
      fetch: 'undefined', // with it Yoga reads its own bytes through Node's HTTP client, which has to be loaded first
    },
    plugins: [withoutDevtools],
    // CommonJS packages load Node's built-in modules with `require`.
    banner: {
      js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
    },
    logLevel: 'error',
  });
}

/**
 * A folder and everything in it; a folder's own time shows that files were removed.
 * @param {string} folder
 */
function under(folder) {
  if (!existsSync(folder)) return [];
  const entries = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  return [folder, ...entries.map((entry) => join(folder, entry))];
}
