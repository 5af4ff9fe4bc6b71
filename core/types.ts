/**
 * The nouns that every stage shares. Knows no file, model or process.
 */

import type { WireError } from './errors.ts';

/** Row number = chunk id = key in the chunk store; assigned once, counted from 0 in reading order. */
export type ChunkId = number;

/** A run of text in an article that belongs together (a paragraph or a list), under one section heading. */
export interface Block {
  /** Headings from the outermost in, empty for the lead. */
  section: string[];
  /** First character in `Article.text`. */
  start: number;
  /** One past the last character in `Article.text`. */
  end: number;
}

/** One encyclopaedia article as clean prose. */
export interface Article {
  /** The page id of the wiki where there is one, else the ordinal in its source. */
  id: string;
  title: string;
  /** The article's address without a revision; empty where the source has none. */
  url: string;
  /** BCP 47 tag; empty where the source does not say. */
  language: string;
  /** MediaWiki revision id, where the source has one. */
  revision?: string;
  text: string;
  /** In order, not overlapping; characters between blocks are white space or left out. */
  blocks: Block[];
}

/** What is embedded, indexed, found and cited: `text` is `article.text.slice(start, end)`. */
export interface Chunk {
  id: ChunkId;
  articleId: string;
  title: string;
  section: string[];
  /** Place within its article, counted from 0; neighbours of a chunk have the ids next to its own. */
  position: number;
  start: number;
  end: number;
  url: string;
  revision?: string;
  language: string;
  text: string;
}

/** A chunk before the store gives it its row. */
export type NewChunk = Omit<Chunk, 'id'>;

/** A chunk's id with the score that one retrieval step gave it; higher is better. */
export interface Scored {
  id: ChunkId;
  score: number;
}

/** One result of a retrieval plan. */
export interface Hit extends Scored {
  rank: number;
  /** Score at each step of the plan, by the step's printed name. */
  scores: Record<string, number>;
  /** The cross-encoder's score for question and whole passage; absent if it did not read the passage. */
  logit?: number;
  chunk: Chunk;
}

/** Milliseconds. Sources are searched concurrently, so the slowest one counts. */
export interface RetrievalTimings {
  /** Time that the language model took to write the texts to search for. */
  rewriteMs: number;
  embedMs: number;
  searchMs: number;
  rerankMs: number;
  lookupMs: number;
  totalMs: number;
}

/** A checked claim: `quote` is a verbatim span of the passage that `chunkId` names. */
export interface Citation {
  number: number;
  chunkId: ChunkId;
  title: string;
  /** Headings joined by " > ". */
  section: string;
  /** Link to the revision and to the quoted place in it. */
  url: string;
  quote: string;
  supported: boolean;
  licence: string;
}

/** One sentence of an answer and the citations that carry it. */
export interface AnswerSentence {
  text: string;
  citations: number[];
  supported: boolean;
}

export interface Answer {
  question: string;
  build: string;
  method: string;
  /** The sentences with their markers, as shown to a person. */
  text: string;
  sentences: AnswerSentence[];
  abstained: boolean;
  citations: Citation[];
  /** Name of the model that wrote the text, or `extractive`. */
  generator: string;
  /** Why the answer is not what was asked for (a model that failed, a question that was cut), one sentence each, fit for a chat. */
  warnings: string[];
  timings: { retrieveMs: number; firstTokenMs: number; totalMs: number };
}

/** Something that went wrong without costing the answer. */
export interface Warning {
  /** One sentence, fit for a chat: no path, no stack. */
  message: string;
  /** The failure behind it, for an admin. */
  error?: WireError;
}

export type AskEvent =
  | { type: 'retrieve-start'; plan: string }
  | { type: 'retrieve-end'; hits: Hit[]; ms: number; timings: RetrievalTimings }
  /** `generator` is absent where the answer will be made of quotes. */
  | { type: 'generate-start'; generator?: string }
  /** The whole prompt of the language model; it fits into the context. */
  | { type: 'prompt-sent'; messages: { role: string; content: string }[]; tokens: number }
  | { type: 'text-delta'; text: string }
  | { type: 'citation-found'; citation: Citation }
  | ({ type: 'warning' } & Warning)
  | { type: 'answer-end'; answer: Answer };

/** The stages of a build, in order. */
export type BuildStage = 'read' | 'words' | 'embed' | 'index' | 'verify' | 'activate';

export type BuildEvent =
  | { type: 'build-start'; build: string; resumed: boolean; stages: BuildStage[] }
  | { type: 'stage-start'; stage: BuildStage; total?: number; unit: string }
  | { type: 'stage-progress'; stage: BuildStage; done: number; total?: number; unit: string }
  | { type: 'stage-end'; stage: BuildStage; done: number; ms: number }
  /** One k-means iteration, counted from 1. */
  | {
      type: 'train-progress';
      iteration: number;
      iterations: number;
      /** Mean inner product of the vectors with their centroids; grows. */
      objective: number;
      /** k * sum of squared sizes / n²: 1 where all lists are equally long. */
      imbalance: number;
      /** Centroids that had no vector and were split off from large ones. */
      split: number;
      /** Training vectors for each list. */
      pointsPerList?: number;
    }
  /** One iteration of all codebooks of a product quantizer. `error`: mean squared reconstruction error. */
  | { type: 'codebook-progress'; iteration: number; iterations: number; error: number }
  | { type: 'warning'; message: string }
  /** Another process wants the build to wait. */
  | { type: 'build-pause' }
  | { type: 'build-resume' }
  | { type: 'build-end'; manifest: Manifest };

/** Which weights made the vectors; a search with others is refused. */
export interface ModelFingerprint {
  name: string;
  dtype: 'fp32' | 'fp16' | 'int8';
  dimensions: number;
  pooling: 'mean' | 'cls';
  queryPrefix: string;
  passagePrefix: string;
  /** Maximum word pieces of a text, special tokens included; longer texts are cut. */
  maxTokens: number;
  /** SHA-256 of the weights file, hex. */
  checksum: string;
  /** BCP 47 tags the model was made for; `['*']` for a multilingual one. */
  languages: string[];
}

/** How words are found in a text for keyword search: English stems, words of spaced scripts, or dictionary segments (Chinese, Japanese, Thai …). */
export type KeywordTokenizer = 'porter' | 'unicode61' | 'segmenter';

export interface FileRecord {
  bytes: number;
  /** SHA-256, hex. */
  sha256: string;
}

/** One way to search an index, measured against exact search over the same vectors. */
export interface SearchPreset {
  /** Inverted lists visited. */
  nprobe: number;
  /** Vectors rescored exactly; absent where the lists hold the vectors themselves. */
  candidates?: number;
  /** Recall@1, @10 and @100: the share of the true nearest among as many found. */
  at1: number;
  at10: number;
  at100: number;
  /** Latency of one query at a time, including the round trip to the search process. */
  p50Ms: number;
  p99Ms: number;
}

/** Optional fields may be absent in builds of older versions. */
export interface IndexDescription {
  /** FAISS factory string, e.g. `Flat`, `IVF1024,Flat` or `IVF65536_HNSW32,PQ64`. */
  recipe: string;
  metric: 'inner-product';
  nlist: number;
  nprobe: number;
  /** Vectors rescored exactly in each search; absent where the lists hold the vectors themselves. */
  candidates?: number;
  /** Codes and ids in the index file, without the vectors for rescoring beside it. */
  bytesPerVector: number;
  /** nlist * sum of squared list sizes / n²: 1 where all lists are equally long. */
  imbalance?: number;
  /** How many lists are empty, hold 1, 2 to 3, 4 to 7, 8 to 15 … vectors. */
  listSizes?: number[];
  /** Bytes of codes and ids that a search process maps (shared, evictable), and bytes that it keeps in memory. */
  memory?: { mapped: number; kept: number };
  /** All files of the index, in bytes. */
  disk?: number;
  /** Every search setting that was measured, ordered by lists, then by candidates. */
  presets?: SearchPreset[];
}

/** Written last: its existence means that the build is whole. */
export interface Manifest {
  format: 1;
  name: string;
  createdAt: string;
  sources: string[];
  /** Newest revision or date that the source gives, ISO 8601; absent if it gives none. */
  dumpDate?: string;
  site: string;
  /** Licence of the texts; empty if the source is not a known one. */
  licence: string;
  languages: string[];
  articles: number;
  chunks: number;
  /** Source records that could not be read and were skipped on request. */
  skipped: number;
  model: ModelFingerprint;
  /** Path of the model, if it was the user's own folder. */
  modelFolder?: string;
  keywordTokenizer: KeywordTokenizer;
  index: IndexDescription;
  /** Measured against exact search over the same vectors, at the index's own nprobe and candidates. */
  recall: {
    at1: number;
    at10: number;
    at100?: number;
    queries: number;
    /** Name of the question set that the queries are from; absent if they are sentences of the corpus. */
    set?: string;
    nprobe: number;
    candidates?: number;
    /** The recall@10 to reach. */
    target?: number;
  };
  /** By path inside the build folder. */
  files: Record<string, FileRecord>;
  timings: Partial<Record<BuildStage, number>>;
}
