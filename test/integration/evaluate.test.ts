/** The command line evaluates a question set over a real build of made-up towns: what it prints, and what a kill costs. */
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readCache } from '../../core/evaluate/cache.ts';
import type { Evaluation, RankedRow } from '../../core/index.ts';
import { ALMANAC_WORDS, asJsonl, towns } from '../fixtures/almanac.ts';
import { expectFailure, footnote, footnoteJson, start } from '../fixtures/command.ts';
import { writeWordModel } from '../fixtures/word-model.ts';

let root: string;
let data: string;
let set: string;
const env = () => ({ FOOTNOTE_DATA: data });

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'footnote-evaluate-'));
  data = join(root, 'data');
  set = join(root, 'towns.jsonl');
  const model = join(root, 'model');
  await writeWordModel({ folder: model, words: ALMANAC_WORDS, dimensions: 32 });
  const list = towns(60);
  await writeFile(join(root, 'corpus.jsonl'), asJsonl(list));
  await footnoteJson(['build', join(root, 'corpus.jsonl'), '--name', 'towns', '--model', model], {
    env: env(),
  });
  const rows = list.flatMap(({ id, title, founder, year }) => [
    {
      qid: `f${id}`,
      question: `Who founded ${title}?`,
      answers: [founder],
      gold_title: title,
      gold_article_id: id,
      early: year < 1400,
    },
    {
      qid: `y${id}`,
      question: `When was ${title} founded?`,
      answers: [String(year)],
      gold_title: title,
      early: year < 1400,
    },
  ]);
  await writeFile(set, rows.map((row) => JSON.stringify(row)).join('\n'));
});
afterAll(() => rm(root, { recursive: true, force: true }));

const evaluate = (...args: string[]) =>
  footnoteJson<Evaluation>(['evaluate', '--set', set, ...args], { env: env() });
const caches = async () =>
  (await readdir(join(data, 'evaluations'))).map((name) => join(data, 'evaluations', name));

describe('footnote evaluate', () => {
  it('with --json prints one document: every method with measures, times and intervals', async () => {
    const methods = 'keyword,dense(20) > top 10';
    const result = await evaluate('--methods', methods, '--limit', '12', '--report', join(root, 'report'));
    expect(result).toMatchObject({ set: 'towns.jsonl', build: 'towns', questions: 12, rows: 120 });
    expect(result.leftOut).toEqual({ 'not in the sample (--limit)': 108 });
    expect(result.methods.map(({ method }) => method)).toEqual(['keyword', 'dense(20) > top 10']);
    for (const one of result.methods) {
      for (const measure of ['recallAt1', 'recallAt10', 'mrrAt10', 'ndcgAt10'] as const) {
        const [low, high] = one.ci95[measure];
        expect(one[measure]).toBeGreaterThanOrEqual(low);
        expect(one[measure]).toBeLessThanOrEqual(high);
      }
      expect(one.p95Ms).toBeGreaterThanOrEqual(one.p50Ms);
    }
    // The town's name stands in question, title and lead: keyword search cannot miss it.
    expect(result.methods[0]).toMatchObject({ recallAt1: 1, recallAt10: 1, mrrAt10: 1 });
    const { who, when } = result.methods[0]?.byType ?? {};
    expect((who?.questions ?? 0) + (when?.questions ?? 0)).toBe(12);
    expect(result.differences).toHaveLength(4);
    expect(result.peakMemoryBytes).toBeGreaterThan(1e7);
    const report = (name: string) => readFile(join(root, 'report', name), 'utf8');
    expect(await report('report.html')).toContain('<svg ');
    expect(await report('report.md')).toMatch(/^# Evaluation: towns/);
    expect(JSON.parse(await report('report.json'))).toMatchObject({ evaluation: result, overlaps: [{}] });
  });

  it('asks the rows that are asked for, and says on stderr what it leaves out', async () => {
    const { status, stdout, stderr } = await footnote(
      ['evaluate', '--set', set, '--methods', 'keyword', '--where', 'early', '--limit', '10'],
      { env: env() },
    );
    expect(status, stderr).toBe(0);
    expect(stderr).toMatch(/left out: \d+ not asked for \(--where\)/);
    expect(stdout).toMatch(/^towns\.jsonl · 10 questions/);
    expect(stdout).toMatch(/^keyword +10 +1\.000 \(1\.000–1\.000\)/m);
  });

  it('keeps the ranked passages of each question with their score at every step, and asks nothing twice', async () => {
    const first = await evaluate('--methods', 'hybrid', '--limit', '8');
    const rows = await readCache<RankedRow>(first.methods[0]?.cache ?? '');
    expect(rows).toHaveLength(8);
    for (const { ids, steps, right } of rows) {
      expect(Object.keys(steps)).toEqual(['dense(100)', 'keyword(100)', 'fuse']);
      for (const scores of Object.values(steps)) expect(scores).toHaveLength(ids.length);
      expect(right[0]?.[0]).toBeLessThanOrEqual(ids.length);
    }
    const { at: _, ...again } = await evaluate('--methods', 'hybrid', '--limit', '8');
    expect(first).toMatchObject(again); // its times too
  });

  it('goes on after a SIGKILL where it was, a torn line and all', async () => {
    const before = new Set(await caches());
    const args = ['evaluate', '--set', set, '--methods', 'dense', '--json'];
    const running = start(args, { env: env() });
    await running.says(/dense, passages/);
    let [path] = [] as string[];
    for (let rows = 0; rows < 5; ) {
      await new Promise((resolve) => setTimeout(resolve, 5));
      [path] = (await caches()).filter((name) => !before.has(name));
      if (path !== undefined) rows = (await readCache(path)).length;
    }
    running.child.kill('SIGKILL');
    await running.ended;
    const kept = (await readCache(path as string)).length;
    expect(kept).toBeLessThan(120);
    await writeFile(path as string, `${await readFile(path as string, 'utf8')}{"qid":"torn`);
    const { stderr, status } = await footnote(['evaluate', '--set', set, '--methods', 'dense'], {
      env: env(),
    });
    expect(status, stderr).toBe(0);
    expect(stderr).toContain(`${kept} known from before`);
    expect(new Set((await readCache<RankedRow>(path as string)).map(({ qid }) => qid)).size).toBe(120);
  });

  it('measures a BEIR set by article ids, over a build of its own corpus', async () => {
    const folder = join(root, 'beir');
    await mkdir(join(folder, 'qrels'), { recursive: true });
    const documents = towns(10).map(({ id, title, text }) => ({
      _id: `town-${id}`,
      title,
      text,
      metadata: {},
    }));
    documents.push({
      _id: 'untitled',
      title: '',
      text: 'The river Ister floods every spring and carries away the bridge.',
      metadata: {},
    });
    await writeFile(join(folder, 'corpus.jsonl'), documents.map((row) => JSON.stringify(row)).join('\n'));
    const queries = documents.map(({ _id, title }) => ({
      _id: `q-${_id}`,
      text: title === '' ? 'bridge carried away' : `founder of ${title}`,
    }));
    await writeFile(join(folder, 'queries.jsonl'), queries.map((row) => JSON.stringify(row)).join('\n'));
    const qrels = documents.map(({ _id }) => `q-${_id}\t${_id}\t1`);
    await writeFile(join(folder, 'qrels', 'test.tsv'), ['query-id\tcorpus-id\tscore', ...qrels].join('\n'));
    await footnoteJson(
      ['build', join(folder, 'corpus.jsonl'), '--name', 'beir', '--model', join(root, 'model')],
      { env: env() },
    );
    const result = await footnoteJson<Evaluation>(
      ['evaluate', '--set', folder, '--methods', 'keyword', '--build', 'beir'],
      { env: env() },
    );
    expect(result).toMatchObject({ set: 'beir/test', questions: 11 });
    expect(result.methods[0]).toMatchObject({ recallAt10: 1 });
  });

  it('beside it, compare shows one question by several methods and keeps a vote', async () => {
    const town = towns(1)[0]?.title as string;
    const args = [
      'compare',
      `Who founded ${town}?`,
      '-k',
      '3',
      '--methods',
      'keyword,dense',
      '--vote',
      'keyword',
    ];
    const { methods } = await footnoteJson<{ methods: Record<string, unknown>[] }>(args, { env: env() });
    expect(methods.map(({ method, plan }) => [method, plan])).toEqual([
      ['keyword', 'keyword(100) > top 3'],
      ['dense', 'dense(100) > top 3'],
    ]);
    for (const { hits, only, timings } of methods)
      expect([hits, only, timings]).toEqual([expect.any(Array), expect.any(Array), expect.any(Object)]);
    const voted = await footnoteJson<Evaluation>(
      ['evaluate', '--set', join(data, 'votes.jsonl'), '--methods', 'keyword'],
      { env: env() },
    );
    expect(voted.methods[0]).toMatchObject({ questions: 1, recallAt1: 1 });
  });

  it('has answers measured: text, citations, and the risk of answering', async () => {
    const rows = [
      { qid: 'u', question: 'Who painted the moon blue?', answers: [], unanswerable: true },
      ...towns(3).map(({ id, title, founder }) => ({
        qid: `a${id}`,
        question: `Who founded ${title}?`,
        answers: [founder],
      })),
    ];
    const path = join(root, 'answers.jsonl');
    await writeFile(path, rows.map((row) => JSON.stringify(row)).join('\n'));
    const { methods, unanswerable } = await footnoteJson<Evaluation>(
      ['evaluate', '--set', path, '--methods', 'keyword', '--answers', '--generator', 'none'],
      { env: env() },
    );
    expect(unanswerable).toBe(1);
    expect(methods[0]?.answers).toMatchObject({
      ...{ generator: 'extractive', questions: 3, unanswerable: 1, contained: 1, exactMatch: 0 },
      ...{ citationRecall: 1, citationPrecision: 1, supportedSentences: 1, promptTokens: 0 },
    });
  });

  it('refuses a method or a set that is not there before anything is asked', async () => {
    const run = (...args: string[]) => footnote(['evaluate', ...args], { env: env() });
    expectFailure(await run('--set', set, '--methods', 'keyword,clairvoyance'), {
      status: 2,
      says: /clairvoyance/,
      mend: /plan|method/,
    });
    expectFailure(await run('--set', join(root, 'gone.jsonl')), {
      says: /There is no question set/,
      mend: /probes/,
    });
  });
});
