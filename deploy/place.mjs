// @ts-check
/**
 * Where this copy of Footnote is, and where its packages are: in its own checkout, or under the `node_modules` of
 * another project. Knows folders; nothing about what has to be done in them.
 */
import { existsSync, realpathSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder of Footnote's package.json. */
export const root = realpathSync(fileURLToPath(new URL('..', import.meta.url)));

/** True in a clone, which has the sources; false if a packed Footnote was installed. */
export const isCheckout = existsSync(join(root, 'tsconfig.build.json'));

const searched = createRequire(join(root, 'package.json')).resolve.paths('x') ?? [];

/**
 * Folder of an installed package as Footnote would resolve it (or as another package would: `from`), else undefined.
 * @param {string} name
 * @param {string} [from] folder of the package that asks
 */
export function packageFolder(name, from) {
  const places = from === undefined ? searched : (createRequire(join(from, 'x.js')).resolve.paths('x') ?? []);
  const folder = places
    .map((place) => join(place, name))
    .find((path) => existsSync(join(path, 'package.json')));
  return folder === undefined ? undefined : realpathSync(folder);
}

/**
 * Folder in which `npm install` installs Footnote's packages: the checkout, the project that depends on Footnote, or
 * (installed for all projects) Footnote's own.
 */
export function installFolder() {
  const project = root.slice(0, Math.max(0, root.lastIndexOf(`${sep}node_modules${sep}`)));
  return !isCheckout && existsSync(join(project, 'package.json')) ? project : root;
}

/**
 * Time of the last change of a file, in ms since 1970; 0 if it does not exist.
 * @param {string} path
 */
export function changedAt(path) {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}
