/**
 * Counts word pieces with the embedding model's own tokenizer (`tokenizer.json`), in plain JavaScript.
 * Knows nothing about weights, chunks or windows.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Tokenizer } from '@huggingface/tokenizers';
import { CoreError, toCoreError } from '../errors.ts';
import type { WordPieces } from './word-pieces.ts';

/**
 * The parts between places where a pre-tokenizer always cuts, so that their counts add up to that of the whole: at
 * white space, and for BERT also around every punctuation mark (those of ASCII and U+2010-2027 are enough here).
 */
const PIECES_BETWEEN_CUTS: Record<string, RegExp> = {
  BertPreTokenizer: /[^ \n\t\r!-/:-@[-`{-~\u2010-\u2027]+|[!-/:-@[-`{-~\u2010-\u2027]/g,
  Metaspace: /[^ \n\t\r]+/g,
  WhitespaceSplit: /[^ \n\t\r]+/g,
};
const MEMO = { words: 100_000, wordLength: 40 };
const HINT =
  'Run `footnote models pull NAME`, or name a folder that holds the model with its tokenizer.json.';

/**
 * The counter of the model in `folder`, from its `tokenizer.json` and, where there is one, `tokenizer_config.json`.
 * Throws CoreError('bad-input') where the tokenizer is missing or not valid.
 */
export async function loadWordPieces(folder: string): Promise<WordPieces> {
  const definition = await readJson(folder, 'tokenizer.json');
  if (definition === undefined)
    throw new CoreError('bad-input', `The model folder ${folder} has no tokenizer.json.`, { hint: HINT });
  const config = (await readJson(folder, 'tokenizer_config.json')) ?? {};
  let tokenizer: Tokenizer;
  try {
    tokenizer = new Tokenizer(definition, config);
  } catch (error) {
    throw new CoreError(
      'bad-input',
      `The tokenizer.json in ${folder} is not a tokenizer: ${(error as Error).message}.`,
      { cause: error, hint: HINT },
    );
  }
  const count = (text: string) => tokenizer.encode(text, { add_special_tokens: false }).ids.length;
  const between = cutsOf(definition);
  if (between === undefined) return { count };
  const sum = sumOfParts(between, count);
  // A literal "[MASK]" in a text is one piece, with its brackets.
  const added = [...tokenizer.get_added_tokens_decoder().values()].map((token) => token.content);
  return { count: (text) => (added.some((token) => text.includes(token)) ? count(text) : sum(text)) };
}

/** Counts part by part, with a bounded memo, since running text repeats its words. */
function sumOfParts(parts: RegExp, count: (part: string) => number): (text: string) => number {
  let recent = new Map<string, number>();
  let older = new Map<string, number>();
  const countPart = (part: string): number => {
    const known = recent.get(part);
    if (known !== undefined) return known;
    const pieces = older.get(part) ?? count(part);
    if (part.length <= MEMO.wordLength) recent.set(copyOf(part), pieces);
    if (recent.size >= MEMO.words) [older, recent] = [recent, new Map()];
    return pieces;
  };
  return (text) => {
    let sum = 0;
    for (const part of text.match(parts) ?? []) sum += countPart(part);
    return sum;
  };
}

/** A substring keeps the whole text in memory; a copy does not. */
function copyOf(part: string): string {
  return Buffer.from(part, 'utf16le').toString('utf16le');
}

function cutsOf(definition: object): RegExp | undefined {
  const { pre_tokenizer: pre } = definition as {
    pre_tokenizer?: { type?: string; pretokenizers?: { type?: string }[] } | null;
  };
  const steps = [pre, ...(pre?.pretokenizers ?? [])];
  return steps.map((step) => PIECES_BETWEEN_CUTS[step?.type ?? '']).find((cuts) => cuts !== undefined);
}

/** The object in a JSON file of the folder; undefined where there is no such file. */
async function readJson(folder: string, name: string): Promise<object | undefined> {
  const path = join(folder, name);
  let content: string;
  try {
    content = await readFile(path, 'utf8');
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined;
    throw toCoreError(error);
  }
  try {
    const value: unknown = JSON.parse(content);
    if (typeof value === 'object' && value !== null) return value;
    throw new Error('an object was expected');
  } catch (error) {
    throw new CoreError('bad-input', `${path} is not a valid JSON file: ${(error as Error).message}.`, {
      cause: error,
      hint: HINT,
    });
  }
}
