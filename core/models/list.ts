/**
 * Lists models: those of the catalogue, and which of them are on this machine.
 */

import { isCoreError } from '../errors.ts';
import { CATALOG } from './catalog.ts';
import { findInstalled, modelFolder } from './installed.ts';
import type { InstalledModel, ModelEntry } from './model.ts';
import { folderBytes } from './package.ts';

export interface ListedModel {
  entry: ModelEntry;
  installed: InstalledModel | undefined;
  /** Bytes on disk; 0 where it is not installed. */
  bytes: number;
  /** What is wrong with a damaged model, one sentence. */
  damage?: string;
}

/** The catalogue in its own order, with what is in the data folder. */
export async function listModels(data: string): Promise<ListedModel[]> {
  return Promise.all(
    CATALOG.map(async (entry): Promise<ListedModel> => {
      const bytes = await folderBytes(modelFolder(data, entry.name));
      try {
        return { entry, installed: await findInstalled(data, entry), bytes };
      } catch (error) {
        if (!isCoreError(error)) throw error;
        return { entry, installed: undefined, bytes, damage: error.message };
      }
    }),
  );
}
