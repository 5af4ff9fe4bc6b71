/**
 * The reranker as callers see it: the contract, carried out by a process that holds the cross-encoder.
 * Knows processes; loads no native module.
 */
import { relative } from 'node:path';
import type { InstalledModel } from '../models/model.ts';
import { startWorker, workerEntry } from '../runtime/host.ts';
import type { RerankOperations } from '../runtime/rerank.worker.ts';
import type { Reranker } from './reranker.ts';

export interface RerankerOptions {
  model: InstalledModel;
  threads: number;
  /** `auto` means the processor. */
  device: 'auto' | 'cpu' | 'webgpu' | 'cuda';
}

/**
 * Starts the process and loads the model.
 * Throws `bad-input` for weights that do not load, `native` for a device that is not there.
 */
export async function openReranker({ model, threads, device }: RerankerOptions): Promise<Reranker> {
  const { folder, weights } = model;
  const worker = startWorker<RerankOperations>({
    name: 'reranking',
    entry: workerEntry(import.meta.url, '../runtime/rerank'),
    restore: async (call) => {
      const place = { folder, weights: relative(folder, weights), threads };
      await call('load', { ...place, device: device === 'auto' ? 'cpu' : device });
    },
  });
  const score: Reranker['score'] = async (question, passages, { budgetMs, signal } = {}) => {
    if (passages.length === 0) return new Float32Array(0);
    return worker.call('score', { question, passages, budgetMs }, { signal, again: true });
  };
  try {
    await score('', ['']);
  } catch (error) {
    await worker.stop();
    throw error;
  }
  return { name: model.entry.name, score, close: () => worker.stop() };
}
