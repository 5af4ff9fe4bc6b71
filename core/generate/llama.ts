/**
 * Runs a GGUF model with node-llama-cpp: the only importer of that package, for the generate worker's process only.
 * Knows messages and tokens; nothing about passages, citations or other processes.
 *
 * One context with several sequences: they are evaluated in shared batches. Each keeps what it has read, so a prompt
 * that begins like an earlier one is read only from where the two differ.
 */
import {
  getLlama,
  type Llama,
  type LlamaContextSequence,
  LlamaLogLevel,
  type LlamaModel,
  type Token,
} from 'node-llama-cpp';
import { CoreError, throwIfAborted } from '../errors.ts';
import { defuse, renderChat } from './chat-template.ts';
import type { ChatMessage, Generated, GenerateOptions } from './generator.ts';
import { badModel, checkGguf } from './gguf.ts';
import type { LoadOptions, ModelFacts } from './operations.ts';
import { startPool } from './pool.ts';

export interface LlamaRunner {
  facts(): ModelFacts;
  countTokens(messages: ChatMessage[]): number;
  generate(messages: ChatMessage[], options: GenerateOptions): Promise<Generated>;
}

const GPU = { auto: 'auto', cpu: false, webgpu: 'vulkan', cuda: 'cuda' } as const;
/** Tokens of a prompt's first slice; the next doubles if one took less than LOOK_MS. `signal` is checked in between. */
const SLICE = 32;
const LOOK_MS = 250;
/** All of a model's conversations begin alike; only a longer common beginning is worth keeping. */
const WORTH_KEEPING = 32;

/**
 * Loads the model. Throws `CoreError`: `bad-input` for a file that is not a complete GGUF model, `not-found` if it is
 * missing, `native` if no binary of llama.cpp runs on this machine.
 */
export async function loadLlama(options: LoadOptions): Promise<LlamaRunner> {
  const { path, threads } = options;
  await checkGguf(path);
  const llama = await openLlama(options);
  let model: LlamaModel;
  try {
    model = await llama.loadModel({ modelPath: path });
  } catch (error) {
    throw badModel(path, (error as Error).message, error);
  }
  const contextSize = Math.min(options.contextTokens, model.trainContextSize);
  const context = await model.createContext({
    contextSize,
    sequences: options.sequences,
    threads,
    batchSize: Math.min(512, contextSize),
  });
  const sequences = Array.from({ length: options.sequences }, () => context.getSequence());
  const pool = startPool(sequences);
  const template = model.fileInfo.metadata.tokenizer?.chat_template;
  const specials = specialTexts(model);
  const { bos, bosString, eosString, shouldPrependBosToken } = model.tokens;

  const tokenize = (messages: ChatMessage[]): Token[] => {
    const text = renderChat(template, defuse(messages, specials), {
      bosToken: bosString ?? '',
      eosToken: eosString ?? '',
      addGenerationPrompt: true,
    });
    const tokens = model.tokenize(text, true);
    return shouldPrependBosToken && bos !== null && tokens[0] !== bos ? [bos, ...tokens] : tokens;
  };

  const write = async (
    sequence: LlamaContextSequence,
    tokens: Token[],
    call: GenerateOptions,
  ): Promise<Generated> => {
    const started = performance.now();
    const readTokens = await readPrompt(sequence, tokens, call.signal);
    const most = Math.min(call.maxTokens, contextSize - tokens.length);
    const stream = pieces(model, call.onText);
    let count = 0;
    let first = 0;
    let reason: Generated['reason'] = 'end';
    for await (const token of sequence.evaluate(tokens.slice(-1), { temperature: call.temperature })) {
      throwIfAborted(call.signal);
      if (count === 0) first = performance.now();
      stream.add(token);
      count += 1;
      if (count >= most) {
        reason = 'length';
        break;
      }
    }
    const ended = performance.now();
    const pace = { readTokens, readMs: (first || ended) - started, writeMs: first === 0 ? 0 : ended - first };
    return { text: stream.end(), promptTokens: tokens.length, tokens: count, reason, pace };
  };

  const speed = { prompt: await preload(sequences[0], tokenize(options.preload ?? [])), answer: 0 };
  return {
    facts: () => ({ contextTokens: contextSize, speed }),
    countTokens: (messages) => tokenize(messages).length,
    async generate(messages, call) {
      const tokens = tokenize(messages);
      if (tokens.length >= contextSize)
        throw new CoreError(
          'bad-input',
          `The prompt has ${tokens.length} tokens; the language model sees ${contextSize} at once.`,
          {
            hint: `Give fewer passages with -k, or set --context-tokens to at least ${tokens.length + call.maxTokens}.`,
          },
        );
      // The sequence that holds most of this prompt's beginning; if none holds any, the one that loses least.
      const rank = (sequence: LlamaContextSequence) => {
        const held = sequence.compareContextTokens(tokens).firstDifferentIndex;
        return held >= WORTH_KEEPING ? held : -sequence.nextTokenIndex;
      };
      return pool.take(rank, call.signal, (sequence) => write(sequence, tokens, call));
    },
  };
}

/**
 * Reads all but the last token of the prompt, from where it first differs from what the sequence holds.
 * @returns how many tokens had to be read, the last one included
 */
async function readPrompt(
  sequence: LlamaContextSequence,
  tokens: Token[],
  signal: AbortSignal | undefined,
): Promise<number> {
  const last = tokens.length - 1;
  const kept = Math.min(sequence.compareContextTokens(tokens).firstDifferentIndex, last);
  if (kept < sequence.nextTokenIndex)
    await sequence.eraseContextTokenRanges([{ start: kept, end: sequence.nextTokenIndex }]);
  // Erasing may free more than asked for (sliding windows).
  const from = sequence.nextTokenIndex;
  for (let at = from, slice = SLICE; at < last; ) {
    throwIfAborted(signal);
    const started = performance.now();
    const part = tokens.slice(at, Math.min(at + slice, last));
    await sequence.evaluateWithoutGeneratingNewTokens(part);
    at += part.length;
    if (performance.now() - started < LOOK_MS) slice *= 2;
  }
  return tokens.length - from;
}

/** Reads one slice to load the weights into memory, and times the rest. @returns tokens a second, 0 without a rest */
async function preload(sequence: LlamaContextSequence | undefined, tokens: Token[]): Promise<number> {
  if (sequence === undefined || tokens.length <= 2 * SLICE) return 0;
  await readPrompt(sequence, tokens.slice(0, SLICE), undefined);
  const started = performance.now();
  const read = await readPrompt(sequence, tokens, undefined);
  return (read * 1000) / (performance.now() - started);
}

async function openLlama({ device, threads }: LoadOptions): Promise<Llama> {
  try {
    return await getLlama({
      gpu: GPU[device],
      build: 'never',
      skipDownload: true,
      progressLogs: false,
      maxThreads: threads,
      logLevel: LlamaLogLevel.error,
    });
  } catch (error) {
    throw new CoreError('native', `node-llama-cpp has no binary for this machine with --device ${device}.`, {
      hint: 'Run `footnote doctor`, or try --device cpu; `--generator none` answers in quotes without a language model.',
      cause: error,
    });
  }
}

/** Joins tokens into text; a delta never ends inside a character. */
function pieces(model: LlamaModel, onText: ((delta: string) => void) | undefined) {
  const said: Token[] = [];
  let pending: Token[] = [];
  let text = '';
  const flush = (delta: string) => {
    said.push(...pending);
    pending = [];
    text += delta;
    if (delta !== '') onText?.(delta);
  };
  return {
    add(token: Token) {
      pending.push(token);
      const delta = model.detokenize(pending, false, said);
      if (!delta.endsWith('\uFFFD')) flush(delta);
    },
    end(): string {
      if (pending.length > 0) flush(model.detokenize(pending, false, said).replace(/\uFFFD+$/u, ''));
      return text;
    },
  };
}

function specialTexts(model: LlamaModel): Set<string> {
  const texts = new Set<string>();
  for (const token of model.iterateAllTokens())
    if (model.isSpecialToken(token)) texts.add(model.detokenize([token], true));
  return texts;
}
