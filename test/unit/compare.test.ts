/** Methods side by side, and what becomes of a vote. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { methodList } from '../../console/commands/evaluate.ts';
import { type MethodResult, sideBySide } from '../../core/compare.ts';
import { readQuestionSet } from '../../core/evaluate/read-set.ts';
import type { Answer, Hit } from '../../core/types.ts';
import { recordVote, voteRow, votesFile } from '../../core/vote.ts';

const hit = (id: number): Hit =>
  ({
    id,
    rank: 1,
    score: 1,
    scores: {},
    chunk: { id, title: `Title ${id}`, text: `text of ${id}` },
  }) as unknown as Hit;
const result = (method: string, ids: number[], more: Partial<MethodResult> = {}): MethodResult => ({
  ...{ method, plan: method, hits: ids.map(hit), only: [], retrieveMs: 1, warnings: [] },
  ...more,
});

describe('methods side by side', () => {
  it('tell what each found alone and what all found', () => {
    const { methods, shared } = sideBySide([
      result('a', [1, 2]),
      result('b', [2, 3]),
      result('c', [2, 3, 4]),
    ]);
    expect(methods.map(({ only }) => only)).toEqual([[1], [], [4]]);
    expect(shared).toEqual([2]);
  });
  it('leave out one that failed when they say what all found', () => {
    const error = { code: 'internal', message: 'x', retryable: false, details: {} } as const;
    const { shared } = sideBySide([result('a', [1]), result('b', [1]), result('c', [], { error })]);
    expect(shared).toEqual([1]);
    expect(sideBySide([result('a', [1]), result('c', [], { error })]).shared).toEqual([]);
  });
});

it('a list of methods is split at commas, but for those of a plan’s weights', () => {
  expect(methodList('dense, keyword(9) + dense(9) > fuse(1, 2) > top 5,hybrid')).toEqual([
    'dense',
    'keyword(9) + dense(9) > fuse(1, 2) > top 5',
    'hybrid',
  ]);
  expect(methodList(undefined)).toEqual([]);
});

describe('a vote', () => {
  let data: string;
  beforeAll(async () => {
    data = await mkdtemp(join(tmpdir(), 'footnote-votes-'));
  });
  afterAll(() => rm(data, { recursive: true }));

  it('is a row of a question set: the winner’s quotes, the passage that was chosen, or its first one', async () => {
    const quoting = {
      citations: [
        { supported: true, title: 'Kolm', quote: 'dug in 1850' },
        { supported: true, title: 'Asse', quote: 'a river' },
      ],
    } as Answer;
    const compared = (question: string, answer?: Answer) => ({
      ...{ question, build: 'b', shared: [] },
      methods: [result('a', [1, 2]), result('b', [3], answer && { answer })],
    });
    await recordVote(data, { compared: compared('One?'), winner: 'a' });
    await recordVote(data, { compared: compared('Two?'), winner: 'a', passage: 2 });
    await recordVote(data, { compared: compared('Three?', quoting), winner: 'b' });
    await recordVote(data, { compared: compared('Four?'), winner: undefined });
    const { questions, leftOut } = await readQuestionSet([votesFile(data)]);
    expect(questions.map(({ question, answers, goldTitle }) => [question, answers, goldTitle])).toEqual([
      ['One?', ['text of 1'], 'Title 1'],
      ['Two?', ['text of 2'], 'Title 2'],
      ['Three?', ['dug in 1850'], 'Kolm'],
    ]);
    expect(leftOut).toEqual({ 'no answers': 1 });
  });
  it('for a method that is called none is another row than one for none of them', () => {
    const compared = { question: 'One?', build: 'b', shared: [], methods: [result('none', [1])] };
    expect(voteRow({ compared, winner: 'none' })).toMatchObject({ vote: 'none', answers: ['text of 1'] });
    expect(voteRow({ compared, winner: undefined })).toMatchObject({ vote: null, answers: [] });
  });
});
