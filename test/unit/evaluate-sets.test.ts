/** Question sets in every form that is read; tiny files made here. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { feedbackRow } from '../../bots/state/feedback.ts';
import type { StoredAnswer } from '../../bots/state/state.ts';
import { readQuestionSet } from '../../core/evaluate/read-set.ts';
import { stratifiedSample } from '../../core/evaluate/sample.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'footnote-sets-'));
});
afterAll(() => rm(folder, { recursive: true }));

const lines = (...rows: unknown[]) => rows.map((row) => `${JSON.stringify(row)}\n`).join('');
async function file(name: string, content: string | Uint8Array): Promise<string> {
  const path = join(folder, name);
  await mkdir(join(path, '..'), { recursive: true });
  await writeFile(path, content);
  return path;
}

describe('rows of our own form', () => {
  const rows = [
    {
      qid: 'a',
      question: 'Who?',
      answers: ['Ann'],
      gold_title: 'Kolm',
      gold_article_id: 12,
      in_1k: true,
      share: 0.6,
    },
    { qid: 'b', question: 'Who?', answers: ['Ann'], in_1k: true, share: 0.9 },
    { qid: 'c', question: 'When?', answers: ['1850'], in_1k: false, share: 0.2 },
    { qid: 'd', question: 'Why?', answers: [], in_1k: true },
    { qid: 'e', question: 'Which moon?', answers: [], unanswerable: true, in_1k: true },
    { qid: 'f', answers: ['x'] },
  ];

  it('are read from .jsonl and .jsonl.gz, each question once, every row that is not asked counted', async () => {
    const plain = await readQuestionSet([await file('own.jsonl', lines(...rows))]);
    const packed = await readQuestionSet([await file('own.jsonl.gz', gzipSync(lines(...rows)))]);
    expect(plain.questions).toEqual([
      {
        ...{ qid: 'a', question: 'Who?', answers: ['Ann'], unanswerable: false },
        ...{ goldTitle: 'Kolm', goldArticleId: '12' },
      },
      { qid: 'c', question: 'When?', answers: ['1850'], unanswerable: false },
    ]);
    expect(plain.unanswerable.map(({ qid }) => qid)).toEqual(['e']);
    expect(plain).toMatchObject({
      rows: 6,
      leftOut: { 'asked before': 1, 'no answers': 1, 'no question': 1 },
    });
    expect(packed.questions).toEqual(plain.questions);
  });

  it('are chosen by conditions on their fields', async () => {
    const path = await file('own.jsonl', lines(...rows));
    const ids = async (where: string) =>
      (await readQuestionSet([path], { where })).questions.map(({ qid }) => qid);
    expect(await ids('in_1k')).toEqual(['a']);
    expect(await ids('!in_1k')).toEqual(['c']);
    expect(await ids('share>=0.5,in_1k=true')).toEqual(['a']);
    expect(await ids('share<=0.5')).toEqual(['c']);
    expect(await ids('qid=b')).toEqual(['b']);
    await expect(ids('in_2k')).rejects.toMatchObject({ code: 'usage', message: /no row .* "in_2k"/i });
    await expect(ids('share>=much')).rejects.toMatchObject({ code: 'usage', message: /"share>=much"/ });
  });

  it('get an id by file and line where they have none, and another where two files give the same', async () => {
    const first = await file(
      'first.jsonl',
      lines({ question: 'One?', answers: 'x' }, { qid: '1', question: 'Two?', answers: ['x'] }),
    );
    const second = await file('second.jsonl', lines({ qid: '1', question: 'Three?', answers: ['x'] }));
    const { questions, name } = await readQuestionSet([first, second]);
    expect(questions.map(({ qid }) => qid)).toEqual(['first.jsonl:1', '1', '1~2']);
    expect(name).toBe('first.jsonl + second.jsonl');
    // The same ids whatever is asked, so that kept rows mean the same question.
    const third = await file('third.jsonl', lines({ qid: '1', question: 'Four?', answers: ['x'], set: 'b' }));
    const some = await readQuestionSet([first, second, third], { where: 'set=b' });
    expect(some.questions.map(({ qid }) => qid)).toEqual(['1~3']);
  });

  it('that people gave in a chat are read too', async () => {
    const stored = {
      id: 'x1',
      ask: { text: 'Where was Ada born?' },
      answer: {
        ...{ method: 'hybrid', build: 'b', generator: 'extractive', text: 'Ada was born in Kolm. [1]' },
        citations: [{ supported: true, quote: 'She was born in Kolm', title: 'Ada Voss' }],
      },
      passages: [],
    } as unknown as StoredAnswer;
    const row = (helpful: boolean, reason: string) =>
      `${feedbackRow(stored, { helpful, reason, platform: 'slack', user: 'u' })}\n`;
    const good = await readQuestionSet([await file('good.jsonl', row(true, ''))]);
    expect(good.questions).toMatchObject([
      { question: 'Where was Ada born?', answers: ['She was born in Kolm'], goldTitle: 'Ada Voss' },
    ]);
    await expect(readQuestionSet([await file('bad.jsonl', row(false, ''))])).rejects.toMatchObject({
      code: 'bad-input',
      message: /no question to ask \(1 no answers\)/,
    });
  });
});

it('Natural Questions (open) have `answer` in place of `answers`', async () => {
  const path = await file(
    'NQ-open.dev.jsonl',
    lines({ question: 'when was the harbour dug', answer: ['1850', 'in 1850'] }),
  );
  const { questions } = await readQuestionSet([path]);
  expect(questions[0]).toMatchObject({ question: 'when was the harbour dug', answers: ['1850', 'in 1850'] });
});

describe('SQuAD', () => {
  const squad = {
    version: 'v2.0',
    data: [
      {
        title: 'Grey_Hills',
        paragraphs: [
          {
            context: 'not read',
            qas: [
              {
                id: 's1',
                question: 'How high? ',
                answers: [
                  { text: '90 m', answer_start: 1 },
                  { text: '90 m', answer_start: 1 },
                ],
                is_impossible: false,
              },
              {
                id: 's2',
                question: 'How deep?',
                answers: [],
                plausible_answers: [{ text: '3 m', answer_start: 0 }],
                is_impossible: true,
              },
            ],
          },
        ],
      },
    ],
  };

  it('names its article by the title; what is impossible is unanswerable', async () => {
    const { questions, unanswerable } = await readQuestionSet([
      await file('dev-v2.0.json.gz', gzipSync(JSON.stringify(squad))),
    ]);
    expect(questions).toEqual([
      { qid: 's1', question: 'How high?', answers: ['90 m'], goldTitle: 'Grey Hills', unanswerable: false },
    ]);
    expect(unanswerable.map(({ qid }) => qid)).toEqual(['s2']);
  });

  it('of another shape is refused with the place', async () => {
    const path = await file('other.json', JSON.stringify({ data: [{ title: 'x' }] }));
    await expect(readQuestionSet([path])).rejects.toMatchObject({
      code: 'bad-input',
      message: expect.stringContaining('"data.0.paragraphs"'),
    });
  });
});

describe('a BEIR folder', () => {
  const queries = lines(
    { _id: 'q1', text: 'harbour of Kolm' },
    { _id: 'q2', text: 'river' },
    { _id: 'q3', text: 'moon' },
  );
  const qrels = 'query-id\tcorpus-id\tscore\nq1\td1\t2\nq1\td2\t1\nq1\td3\t0\nq2\td9\t1\n';

  it('gives the queries with their graded articles; those without any are counted', async () => {
    await file('kolm/queries.jsonl', queries);
    await file('kolm/qrels/test.tsv', qrels);
    await file('kolm/qrels/dev.tsv', 'query-id\tcorpus-id\tscore\nq3\td7\t1\n');
    const set = await readQuestionSet([join(folder, 'kolm')]);
    expect(set.name).toBe('kolm/test');
    expect(set.questions.map(({ qid, relevant }) => [qid, relevant])).toEqual([
      ['q1', { d1: 2, d2: 1 }],
      ['q2', { d9: 1 }],
    ]);
    expect(set.leftOut).toEqual({ 'no article judged relevant': 1 });
    const dev = await readQuestionSet([join(folder, 'kolm/qrels/dev.tsv')]);
    expect(dev.questions.map(({ qid }) => qid)).toEqual(['q3']);
  });

  it('without judgements, or with a broken line of them, is refused', async () => {
    await file('bare/queries.jsonl', queries);
    await expect(readQuestionSet([join(folder, 'bare')])).rejects.toMatchObject({
      message: expect.stringContaining('no BEIR set'),
    });
    await file('torn/queries.jsonl', queries);
    await file('torn/qrels/test.tsv', 'query-id\tcorpus-id\tscore\nq1\td1\n');
    await expect(readQuestionSet([join(folder, 'torn')])).rejects.toMatchObject({
      message: expect.stringMatching(/^Line 2 of .*test\.tsv/),
    });
    await file('trec/queries.jsonl', queries);
    await file('trec/qrels/test.tsv', 'q1\t0\t14717500\t1\n');
    await expect(readQuestionSet([join(folder, 'trec')])).rejects.toMatchObject({
      message: expect.stringMatching(/^Line 1 of .*test\.tsv is not query id, corpus id and grade/),
    });
  });
});

describe('what is no question set', () => {
  it.each([
    [
      'a line that is no JSON',
      'x.jsonl',
      '{"question":"a","answers":["b"]}\n{"question":',
      /^Line 2 of .*x\.jsonl is not valid JSON/,
    ],
    ['a line that is no object', 'y.jsonl', '[1]\n', /^Line 1 of .* is not a JSON object/],
    ['an empty file', 'z.jsonl', '', /has no question to ask: it is empty/],
    ['a name of another kind', 'set.csv', 'a,b\n', /not a kind of question set/],
    ['gzip that is none', 'w.jsonl.gz', 'plain', /is not whole gzip data/],
    ['bytes that are no text', 'v.jsonl', Uint8Array.of(0xff, 0xfe), /is not valid UTF-8/],
  ])('%s is refused in one sentence', async (_what, name, content, message) => {
    const refused = await readQuestionSet([await file(name, content)]).catch((error) => error);
    expect(refused).toMatchObject({ code: 'bad-input', message: expect.stringMatching(message) });
    expect(refused.hint).toBeDefined();
  });

  it('a missing file is told with what can be named', async () => {
    await expect(readQuestionSet([join(folder, 'gone.jsonl')])).rejects.toMatchObject({
      code: 'not-found',
      hint: expect.stringContaining('probes'),
    });
  });
});

it('the probes are a question set, each with what it shows', async () => {
  const { questions, leftOut } = await readQuestionSet(['probes']);
  expect(leftOut).toEqual({});
  for (const topic of ['beard', 'glacier', 'beer', 'orange'])
    expect(questions.some(({ question }) => question.toLowerCase().includes(topic))).toBe(true);
  for (const { shows } of questions) expect(shows).toMatch(/\.$/);
});

it('a sample keeps the shares of titles, and is the same at each call', () => {
  const questions = Array.from({ length: 300 }, (_, index) => ({
    ...{
      qid: String(index),
      question: index % 3 === 0 ? 'Who?' : 'When?',
      answers: ['x'],
      unanswerable: false,
    },
    goldTitle: index < 200 ? 'Long' : 'Short',
  }));
  const sample = stratifiedSample(questions, 30);
  expect(sample).toHaveLength(30);
  expect(sample.filter(({ goldTitle }) => goldTitle === 'Long')).toHaveLength(20);
  const who = sample.filter(({ question }) => question === 'Who?').length;
  expect(Math.abs(who - 10)).toBeLessThanOrEqual(2);
  expect(stratifiedSample(questions, 30)).toEqual(sample);
  expect(stratifiedSample(questions, 1_000)).toBe(questions);
});
