/** A corpus built, looked at, asked and removed through the command line, with real weights. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Manifest } from '../../core/types.ts';
import { footnote, jsonLines, start } from '../fixtures/command.ts';
import { lendModels, realWeights } from '../fixtures/weights.ts';

const ARTICLES = [
  {
    title: 'Ada Voss',
    url: 'https://en.wikipedia.org/wiki/Ada_Voss',
    text: 'Ada Voss was a clockmaker. She was born in Kolm in 1901, the third daughter of a miller.\n\nVoss built the tower clock of Kolm, which strikes thirteen.',
  },
  {
    title: 'Kolm',
    url: 'https://en.wikipedia.org/wiki/Kolm',
    text: 'Kolm is a town on the river Asse. Its harbour was dug in 1850.\n\nThe market of Kolm is held on Thursdays.',
  },
  {
    title: 'Asse',
    url: 'https://en.wikipedia.org/wiki/Asse',
    text: 'The Asse is a river of 90 kilometres. It rises in the Grey Hills.',
  },
];
const QUESTION = 'Where was Ada Voss born?';

const weights = await realWeights('bge-small-en-v1.5');
await realWeights('ms-marco-MiniLM-L-12-v2'); // the default method reranks

describe.skipIf(typeof weights === 'string')(
  `with the weights of bge-small-en-v1.5${typeof weights === 'string' ? ` (left out: ${weights})` : ''}`,
  () => {
    let data: string;
    let env: { FOOTNOTE_DATA: string };
    let corpus: string;
    const run = (...args: string[]) => footnote([...args, '--generator', 'none'], { env });
    beforeAll(async () => {
      data = await mkdtemp(join(tmpdir(), 'footnote-cli-'));
      env = { FOOTNOTE_DATA: data };
      await lendModels(data);
      corpus = join(data, 'people.jsonl');
      await writeFile(corpus, ARTICLES.map((article) => JSON.stringify(article)).join('\n'));
    });
    afterAll(() => rm(data, { recursive: true }));

    it('build --json prints typed events, then the manifest', async () => {
      const { status, stdout, stderr } = await run('build', corpus, '--json', '--model', 'bge-small-en-v1.5');
      expect(status, stderr).toBe(0);
      const lines = jsonLines(stdout);
      const manifest = lines.at(-1) as unknown as Manifest;
      expect(lines.slice(0, -1).every(({ type }) => typeof type === 'string')).toBe(true);
      expect(lines[0]).toMatchObject({ type: 'build-start', build: 'people', resumed: false });
      expect(manifest).toMatchObject({ name: 'people', articles: 3, recall: { at10: 1 } });
    });

    it('search --json has the shape that scripts rely on', async () => {
      const { stdout } = await run('search', QUESTION, '-k', '2', '--json');
      const result = JSON.parse(stdout) as { hits: Record<string, unknown>[] };
      expect(result).toMatchObject({ query: QUESTION, build: 'people', method: 'default' });
      expect(result).toHaveProperty('timings.embedMs');
      expect(result).toHaveProperty('timings.searchMs');
      expect(result).toHaveProperty('timings.lookupMs');
      expect(result).toHaveProperty('timings.totalMs');
      expect(result.hits).toHaveLength(2);
      expect(result.hits[0]).toMatchObject({
        ...{ rank: 1, id: 0, title: 'Ada Voss', section: '', url: 'https://en.wikipedia.org/wiki/Ada_Voss' },
        text: expect.stringContaining('born in Kolm'),
        score: expect.any(Number),
      });
    });

    it('ask --json ends with the answer, whose quote stands in the passage it names', async () => {
      const { stdout } = await run('ask', QUESTION, '--json');
      const lines = jsonLines(stdout);
      const answer = lines.at(-1);
      const citations = (answer?.citations ?? []) as { quote: string }[];
      expect(answer).toMatchObject({
        ...{ question: QUESTION, build: 'people', abstained: false, text: expect.stringContaining('Kolm') },
        citations: [{ number: 1, chunkId: 0, title: 'Ada Voss', supported: true }],
      });
      const quotes = citations.map(({ quote }) => quote);
      expect(ARTICLES[0]?.text).toContain(quotes[0]);
      expect(lines[0]?.type).toBe('retrieve-start');
      expect(lines.at(-2)?.type).toBe('answer-end');
    });

    it('ask prints the answer and its citation for a person, and nothing else on stdout', async () => {
      const { status, stdout } = await run('ask', QUESTION);
      expect(status).toBe(0);
      expect(stdout).toMatch(/^.*Kolm.*\[1\]/);
      expect(stdout).toMatch(/^\[1\] Ada Voss — “.*born in Kolm.*”\n {4}https:\/\/en\.wikipedia\.org\//m);
    });

    it('is not called done where the reader of its output goes away before', async () => {
      const { child, ended } = start(['build', corpus, '--name', 'unread', '--json'], { env });
      child.stdout?.once('data', () => child.stdout?.destroy());
      const { status } = await ended;
      expect(status).toBe(141);
      await run('builds', 'remove', 'unread');
    });

    it('goes on where only the reader of its log goes away', async () => {
      const { child, ended } = start(['build', corpus, '--name', 'unheard'], { env });
      child.stderr?.once('data', () => child.stderr?.destroy());
      const { status, stdout } = await ended;
      expect({ status, stdout }).toMatchObject({ status: 0, stdout: expect.stringContaining('is active') });
      await run('builds', 'activate', 'people');
      await run('builds', 'remove', 'unheard');
    });

    it('ends quietly when the reader of its output goes away', async () => {
      const { child, ended } = start(['search', 'Kolm', '--json'], { env });
      child.stdout?.once('data', () => child.stdout?.destroy());
      const { status, stderr } = await ended;
      expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    });

    it('without a command tells what there is and how to ask it', async () => {
      const { status, stdout } = await run();
      expect(status).toBe(0);
      expect(stdout).toContain('"people": 3 articles');
      expect(stdout).toContain('ask "QUESTION"');
    });

    it('builds are listed, verified, activated and removed, the active one never', async () => {
      await run('build', corpus, '--name', 'again', '--model', 'bge-small-en-v1.5');
      expect((await run('builds', 'list')).stdout).toMatch(/^\* {2}again /m);
      expect((await run('builds', 'remove', 'again')).status).toBe(2);
      expect((await run('builds', 'activate', 'people')).stdout).toBe('Build "people" is active.\n');
      expect((await run('builds', 'verify')).stdout).toMatch(/^Build "people" is whole/);
      expect((await run('builds', 'remove', 'again')).status).toBe(0);
      const { builds } = JSON.parse((await run('builds', 'list', '--json')).stdout) as {
        builds: { name: string }[];
      };
      expect(builds.map(({ name }) => name)).toEqual(['people']);
    });

    it('a build is measured with the questions that it is given, and refuses a set that is none before any work', async () => {
      const set = join(data, 'asked.jsonl');
      const build = ['build', corpus, '--name', 'asked', '--model', 'bge-small-en-v1.5', '--questions', set];
      await writeFile(set, 'no question');
      const refused = await run(...build);
      expect(refused.status).not.toBe(0);
      expect(refused.stderr).toContain('asked.jsonl');
      expect((await run('builds', 'list')).stdout).not.toContain('asked');
      await writeFile(set, `${JSON.stringify({ question: QUESTION, answers: ['Kolm'] })}\n`);
      const built = await run(...build);
      expect(built.status, built.stderr).toBe(0);
      expect((await run('builds', 'show', 'asked')).stdout).toMatch(/recall .* 1 question of asked\.jsonl/);
      await run('builds', 'activate', 'people');
      expect((await run('builds', 'remove', 'asked')).status).toBe(0);
    });

    it('Ctrl-C ends a build with 130, and the same command goes on where it was', async () => {
      const many = join(data, 'many.jsonl');
      const lines = Array.from({ length: 200 }, (_, index) =>
        JSON.stringify({
          title: `Clock ${index}`,
          text: `Clock ${index} strikes at ${index} minutes past noon. `.repeat(5),
        }),
      );
      await writeFile(many, lines.join('\n'));
      const args = ['build', many, '--json', '--shard-rows', '16', '--model', 'bge-small-en-v1.5'];
      const running = start(args, { env });
      await running.says(/"stage":"embed".*"done":[1-9]/);
      running.child.kill('SIGINT');
      const stopped = await running.ended;
      expect(stopped.status, stopped.stderr).toBe(130);
      expect(stopped.stderr).toContain('the same command goes on where it was');
      expect((await run('builds', 'list', '--json')).stdout).toContain('"whole": false');
      const resumed = await footnote(args, { env });
      expect(resumed.status, resumed.stderr).toBe(0);
      expect(jsonLines(resumed.stdout)[0]).toMatchObject({ type: 'build-start', resumed: true });
    });
  },
);
