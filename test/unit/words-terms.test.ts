import { describe, expect, it } from 'vitest';
import { stopWords } from '../../core/store/stop-words.ts';
import { MAX_WORDS, questionWords, termReader } from '../../core/store/words/terms.ts';

const english = stopWords(['en']);
const none = new Set<string>();

describe('the words of a question', () => {
  it('leaves out what says nothing about the answer', () => {
    expect(questionWords('Where was Albert Einstein born?', 'porter', english)).toEqual([
      'albert',
      'einstein',
      'born',
    ]);
    expect(questionWords('Who told Lincoln what, and when did he?', 'porter', english)).toEqual([
      'told',
      'lincoln',
      'he',
    ]);
  });

  it('keeps stop words where there is nothing else', () => {
    expect(questionWords('The Who?', 'porter', english)).toEqual(['the', 'who']);
    expect(questionWords('To be or not to be', 'porter', english)).toEqual(['to', 'be', 'or', 'not']);
  });

  it('finds no word in nothing, white space and punctuation', () => {
    for (const question of ['', '   \n', '?!… — “”', '"*" ^ ( ) : -', '🙂'])
      expect(questionWords(question, 'porter', english)).toEqual([]);
  });

  it('takes each word once, whatever its case', () => {
    expect(questionWords('Ulm ULM ulm Ulms', 'porter', english)).toEqual(['ulm', 'ulms']);
  });

  it('keeps the marks that belong to a word', () => {
    expect(questionWords('हिन्दी भाषा', 'unicode61', none)).toEqual(['हिन्दी', 'भाषा']);
    expect(questionWords('Wo liegt Cafe\u0301 Müller?', 'unicode61', stopWords(['de']))).toEqual([
      'liegt',
      'cafe\u0301',
      'müller',
    ]);
  });

  it('cuts a question of 100,000 characters to its first different words', () => {
    const many = Array.from({ length: 20_000 }, (_, index) => `w${index}`).join(' ');
    expect(many.length).toBeGreaterThan(100_000);
    const words = questionWords(many, 'porter', english);
    expect(words).toHaveLength(MAX_WORDS);
    expect(words.slice(0, 2)).toEqual(['w0', 'w1']);
    expect(questionWords('the and '.repeat(12_500), 'porter', english)).toEqual(['the', 'and']);
  });

  it('falls into dictionary segments for scripts without spaces', () => {
    expect(questionWords('東京はどこですか', 'segmenter', none)).toContain('東京');
    expect(questionWords('北京是哪个国家的首都？', 'segmenter', stopWords(['zh']))).toEqual(
      expect.arrayContaining(['北京', '国家', '首都']),
    );
  });
});

describe('the terms of a text', () => {
  it('are stems in lower case without accents, repeated as they are', () => {
    expect(termReader('porter')('Cities of the Danube; a city: Württemberg’s.')).toEqual(
      'citi of the danub a citi wurttemberg s'.split(' '),
    );
    expect(termReader('porter')('Plain ASCII 1,234 words')).toEqual(['plain', 'ascii', '1', '234', 'word']);
  });

  it('are whole words where there are no English stems', () => {
    expect(termReader('unicode61')('Städte an der Donau')).toEqual(['stadte', 'an', 'der', 'donau']);
    expect(termReader('unicode61')('हिन्दी भाषा')).toEqual(['हिन्दी', 'भाषा']);
  });

  it('are dictionary segments in Chinese, Japanese and Thai', () => {
    const terms = termReader('segmenter');
    expect(terms('北京是中国的首都。')).toEqual(expect.arrayContaining(['北京', '中国', '首都']));
    expect(terms('กรุงเทพเป็นเมืองหลวง').length).toBeGreaterThan(1);
  });

  it('are cut where they are longer than any word', () => {
    expect(termReader('unicode61')('x'.repeat(100_000))).toEqual(['x'.repeat(48)]);
  });
});
