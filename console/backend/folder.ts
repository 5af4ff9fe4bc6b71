/**
 * What a folder holds that a build can be made from. Knows names; never opens a file.
 */
import { readdir, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { isSource } from '../../core/index.ts';
import type { FolderEntry } from '../state/form.ts';

/** `~` at the beginning of a path stands for the home folder, as in a shell. */
export function expandHome(path: string): string {
  return path === '~' || path.startsWith('~/') ? join(homedir(), path.slice(1)) : path;
}

/** Folders first, then files that can be read; empty for a folder that cannot. */
export async function listFolder(path: string): Promise<FolderEntry[]> {
  const folder = resolve(expandHome(path === '' ? '.' : path));
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  const listed = entries
    .filter(({ name }) => !name.startsWith('.') && name !== 'node_modules')
    .map(async ({ name }): Promise<FolderEntry | undefined> => {
      const found = await stat(join(folder, name)).catch(() => undefined);
      if (found === undefined) return undefined;
      if (found.isDirectory()) return { name, folder: true, bytes: 0 };
      return isSource(name) ? { name, folder: false, bytes: found.size } : undefined;
    });
  const known = (await Promise.all(listed)).filter((entry) => entry !== undefined);
  return known.sort((a, b) => Number(b.folder) - Number(a.folder) || (a.name < b.name ? -1 : 1));
}
