import { describe, expect, it } from 'vitest';
import { indexedText, MAX_WORDS, matchAny, questionWords } from '../../core/store/keyword.ts';
import { stopWords } from '../../core/store/stop-words.ts';

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

describe('the text of the keyword index', () => {
  it('has spaces between the segments of Chinese, Japanese and Thai', () => {
    expect(indexedText('北京是中国的首都。', 'segmenter').split(' ')).toEqual(
      expect.arrayContaining(['北京', '中国', '首都']),
    );
    expect(indexedText('กรุงเทพเป็นเมืองหลวง', 'segmenter').split(' ').length).toBeGreaterThan(1);
  });

  it('is the text itself for scripts with spaces', () => {
    expect(indexedText('Ulm, on the Danube.', 'porter')).toBe('Ulm, on the Danube.');
  });
});

describe('the search expression', () => {
  it('asks for any of the words', () => {
    expect(matchAny(['albert', 'einstein'])).toBe('"albert" OR "einstein"');
  });

  it('gives operators and quotes no meaning', () => {
    expect(matchAny(['near', 'not', 'a"b'])).toBe('"near" OR "not" OR "a""b"');
  });
});

describe('stop words', () => {
  it('follow the language, with or without a region', () => {
    expect(stopWords(['de']).has('und')).toBe(true);
    expect(stopWords(['pt-BR']).has('para')).toBe(true);
    expect(stopWords(['en']).has('und')).toBe(false);
  });

  it('are none for a language without a list', () => {
    expect(stopWords(['tlh']).size).toBe(0);
    expect(stopWords([]).size).toBe(0);
  });
});
