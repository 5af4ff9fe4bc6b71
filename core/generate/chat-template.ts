/**
 * Knows the form in which a model expects a conversation: its own Jinja template, or ChatML if it has none.
 * Knows no tokenizer; special tokens are plain text here.
 */
import { Template } from '@huggingface/jinja';
import { CoreError } from '../errors.ts';
import type { ChatMessage } from './generator.ts';

export interface TemplateFacts {
  /** Text of the beginning- and end-of-sequence tokens; empty where the model has none. */
  bosToken: string;
  eosToken: string;
  /** Whether the text ends where the assistant's turn begins. */
  addGenerationPrompt: boolean;
}

/** OpenAI's ChatML, which most small instruct models without a template of their own were tuned on. */
const CHATML = `{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>' + '\\n' }}{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}`;

/**
 * The prompt's text. If the template refuses a system message or leaves it out, its text goes to the beginning of the
 * first user message. Throws `CoreError('bad-input')` for a template that cannot be rendered at all.
 */
export function renderChat(
  template: string | undefined,
  messages: ChatMessage[],
  facts: TemplateFacts,
): string {
  const system = messages.find(({ role }) => role === 'system')?.content;
  try {
    const parsed = new Template(template ?? CHATML);
    const render = (list: ChatMessage[]) =>
      parsed.render({
        messages: list,
        bos_token: facts.bosToken,
        eos_token: facts.eosToken,
        add_generation_prompt: facts.addGenerationPrompt,
      });
    if (system === undefined) return render(messages);
    try {
      const text = render(messages);
      if (text.includes(system.trim())) return text;
    } catch {
      // Refused: the template raised an exception at the system role.
    }
    return render(mergeSystem(messages, system));
  } catch (error) {
    throw new CoreError(
      'bad-input',
      `The model's chat template cannot be used: ${(error as Error).message}`,
      {
        hint: 'Choose another language model with --generator NAME; `footnote models list` names those that work.',
        cause: error,
      },
    );
  }
}

/** Breaks what the tokenizer would read as a special token with a space, so that what a passage quotes stays text. */
export function defuse(messages: ChatMessage[], specials: ReadonlySet<string>): ChatMessage[] {
  const marks = [...specials].filter((mark) => mark.trim().length > 1).sort((a, b) => b.length - a.length);
  if (marks.length === 0) return messages;
  const pattern = new RegExp(
    marks.map((mark) => mark.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&')).join('|'),
    'gu',
  );
  return broken(messages, pattern);
}

/** Marks of common templates (ChatML, Llama, Mistral, Gemma, Phi): a server does not report its special tokens. */
const MARKS =
  /<[|｜][^<>|｜]{1,40}[|｜]>|<\/?s>|\[\/?(?:INST|SYSTEM_PROMPT|AVAILABLE_TOOLS|TOOL_CALLS|TOOL_RESULTS)\]|<<\/?SYS>>|<(?:start|end)_of_(?:turn|utterance)>|<(?:bos|eos|pad|unk|sop)>|\[\|[a-z_]{1,30}\|\]|\[gMASK\]|<extra_id_\d+>/giu;

/** Like {@link defuse}, for a model whose special tokens are not known. */
export function breakMarks(messages: ChatMessage[]): ChatMessage[] {
  return broken(messages, MARKS);
}

function broken(messages: ChatMessage[], pattern: RegExp): ChatMessage[] {
  return messages.map((message) => ({
    ...message,
    content: message.content.replace(pattern, (mark) => `${mark.slice(0, 1)} ${mark.slice(1)}`),
  }));
}

function mergeSystem(messages: ChatMessage[], system: string): ChatMessage[] {
  const rest = messages.filter(({ role }) => role !== 'system');
  const first = rest.findIndex(({ role }) => role === 'user');
  return rest.map((message, index) =>
    index === first ? { ...message, content: `${system}\n\n${message.content}` } : message,
  );
}
