/**
 * Where this Footnote is installed, in a checkout or as a package, compiled or from source. Knows package.json only.
 */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export interface Installation {
  /** Folder of package.json. */
  root: string;
  version: string;
  /** True in a clone, false for an installed package. */
  checkout: boolean;
}

/** This very installation. */
export function installation(): Installation {
  let root = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(root, 'package.json'))) root = dirname(root);
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
  return { root, version, checkout: existsSync(join(root, 'tsconfig.build.json')) };
}
