/**
 * Runs a GGUF model by node-llama-cpp: the only importer of that package, for the generate worker's process only.
 * Knows messages and tokens; nothing about passages, citations or other processes.
 */
import { getLlama, type Llama, LlamaLogLevel, type LlamaModel, type Token } from 'node-llama-cpp';
import { CoreError, throwIfAborted } from '../errors.ts';
import { defuse, renderChat } from './chat-template.ts';
import type { ChatMessage, Generated, GenerateOptions } from './generator.ts';
import { badModel, checkGguf } from './gguf.ts';
import type { LoadOptions, ModelFacts } from './operations.ts';

export interface LlamaRunner {
  facts(): ModelFacts;
  countTokens(messages: ChatMessage[]): number;
  generate(messages: ChatMessage[], options: GenerateOptions): Promise<Generated>;
}

const GPU = { auto: 'auto', cpu: false, webgpu: 'vulkan', cuda: 'cuda' } as const;
/** Tokens of a prompt between two looks at the signal. */
const SLICE = 32;
/** Speed is measured over prompts at least this long. */
const MEASURED = 64;

/**
 * Loads the model. Throws `CoreError('bad-input')` for a file that is no whole GGUF model, `not-found` where it is missing,
 * `native` where no binary of llama.cpp runs on this machine.
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
  const context = await model.createContext({ contextSize, threads, batchSize: Math.min(512, contextSize) });
  const sequence = context.getSequence();
  const template = model.fileInfo.metadata.tokenizer?.chat_template;
  const specials = specialTexts(model);
  const { bos, bosString, eosString, shouldPrependBosToken } = model.tokens;
  let promptTokensPerSecond = 0;

  const tokenize = (messages: ChatMessage[]): Token[] => {
    const text = renderChat(template, defuse(messages, specials), {
      bosToken: bosString ?? '',
      eosToken: eosString ?? '',
      addGenerationPrompt: true,
    });
    const tokens = model.tokenize(text, true);
    return shouldPrependBosToken && bos !== null && tokens[0] !== bos ? [bos, ...tokens] : tokens;
  };

  /** Reads all but the last token of the prompt, from where it first differs from what the context holds. */
  const readPrompt = async (tokens: Token[], signal: AbortSignal | undefined): Promise<void> => {
    const last = tokens.length - 1;
    const kept = Math.min(sequence.compareContextTokens(tokens).firstDifferentIndex, last);
    if (kept < sequence.nextTokenIndex)
      await sequence.eraseContextTokenRanges([{ start: kept, end: sequence.nextTokenIndex }]);
    // Erasing may free more than asked for (sliding windows).
    const from = sequence.nextTokenIndex;
    const started = performance.now();
    for (let at = from; at < last; at += SLICE) {
      throwIfAborted(signal);
      await sequence.evaluateWithoutGeneratingNewTokens(tokens.slice(at, Math.min(at + SLICE, last)));
    }
    if (last - from >= MEASURED)
      promptTokensPerSecond = ((last - from) * 1000) / (performance.now() - started);
  };

  const generate = async (messages: ChatMessage[], call: GenerateOptions): Promise<Generated> => {
    const tokens = tokenize(messages);
    if (tokens.length >= contextSize)
      throw new CoreError(
        'bad-input',
        `The prompt has ${tokens.length} tokens; the language model sees ${contextSize} at once.`,
        {
          hint: `Give fewer passages with -k, or set --context-tokens to at least ${tokens.length + call.maxTokens}.`,
        },
      );
    await readPrompt(tokens, call.signal);
    const most = Math.min(call.maxTokens, contextSize - tokens.length);
    const stream = pieces(model, call.onText);
    let count = 0;
    let reason: Generated['reason'] = 'end';
    for await (const token of sequence.evaluate(tokens.slice(-1), { temperature: call.temperature })) {
      throwIfAborted(call.signal);
      stream.add(token);
      count += 1;
      if (count >= most) {
        reason = 'length';
        break;
      }
    }
    return { text: stream.end(), promptTokens: tokens.length, tokens: count, reason };
  };

  // Reading a few tokens once brings the weights into memory and tells how fast this machine is.
  await readPrompt(
    model.tokenize('measure '.repeat(4 * MEASURED)).slice(0, Math.min(2 * MEASURED, contextSize - 1)),
    undefined,
  );
  await sequence.clearHistory();

  // One context holds one conversation: calls go one after another.
  let turn: Promise<unknown> = Promise.resolve();
  return {
    facts: () => ({ contextTokens: contextSize, promptTokensPerSecond }),
    countTokens: (messages) => tokenize(messages).length,
    generate(messages, call) {
      const next = turn.then(() => {
        throwIfAborted(call.signal);
        return generate(messages, call);
      });
      turn = next.catch(() => undefined);
      return next;
    },
  };
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

/** Joins tokens to text; a delta never ends inside a character. */
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
