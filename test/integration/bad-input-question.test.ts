import { cp, mkdir, mkdtemp, open, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { listBuilds } from '../../core/store/builds.ts';
import type { Answer } from '../../core/types.ts';
import { ALMANAC_WORDS, asJsonl, towns } from '../fixtures/almanac.ts';
import { expectFailure, footnote, footnoteJson, STACK } from '../fixtures/command.ts';
import { realWeights, without } from '../fixtures/weights.ts';
import { writeWordModel } from '../fixtures/word-model.ts';

const smol = await realWeights('SmolLM2-135M-Instruct-Q4_1');

let root: string;
let data: string;
let model: string;
let source: string;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'footnote-bad-question-'));
  data = join(root, 'data');
  model = join(root, 'model');
  source = join(root, 'towns.jsonl');
  await writeWordModel({ folder: model, words: ALMANAC_WORDS, dimensions: 32 });
  await writeFile(source, asJsonl(towns(40)));
  await footnoteJson(['build', source, '--data', data, '--model', model]);
});
afterAll(() => rm(root, { recursive: true, force: true }));

const ask = (question: string, ...more: string[]) => footnote(['ask', question, '--data', data, ...more]);
const quoting = (question: string) =>
  footnoteJson<Answer>(['ask', question, '--data', data, '--generator', 'none']);

describe('a question', () => {
  it.each(['', ' \t ', '?!…'])('without a word (%j) is refused', async (question) => {
    expectFailure(await ask(question), { says: /^The question is empty\.$/, mend: /^Ask in words: / });
  });

  it('of 100,000 characters is cut, and answered with a warning that says so', async () => {
    const answer = await quoting(
      `Who founded Alvenmoor? ${'Tell me more about it. '.repeat(5_000)}`.slice(0, 100_000),
    );
    expect(answer.question).toHaveLength(2_000);
    expect(answer.warnings).toContain('The question was cut to its first 2000 characters.');
  });

  it('in Japanese to an English build is answered or declined, with a warning that names the model’s language', async () => {
    const answer = await quoting('アルヴェンムーアを創設したのは誰ですか？');
    expect(answer.warnings).toContainEqual(
      expect.stringMatching(/seems to be in Japanese.+made for: English\.$/),
    );
    expect(answer.abstained || answer.citations.length > 0).toBe(true);
  });

  it('in German is answered or declined, with a warning that tells the languages', async () => {
    const answer = await quoting('Wer hat Alvenmoor gegründet?');
    expect(answer.warnings).toContainEqual(
      expect.stringMatching(/seems to be in German.+made for: English\.$/),
    );
    expect(answer.abstained || answer.citations.length > 0).toBe(true);
  });

  it('in the build’s language has no warning of languages', async () => {
    const answer = await quoting('Who founded Alvenmoor?');
    expect(answer.warnings).not.toContainEqual(expect.stringMatching(/seems to be in/));
  });

  it('of control characters and markup is taken as text', async () => {
    const answer = await quoting('\u001b[2JWho founded "Alvenmoor" OR (NEAR * ^ {"x": <b>?\r\n');
    expect(answer.question).toBe('[2JWho founded "Alvenmoor" OR (NEAR * ^ {"x": <b>?');
    expect(answer.abstained || answer.citations.length > 0).toBe(true);
  });
});

describe('wrong usage ends with status 2 and says what there is', () => {
  const search = ['search', 'Alvenmoor'];
  it.each([
    ['an unknown method', [...search, '--method', 'psychic'], /psychic/, /hybrid/],
    ['a plan that cannot be read', [...search, '--method', 'dense(5) > juggle(3)'], /juggle/, /./],
    [
      'an unknown index recipe',
      ['build', 'towns.jsonl', '--recipe', 'IVFmany'],
      /"IVFmany" is not an index recipe/,
      /IVF1024/,
    ],
    [
      'an unknown model',
      ['build', 'towns.jsonl', '--model', 'word3vec'],
      /There is no model "word3vec"/,
      /Name a folder/,
    ],
    [
      'an unknown language model',
      ['ask', 'Alvenmoor?', '--generator', 'parrot'],
      /There is no model "parrot"/,
      /GGUF/,
    ],
    [
      'a build’s name with a slash',
      ['build', 'towns.jsonl', '--name', 'a/b'],
      /"a\/b" cannot name a build/,
      /--name NAME/,
    ],
    [
      'a build’s name with ..',
      ['build', 'towns.jsonl', '--name', '..'],
      /"\.\." cannot name a build/,
      /--name NAME/,
    ],
    ['a name that leads elsewhere', ['builds', 'remove', '../../etc'], /cannot name a build/, /--name NAME/],
  ])('%s', async (_, args, says, mend) => {
    expectFailure(await footnote([...args, '--data', data]), { says, mend, status: 2 });
  });
});

describe('a build or a model that is not there', () => {
  it('is named, with the command that shows what is', async () => {
    expectFailure(await footnote(['search', 'x', '--data', data, '--build', 'atlantis']), {
      says: /^Build "atlantis" is not there\.$/,
      mend: /builds list/,
    });
    expectFailure(await footnote(['search', 'x', '--data', join(root, 'nowhere')]), {
      says: /^There is no build in .*nowhere yet\.$/,
      mend: /footnote build SOURCE/,
    });
  });
});

describe('a model folder', () => {
  const build = (folder: string) =>
    footnote(['build', source, '--data', data, '--model', folder, '--name', 'other']);

  it.each([
    [
      'without its tokenizer',
      (folder: string) => rm(join(folder, 'tokenizer.json')),
      /The model folder .* has no tokenizer\.json\.$/,
    ],
    [
      'without its weights',
      (folder: string) => rm(join(folder, 'onnx'), { recursive: true }),
      /The model folder .* has no onnx\/model\.onnx\.$/,
    ],
    [
      'with half a tokenizer',
      (folder: string) => truncate(join(folder, 'tokenizer.json'), 900),
      /tokenizer\.json is not a valid JSON file/,
    ],
    [
      'with half its weights',
      (folder: string) => truncate(join(folder, 'onnx/model.onnx'), 5_000),
      /The weights .*model\.onnx cannot be loaded/,
    ],
    [
      'with a config that does not fit its weights',
      (folder: string) => writeFile(join(folder, 'config.json'), '{"model_type": "bert", "hidden_size": 48}'),
      /gives 32 numbers a token; 48 were expected/,
    ],
  ])('%s is refused by name', async (_, spoil, says) => {
    const folder = join(root, 'spoilt-model');
    await rm(folder, { recursive: true, force: true });
    await cp(model, folder, { recursive: true });
    await spoil(folder);
    expectFailure(await build(folder), { says, mend: /./ });
    expect((await listBuilds(data)).filter(({ whole }) => whole).map(({ name }) => name)).toEqual(['towns']);
    await rm(join(data, 'builds', 'other'), { recursive: true, force: true });
  });

  it('with other weights than the build was made with is refused for questions', async () => {
    const folder = join(root, 'retrained');
    await mkdir(folder);
    await writeWordModel({ folder, words: ALMANAC_WORDS, dimensions: 32, seed: 12 });
    const mismatch = {
      says: /^This build was made with .*: their vectors cannot be compared\.$/,
      mend: /without --model/,
    };
    expectFailure(await footnote(['search', 'x', '--data', data, '--model', folder]), mismatch);

    const kept = join(root, 'kept');
    await cp(model, kept, { recursive: true });
    await writeWordModel({ folder: model, words: ALMANAC_WORDS, dimensions: 32, seed: 12 });
    try {
      expectFailure(await footnote(['search', 'x', '--data', data]), mismatch);
    } finally {
      await cp(kept, model, { recursive: true });
    }
  });
});

describe('a language model file that is damaged costs a warning that names it, and the answer is made of quotes', () => {
  const expectQuotes = async (file: string) => {
    const { status, stdout, stderr } = await ask('Who founded Alvenmoor?', '--generator', file);
    expect(stderr).toMatch(new RegExp(`^Warning: The language model is not available.*${file}`, 'm'));
    expect(stderr).not.toMatch(STACK);
    expect(stdout).toMatch(/Alvenmoor was founded in \d+ by/);
    expect(stdout).toMatch(/ · extractive · /);
    expect(status).toBe(0);
  };

  it('text in place of a model', async () => {
    const file = join(root, 'text.gguf');
    await writeFile(file, 'This is not a language model at all. '.repeat(100));
    await expectQuotes(file);
  });

  it('noise behind a right beginning', async () => {
    const file = join(root, 'noise.gguf');
    const bytes = Buffer.alloc(200_000, 0xa7);
    Buffer.from('474755460300000010000000000000000500000000000000', 'hex').copy(bytes);
    await writeFile(file, bytes);
    await expectQuotes(file);
  });

  it.skipIf(typeof smol === 'string')(`the first megabytes of a model${without(smol)}`, async () => {
    const file = join(root, 'cut.gguf');
    if (typeof smol === 'string') return;
    const whole = await open(smol.weights);
    const { buffer } = await whole.read(Buffer.alloc(8_000_000), 0, 8_000_000, 0);
    await whole.close();
    await writeFile(file, buffer);
    await expectQuotes(file);
  });
});
