import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type AskProcess, openAskProcess } from '../../core/ask-process.ts';
import { readSettings, type Settings } from '../../core/config.ts';
import type { AskEvent } from '../../core/types.ts';
import { ALMANAC_WORDS, asJsonl, towns } from '../fixtures/almanac.ts';
import { footnoteJson } from '../fixtures/command.ts';
import { writeWordModel } from '../fixtures/word-model.ts';

let root: string;
let settings: Settings;
let process: AskProcess;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'footnote-ask-process-'));
  const [data, model, source] = [join(root, 'data'), join(root, 'model'), join(root, 'towns.jsonl')];
  await writeWordModel({ folder: model, words: ALMANAC_WORDS, dimensions: 32 });
  await writeFile(source, asJsonl(towns(40)));
  await footnoteJson(['build', source, '--data', data, '--model', model]);
  settings = readSettings({ data, generator: 'none', threads: 1 }, { FOOTNOTE_CONFIG: '/nowhere' }).settings;
  process = await openAskProcess(settings);
});
afterAll(async () => {
  await process.close();
  await rm(root, { recursive: true, force: true });
});

const question = () => `Who founded ${towns(1)[0]?.title}?`;

describe('a question process', () => {
  it('knows the build it opened', () => {
    expect(process.manifest.articles).toBe(40);
  });

  it('gives the events and then the answer that the core gives', async () => {
    const events: AskEvent['type'][] = [];
    const asking = process.ask({ question: question() });
    let step = await asking.next();
    for (; !step.done; step = await asking.next()) events.push(step.value.type);
    expect(step.value).toMatchObject({ question: question(), generator: 'extractive', abstained: false });
    expect(step.value.text).toContain(towns(1)[0]?.founder);
    expect(events[0]).toBe('retrieve-start');
    expect(events.at(-1)).toBe('answer-end');
  });

  it('searches, names its model, and makes follow-ups stand alone', async () => {
    const { hits } = await process.search({ question: question(), method: 'keyword', k: 3 });
    expect(hits[0]?.chunk.title).toBe(towns(1)[0]?.title);
    expect(await process.generatorName()).toBeUndefined();
    const history = [{ question: 'a', answer: 'b', topic: 'Alvenmoor' }];
    expect(await process.standalone({ question: 'When did he die?', history, language: 'en' })).toBe(
      'When did he die? (Alvenmoor)',
    );
  });

  it('fails with the core’s own errors', async () => {
    await expect(process.search({ question: ' ' })).rejects.toMatchObject({ code: 'bad-input' });
    await expect(openAskProcess({ ...settings, build: 'missing' })).rejects.toMatchObject({
      code: 'not-found',
    });
  });

  it('ends a question whose signal aborts with the signal’s reason', async () => {
    const reason = new Error('stopped by hand');
    await expect(
      process.ask({ question: question() }, AbortSignal.abort(reason)).next(),
    ).rejects.toBeDefined();
    expect(await process.search({ question: question() })).toMatchObject({ query: question() });
  });
});
