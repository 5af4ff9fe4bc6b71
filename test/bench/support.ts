/**
 * Judges of whether a passage supports a sentence, over pairs of our own invention labelled by hand: word overlap as answers use it, the
 * reranking model, and both. The reranking model's threshold is the best one over the first set; the second set was written
 * after the first had been tuned on, and is made of near misses; of the third, of kinds that had no rule, how many word
 * overlap judges right is told too. And how many sentences of real articles pass by their own passages.
 */
import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { type Evidence, supports } from '../../core/answer/support.ts';
import { sentenceSpans } from '../../core/corpus/sentences.ts';
import { readSettings } from '../../core/index.ts';
import { installedReranker } from '../../core/models/for-build.ts';
import { openReranker } from '../../core/rerank/client.ts';
import type { Reranker } from '../../core/rerank/reranker.ts';
import { buildPaths } from '../../core/store/build-folder.ts';
import { openChunkReader } from '../../core/store/client.ts';
import { BUILD } from './questions.ts';
import type { Table } from './table.ts';

type Passage = Evidence & { section: string[] };
interface Pair {
  passage: string;
  sentence: string;
  supported: boolean;
}
interface Judged {
  supported: boolean;
  overlap: boolean;
  /** The best logit of the sentence with a sentence of the passage. */
  logit: number;
}
type Judge = (pair: Judged, threshold: number) => boolean;

/** Of every so many passages the first few. */
const STRIDE = 950;
const TOGETHER = 12;
const LEAST_WORDS = 6;
const SETS = { 'support.json': 'first', 'support-unseen.json': 'second', 'support-classes.json': 'third' };
const JUDGES: Record<string, Judge> = {
  overlap: ({ overlap }) => overlap,
  'reranking model': ({ logit }, threshold) => logit >= threshold,
  'overlap and reranking model': ({ overlap, logit }, threshold) => overlap && logit >= threshold,
  'overlap or reranking model': ({ overlap, logit }, threshold) => overlap || logit >= threshold,
};

export async function run(): Promise<Table[]> {
  const { settings } = readSettings();
  const model = await installedReranker(settings, ['en']).catch(() => undefined);
  const reranker =
    model && (await openReranker({ model, threads: settings.threads, device: settings.device }));
  try {
    const sets = await Promise.all(Object.keys(SETS).map((file) => judged(file, reranker)));
    const rows: Table['rows'] = [];
    for (const [name, judge] of Object.entries(JUDGES)) {
      if (name !== 'overlap' && reranker === undefined) continue;
      const threshold = name === 'overlap' ? 0 : bestThreshold(sets[0] ?? [], judge);
      const figures = sets.map((set, index) => {
        const { precision, recall } = figuresOf(set, (pair) => judge(pair, threshold));
        const which = Object.values(SETS)[index];
        return {
          [`precision, ${which} set`]: precision.toFixed(3),
          [`recall, ${which} set`]: recall.toFixed(3),
        };
      });
      rows.push({ judge: name, ...Object.assign({}, ...figures) });
    }
    const counts = sets.map(({ length }) => length).join(', ');
    return [
      { name: `Support judged over ${counts} labelled pairs`, rows },
      { name: 'Word overlap', rows: [{ ...rightOf(sets.at(-1) ?? []), ...(await ownSentences()) }] },
    ];
  } finally {
    await reranker?.close();
  }
}

async function judged(file: string, reranker: Reranker | undefined): Promise<Judged[]> {
  const text = readFileSync(resolve('test/fixtures', file), 'utf8');
  const { passages, pairs } = JSON.parse(text) as { passages: Record<string, Passage>; pairs: Pair[] };
  const all: Judged[] = [];
  for (const { passage, sentence, supported } of pairs) {
    const evidence = passages[passage] as Passage;
    const place = [evidence.title, ...evidence.section].join(' › ');
    const sentences = sentenceSpans(evidence.text, evidence.language).map(
      ({ start, end }) => `${place}\n${evidence.text.slice(start, end)}`,
    );
    const logits = (await reranker?.score(sentence, sentences)) ?? [0];
    all.push({ supported, overlap: supports(sentence, evidence).supported, logit: Math.max(...logits) });
  }
  return all;
}

function rightOf(set: Judged[]) {
  const right = set.filter(({ overlap, supported }) => overlap === supported).length;
  return { 'right, third set': `${right} of ${set.length}` };
}

/** Sentences of six words or more from passages all over the build, held against the passages that they are from. */
async function ownSentences(): Promise<Record<string, string>> {
  const path = buildPaths(readSettings().settings.data, BUILD).chunks;
  if (!existsSync(path)) return { 'own sentences': `left out: there is no build ${BUILD}` };
  const chunks = await openChunkReader({ path, tokenizer: 'porter' });
  let all = 0;
  let passed = 0;
  try {
    const rows = await chunks.count();
    for (let from = 0; from < rows; from += STRIDE)
      for (const { title, text, language } of await chunks.range(from, Math.min(rows, from + TOGETHER)))
        for (const { start, end } of sentenceSpans(text, language)) {
          const sentence = text.slice(start, end);
          if (sentence.split(' ').length < LEAST_WORDS) continue;
          all += 1;
          if (supports(sentence, { title, text, language }).supported) passed += 1;
        }
  } finally {
    await chunks.close();
  }
  return { 'own sentences that pass': `${passed} of ${all}, ${((100 * passed) / all).toFixed(1)} %` };
}

/** The threshold with the best F1. */
function bestThreshold(set: Judged[], judge: Judge): number {
  const f1 = (threshold: number) => {
    const { precision, recall } = figuresOf(set, (pair) => judge(pair, threshold));
    return (2 * precision * recall) / (precision + recall || 1);
  };
  return set.map(({ logit }) => logit).reduce((best, logit) => (f1(logit) > f1(best) ? logit : best), 0);
}

function figuresOf(set: Judged[], passes: (pair: Judged) => boolean): { precision: number; recall: number } {
  const passed = set.filter(passes);
  const right = passed.filter(({ supported }) => supported).length;
  return {
    precision: right / (passed.length || 1),
    recall: right / set.filter(({ supported }) => supported).length,
  };
}
