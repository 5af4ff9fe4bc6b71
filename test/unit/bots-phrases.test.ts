import { describe, expect, it } from 'vitest';
import { duration, languageOf, PHRASES, type Phrase, say } from '../../bots/phrases/phrases.ts';
import { stopButton } from '../../bots/render/buttons.ts';

const languages = Object.entries(PHRASES);
const keys = Object.keys(PHRASES.en) as Phrase[];
const placeholders = (text: string) => [...new Set(text.match(/\{\w+\}/g))].sort();
const NAME = /^[-_\p{L}\p{N}]{1,32}$/u; // Discord's rule for names of commands and options

describe.each(languages)('the texts in %s', (_, phrases) => {
  it('are complete, with the placeholders of the English ones', () => {
    expect(Object.keys(phrases).sort()).toEqual([...keys].sort());
    for (const key of keys) {
      expect(phrases[key].trim(), key).not.toBe('');
      expect(placeholders(phrases[key]), key).toEqual(placeholders(PHRASES.en[key]));
    }
  });

  it('keep the limits of the platforms', () => {
    const about = (pattern: RegExp) =>
      keys.filter((key) => pattern.test(key)).map((key) => [key, phrases[key]] as const);
    for (const [key, text] of about(/^(command|option)(?!.*About$).+|^(commandAbout)$/)) {
      expect(text, key).toMatch(NAME);
      expect(text, key).toBe(text.toLowerCase());
    }
    for (const [key, text] of about(/^(command|option).+About$/))
      expect(text.length, key).toBeLessThanOrEqual(100);
    for (const [key, text] of about(/^button/)) expect(text.length, key).toBeLessThanOrEqual(75);
    for (const [key, text] of about(/^form.*(Title|Send|Cancel)$/))
      expect(text.length, key).toBeLessThanOrEqual(24);
    for (const [key, text] of about(/^form.*Label$/)) expect(text.length, key).toBeLessThanOrEqual(45);
    expect(phrases.menuAsk.length).toBeLessThanOrEqual(24);
    expect(phrases.privacy.length).toBeLessThanOrEqual(600);
  });

  it('give the two options of a command different names', () => {
    expect(
      new Set([phrases.optionQuestion, phrases.optionPrivate, phrases.optionMethod, phrases.optionLanguage])
        .size,
    ).toBe(4);
    expect(new Set([phrases.optionQuestion, phrases.optionFirst, phrases.optionSecond]).size).toBe(3);
    expect(
      new Set([phrases.commandAsk, phrases.commandCompare, phrases.commandAbout, phrases.commandPrivacy])
        .size,
    ).toBe(4);
  });
});

describe('a locale', () => {
  it.each([
    ['de', 'de'],
    ['pt-BR', 'en'],
    ['es-419', 'es'],
    ['zh_TW', 'zh'],
    ['EN-us', 'en'],
    ['', 'en'],
    ['constructor', 'en'],
  ])('%s is answered in %s', (locale, language) => {
    expect(languageOf(locale)).toBe(language);
  });
});

describe('a phrase', () => {
  it('takes its values as they are, even where one looks like a placeholder', () => {
    expect(say('en', 'searchedFor', { question: '{question} $& $1' })).toBe('Searched for: {question} $& $1');
  });

  it('says waits in the unit that people would use', () => {
    expect([duration('en', 0.2), duration('en', 40), duration('en', 200), duration('de', 8_000)]).toEqual([
      '1 sec',
      '40 sec',
      '3 min',
      '2 Std.',
    ]);
  });

  it('labels buttons in the language of the user', () => {
    expect(stopButton('ja', 'x')[0]?.label).toBe('停止');
  });
});
