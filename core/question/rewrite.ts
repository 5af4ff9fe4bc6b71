/**
 * Texts to search for in place of the question, written by a language model: a supposed answer (HyDE, Gao et al. 2022,
 * arXiv 2212.10496), a broader question (step-back, Zheng et al. 2023, arXiv 2310.06117), other wordings (multi-query).
 * Knows the generator's contract; the plan decides how a text is used. Greedy: the same question gives the same texts.
 */
import { createHash } from 'node:crypto';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import writeFileAtomic from 'write-file-atomic';
import { z } from 'zod';
import type { ChatMessage, Generator } from '../generate/generator.ts';
import { oneLine, PROMPTS, promptText, unfence } from '../generate/prompts.ts';

export type RewritingKind = 'hyde' | 'step-back' | 'variants';

/** How the prompt ends, how much the model may write, and how many texts are taken from that. */
const KINDS: Record<RewritingKind, { lead: string; maxTokens: number; most: number }> = {
  hyde: { lead: 'Article:', maxTokens: 96, most: 1 },
  'step-back': { lead: 'Broader question:', maxTokens: 40, most: 1 },
  variants: { lead: 'Other wordings:', maxTokens: 96, most: 3 },
};

/** In characters; a longer text is cut before it is searched for. */
const LONGEST = { hyde: 800, 'step-back': 300, variants: 300 };

export interface RewriteOptions {
  signal?: AbortSignal | undefined;
  /** Folder that caches the texts, so that a long evaluation can resume; nothing is cached when absent. */
  cache?: string | undefined;
}

/** Texts to search for in place of the question; none if nothing useful was written. Throws as the generator does. */
export async function rewriteQuestion(
  kind: RewritingKind,
  question: string,
  generator: Generator,
  { signal, cache }: RewriteOptions = {},
): Promise<string[]> {
  const file = cache === undefined ? undefined : join(cache, `${keyOf(kind, question, generator.name)}.json`);
  const known = file === undefined ? undefined : await readKept(file);
  if (known !== undefined) return known;
  const { maxTokens } = KINDS[kind];
  const { text } = await generator.generate(rewriteMessages(kind, question), {
    maxTokens,
    temperature: 0,
    signal,
  });
  const texts = readTexts(kind, text, question);
  if (file !== undefined) {
    await mkdir(cache as string, { recursive: true });
    await writeFileAtomic(file, JSON.stringify({ kind, question, model: generator.name, texts }));
  }
  return texts;
}

export function rewriteMessages(kind: RewritingKind, question: string): ChatMessage[] {
  return [
    { role: 'system', content: promptText(kind) },
    { role: 'user', content: `Question: ${unfence(oneLine(question))}\n${KINDS[kind].lead}` },
  ];
}

/** The texts that a model wrote, each once, without numbering, quotes and lead, and without the question itself. */
export function readTexts(kind: RewritingKind, written: string, question: string): string[] {
  const { lead, most } = KINDS[kind];
  const parts = kind === 'hyde' ? [written] : written.split('\n');
  const tidy = parts.map((part) =>
    oneLine(part)
      .replace(/^(?:[-*•]|\d{1,2}[.)])\s*/u, '')
      .replace(new RegExp(`^(?:${lead}|question:)\\s*`, 'i'), '')
      .replace(/^["“'](.*)["”']$/u, '$1')
      .slice(0, LONGEST[kind])
      .toWellFormed(),
  );
  const asked = oneLine(question).toLowerCase();
  const useful = tidy.filter((text) => /[\p{L}\p{N}]/u.test(text) && text.toLowerCase() !== asked);
  return [...new Set(useful)].slice(0, most);
}

function keyOf(kind: RewritingKind, question: string, model: string): string {
  return createHash('sha256')
    .update(JSON.stringify([PROMPTS[kind], model, question]))
    .digest('hex')
    .slice(0, 32);
}

/** A file that cannot be read counts as missing. */
async function readKept(file: string): Promise<string[] | undefined> {
  try {
    return z.object({ texts: z.array(z.string()) }).parse(JSON.parse(await readFile(file, 'utf8'))).texts;
  } catch {
    return undefined;
  }
}
