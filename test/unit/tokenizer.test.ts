import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Tokenizer } from '@huggingface/tokenizers';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { loadWordPieces } from '../../core/corpus/tokenizer.ts';

const SPECIAL = ['[PAD]', '[UNK]', '[CLS]', '[SEP]', '[MASK]'];
const PIECES = [
  ...SPECIAL,
  'the',
  'glacier',
  'cave',
  '##s',
  'un',
  '##like',
  '##ly',
  '.',
  ',',
  '-',
  '(',
  ')',
  '1',
  '##9',
  '富',
  '山',
  'e',
];
const DEFINITION = {
  version: '1.0',
  truncation: null,
  padding: null,
  added_tokens: SPECIAL.map((content, id) => ({
    id,
    content,
    single_word: false,
    lstrip: false,
    rstrip: false,
    normalized: false,
    special: true,
  })),
  normalizer: {
    type: 'BertNormalizer',
    clean_text: true,
    handle_chinese_chars: true,
    strip_accents: null,
    lowercase: true,
  },
  pre_tokenizer: { type: 'BertPreTokenizer' },
  post_processor: null,
  decoder: { type: 'WordPiece', prefix: '##', cleanup: true },
  model: {
    type: 'WordPiece',
    unk_token: '[UNK]',
    continuing_subword_prefix: '##',
    max_input_chars_per_word: 100,
    vocab: Object.fromEntries(PIECES.map((piece, id) => [piece, id])),
  },
};

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tokenizer-'));
});
afterAll(() => rm(folder, { recursive: true }));

test('counts are the tokenizer’s own, without special tokens', async () => {
  await writeFile(join(folder, 'tokenizer.json'), JSON.stringify(DEFINITION));
  const pieces = await loadWordPieces(folder);
  expect(pieces.count('The glacier-caves, unlikely (199).')).toBe(15);
  const own = new Tokenizer(DEFINITION, {});
  for (const text of [
    '',
    ' \n ',
    'The the THE thé',
    'caves... “unlikely” – 1999–2001 (e.g. x’s)',
    '富士山 and 山.',
    'a\u00a0b\u200bc\ufeffd\u0301 e\u0301',
    'literal [MASK] and [CLS]the[SEP] [mask]',
    `${'x'.repeat(150)} ${'the,'.repeat(50)}`,
    '\ud83d\ude00 \ud800',
  ]) {
    const expected = own.encode(text, { add_special_tokens: false }).ids.length;
    expect([text, pieces.count(text), pieces.count(text)]).toEqual([text, expected, expected]);
  }
});

test.each([
  ['has no tokenizer.json', undefined],
  ['is not a valid JSON file', '{"model":'],
  ['is not a tokenizer', '{"hello": 1}'],
  ['is not a valid JSON file', '3'],
])('a folder whose tokenizer %s is named in the error', async (problem, content) => {
  const broken = await mkdtemp(join(folder, 'broken-'));
  if (content !== undefined) await writeFile(join(broken, 'tokenizer.json'), content);
  const failure = await loadWordPieces(broken).catch((error: unknown) => error);
  expect(failure).toMatchObject({ code: 'bad-input', hint: expect.stringContaining('models pull') });
  expect((failure as Error).message).toContain(broken);
  expect((failure as Error).message).toContain('tokenizer.json');
  expect((failure as Error).message).toContain(problem);
});
