/**
 * The wording of the prompts, in files with a version in their names, and how untrusted text is made harmless in them.
 * A change of wording is a new version: what was measured or cached with one is never attributed to another.
 */
import { readFileSync } from 'node:fs';

/** The version in use of each prompt. */
export const PROMPTS = {
  answer: 'answer.v1',
  bare: 'bare.v1',
  standalone: 'standalone.v1',
  hyde: 'hyde.v1',
  'step-back': 'step-back.v1',
  variants: 'variants.v1',
} as const;

/** What a model writes if the passages hold no answer; the same in every language, so that it is recognised. */
export const NO_ANSWER = 'NO ANSWER';

const texts = new Map<string, string>();

/** Replaces fence marks in untrusted text with characters that look alike but mean nothing. */
export function unfence(text: string): string {
  return text.replace(/<{3,}|>{3,}/g, (run) => (run.startsWith('<') ? '‹' : '›').repeat(run.length));
}

/** The text with white space collapsed, line ends included. */
export function oneLine(text: string): string {
  return text.replace(/\s+/gu, ' ').trim();
}

/** The system message of a prompt. */
export function promptText(name: keyof typeof PROMPTS): string {
  const version = PROMPTS[name];
  let text = texts.get(version);
  if (text === undefined) {
    text = readFileSync(new URL(`./prompts/${version}.md`, import.meta.url), 'utf8').trim();
    texts.set(version, text);
  }
  return text;
}
