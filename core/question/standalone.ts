/**
 * A follow-up question -> one that can be searched for alone ("When did he die?" -> "When did Albert Einstein die?").
 * Knows a few earlier turns and, if there is one, a language model; nothing about passages.
 *
 * What the model writes is used only if each of its content words is in the question or in the earlier turns. Otherwise
 * (smuggled instructions, or a model that invents) the rule applies instead.
 */

import { contentKeys, wordSet, wordsOf } from '../answer/words.ts';
import type { ChatMessage, Generator } from '../generate/generator.ts';
import { oneLine, promptText } from '../generate/prompts.ts';

export interface Turn {
  question: string;
  answer: string;
  /** What the answer was about: the title of the article it cites first. */
  topic?: string;
}

export interface FollowUp {
  question: string;
  /** Oldest first. */
  history: Turn[];
  /** BCP 47 tag of the question, as far as it is known. */
  language: string;
}

const TURNS = 3;
const ANSWER_CHARACTERS = 400;
const LONGEST = 300;
const MAX_TOKENS = 64;
/** A question with fewer content words is assumed to depend on earlier turns. */
const FEW_WORDS = 2;

/** Lower-case words that point back, in the bots' six languages; scripts without spaces have their own pattern. */
const POINTING = wordSet(`he she it they him them this these those
  er sie ihm ihn ihnen dieser diese dieses dort damals davon dazu darüber
  il elle ils elles lui leur celui celle ceux cela ça ceci
  él ella ellos ellas este esta esto estos estas ese esa eso allí entonces`);
/** These point back only where the question has no name of its own ("Did Einstein collect his prize?"). */
const POSSESSIVE = wordSet(`his her hers its their theirs sein seine seinen seiner ihr ihre ihren ihrer
  son sa ses leurs su sus`);
const CONTINUING = /^(and|or|but|what about|how about|und|oder|aber|et|ou|mais|y|o|pero)\b(?=[\s?]|$)/iu;
const POINTING_UNSPACED = /彼|彼女|それ|その|これ|この|あれ|あの|そこ|では|他|她|它|这|那|该/u;
/**
 * The question to search for; the question itself if it needs no history or there is none.
 * Throws only when `signal` aborts: if the model fails, the rule applies, which adds the topic in brackets.
 */
export async function standalone(
  { question, history, language }: FollowUp,
  generator?: Generator,
  signal?: AbortSignal,
): Promise<string> {
  const turns = history.slice(-TURNS);
  if (turns.length === 0 || !leansOnHistory(question, language)) return question;
  if (generator !== undefined) {
    const rewritten = await rewrite(generator, question, turns, signal).catch((error) => {
      if (signal?.aborted) throw error;
      return '';
    });
    if (isFaithful(rewritten, question, turns, language)) return rewritten;
  }
  return byRule(question, turns);
}

/** Whether a question points back at what was said before, by its words alone. */
export function leansOnHistory(question: string, language: string): boolean {
  if (CONTINUING.test(question.trim()) || POINTING_UNSPACED.test(question)) return true;
  const words = wordsOf(question, language);
  const named = words.some(({ kind }) => kind === 'name');
  const points = (word: string) => POINTING.has(word) || (!named && POSSESSIVE.has(word));
  return words.some(({ text }) => points(text.toLowerCase())) || contentKeys(words).size < FEW_WORDS;
}

function byRule(question: string, turns: Turn[]): string {
  const last = turns.at(-1);
  const about = last?.topic ?? last?.question ?? '';
  return about === '' ? question : `${question} (${about.slice(0, LONGEST)})`;
}

async function rewrite(
  generator: Generator,
  question: string,
  turns: Turn[],
  signal: AbortSignal | undefined,
): Promise<string> {
  const talk = turns.map(
    (turn) =>
      `Question: ${shortLine(turn.question, LONGEST)}\nAnswer: ${shortLine(turn.answer, ANSWER_CHARACTERS)}`,
  );
  const messages: ChatMessage[] = [
    {
      role: 'system',
      content: promptText('standalone'),
    },
    {
      role: 'user',
      content: `Conversation:\n${talk.join('\n')}\n\nLast question: ${shortLine(question, LONGEST)}\nRewritten question:`,
    },
  ];
  const { text } = await generator.generate(messages, { maxTokens: MAX_TOKENS, temperature: 0, signal });
  return text.trim().replace(/^["“]|["”]$/g, '');
}

function isFaithful(rewritten: string, question: string, turns: Turn[], language: string): boolean {
  if (rewritten === '' || rewritten.length > LONGEST || rewritten.includes('\n')) return false;
  const keys = (text: string) => contentKeys(wordsOf(text, language));
  const said = keys(
    [question, ...turns.flatMap((turn) => [turn.question, turn.answer, turn.topic ?? ''])].join('\n'),
  );
  const written = keys(rewritten);
  const asked = [...keys(question)].filter((key) => !POINTING.has(key));
  const kept = asked.filter((key) => written.has(key)).length;
  const gained = [...written].some((key) => !asked.includes(key));
  return gained && kept === asked.length && [...written].every((key) => said.has(key));
}

function shortLine(text: string, most: number): string {
  return oneLine(text).slice(0, most).toWellFormed();
}
