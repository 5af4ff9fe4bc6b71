// @ts-check
/**
 * Installs the packages that package-lock.json names, without their install scripts: those fetch from hosts that not
 * every machine reaches, and natives.mjs does what is needed of them. Knows npm; no package by its purpose.
 */
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { lastLines, run, SetupError, step } from './command.mjs';
import { installFolder, isCheckout, packageFolder, root } from './place.mjs';

/** npm's record of what is in node_modules, which it writes last. */
const RECORD = join(root, 'node_modules', '.package-lock.json');

/** True when packages are missing or are not those of the lock file. */
export function dependenciesMissing() {
  return (isCheckout && checkoutIsStale()) || partsLeftOut().length > 0;
}

/** Installs what is missing. Throws SetupError if npm cannot. */
export async function installDependencies() {
  if (!dependenciesMissing()) return;
  const folder = installFolder();
  // A killed installation leaves half-written packages that npm takes for whole: without npm's record, start afresh.
  if (isCheckout)
    rmSync(existsSync(RECORD) ? RECORD : join(root, 'node_modules'), { recursive: true, force: true });
  // Not `npm ci`: it refuses a lock file that lacks other platforms' packages, and it deletes compiled modules.
  const keepLock = isCheckout ? ['--no-save'] : folder === root ? ['--no-package-lock', '--omit=dev'] : [];
  const args = ['install', '--ignore-scripts', '--no-audit', '--no-fund', ...keepLock];
  const what = isCheckout ? 'the packages of package-lock.json (about a minute)' : partsLeftOut().join(', ');
  const { status, output } = await step(`installing ${what}`, () => run('npm', args, { cwd: folder }));
  const missing = partsLeftOut();
  if (status === 0 && missing.length === 0) return;
  throw new SetupError(
    status === 0
      ? `npm left out ${missing.join(', ')}.`
      : `npm could not install the packages:\n${lastLines(output)}`,
    `Check the connection to the package registry, then run: cd ${folder} && npm ${args.join(' ')}`,
  );
}

/** Compares the lock file with npm's record of what is installed. */
function checkoutIsStale() {
  if (!existsSync(RECORD)) return true;
  const have = JSON.parse(readFileSync(RECORD, 'utf8')).packages;
  const want = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')).packages;
  return Object.keys(want).some((path) => {
    if (path === '') return false;
    const { version, optional } = want[path];
    return have[path] === undefined ? !optional : have[path].version !== version;
  });
}

/** Packages with native parts, which npm silently leaves out if it cannot fetch or install them. */
function partsLeftOut() {
  const { optionalDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  return Object.keys(optionalDependencies).filter((name) => packageFolder(name) === undefined);
}
