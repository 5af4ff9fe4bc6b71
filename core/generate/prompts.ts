/**
 * The words of the prompts, and untrusted text made harmless in them. The words are files beside this one, each with a version in its name. A change of wording is a new version, so that
 * what was measured or kept under one is never taken for another's.
 */
import { readFileSync } from 'node:fs';

/** The version of each prompt that is in use. */
export const PROMPTS = {
  answer: 'answer.v1',
  bare: 'bare.v1',
  standalone: 'standalone.v1',
  hyde: 'hyde.v1',
  'step-back': 'step-back.v1',
  variants: 'variants.v1',
} as const;

/** What a model writes where the passages hold no answer; the same in every language, so that it can be recognised. */
export const NO_ANSWER = 'NO ANSWER';

const texts = new Map<string, string>();

/** Fence marks in untrusted text lose their meaning and keep their look. */
export function unfence(text: string): string {
  return text.replace(/<{3,}|>{3,}/g, (run) => (run.startsWith('<') ? '‹' : '›').repeat(run.length));
}

/** White space collapsed, line ends too. */
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
