import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openSearcher } from '../../core/index/search/client.ts';
import { buildPaths } from '../../core/store/build-folder.ts';
import { activeBuild, previousBuild } from '../../core/store/builds.ts';
import { randomNumbers } from '../fixtures/corpus.ts';
import { clusteredVectors } from '../fixtures/vectors.ts';

const SEED = 20_261_124;
const DIMENSIONS = 48;
const PROCESS = resolve(import.meta.dirname, '../fixtures/index-process.ts');
/** Where a kill falls: behind so many lines of a step, and so many milliseconds (at most); sooner where the step is over. */
interface Aim {
  step: string;
  lines: number;
  ms: number;
}
const each = (step: string, lines: number[], ms: number): Aim[] =>
  lines.map((line) => ({ step, lines: line, ms }));
const aims = (training: number[], coding: number[]): Aim[] => [
  ...each('train', training, 20),
  ...each('codebooks', [1, 3, 2, 3], 30),
  ...each('encode', coding, 3),
  ...each('write', [1], 0),
  ...each('write', [1, 1], 6),
  ...each('verify', [1, 1, 1], 300),
  ...each('swap', [1, 1], 5),
];
const RECIPES = [
  { recipe: 'IVF128,PQ12', aimed: aims([1, 1, 1, 1], [1, 6, 3, 4]) },
  // Two levels over principal components, with a graph over the lists and vectors compared in groups: killed twice in the
  // first level or the second, then behind the second, and in a round over all lists.
  { recipe: 'PCA24,IVF4096_HNSW32,PQ12', aimed: aims([4, 6, 1, 1], [1, 1, 1, 1]) },
];

const ORDER = ['train', 'codebooks', 'encode', 'write', 'written', 'verify', 'swap', 'done'];

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'footnote-index-kill-'));
});
afterEach(() => rm(root, { recursive: true, force: true }));

interface Run {
  child: ChildProcess;
  /** The steps that it told so far. */
  steps(): string[];
  ended: Promise<number | null>;
}

function run(name: string, recipe: string, onStep: (run: Run) => void = () => undefined): Run {
  const child = spawn(process.execPath, ['--import', 'tsx', PROCESS, root, name, recipe], {
    stdio: ['ignore', 'pipe', 'inherit'],
    detached: true, // leads a process group: the kill takes its workers along
  });
  let said = '';
  const ended = once(child, 'close').then(([status]) => status as number | null);
  const self = { child, ended, steps: () => said.trim().split('\n') };
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    said += text;
    onStep(self);
  });
  return self;
}

/** Kills "stormy" behind `lines` lines of a step and `ms`; gives the last step it told, `done` where it was faster. */
async function killAt(recipe: string, { step, lines, ms }: Aim): Promise<string> {
  const after = ORDER.slice(ORDER.indexOf(step) + 1);
  const kill = ({ child, steps }: Run) => {
    const told = steps();
    const due =
      told.filter((line) => line === step).length >= lines || after.some((later) => told.includes(later));
    if (!due || killing) return;
    killing = true;
    setTimeout(() => child.exitCode === null && process.kill(-(child.pid as number), 'SIGKILL'), ms);
  };
  let killing = false;
  const killed = run('stormy', recipe, kill);
  await killed.ended;
  return killed.steps().at(-1)?.split(' ')[0] ?? '';
}

const bytesOf = async (name: string) => {
  const folder = buildPaths(root, name).index;
  const names = (await readdir(folder)).sort();
  return Promise.all(names.map(async (file) => [file, await readFile(join(folder, file), 'base64')]));
};

test.each(RECIPES)(
  'an index of $recipe that is killed $aimed.length times while it is trained, coded, written, verified and swapped in has the same bytes',
  async ({ recipe, aimed }) => {
    const calm = run('calm', recipe);
    expect(await calm.ended).toBe(0);
    expect(await activeBuild(root)).toBe('calm');
    const live = await openSearcher({ folder: buildPaths(root, 'calm').index });
    const query = clusteredVectors(1, DIMENSIONS, { seed: 3 });
    const answer = await live.search(query, { k: 10 });

    const random = randomNumbers(SEED);
    const reached: string[] = [];
    for (const { step, lines, ms } of aimed) {
      reached.push(await killAt(recipe, { step, lines, ms: random(ms) }));
      if (reached.at(-1) === 'done') continue;
      expect(['calm', 'stormy']).toContain(await activeBuild(root));
      expect(await live.search(query, { k: 10 })).toEqual(answer);
    }
    await live.close();
    console.log(`seed ${SEED}; killed behind: ${reached.join(', ')}`);
    for (const step of ['train', 'codebooks', 'encode', 'verify']) expect(reached).toContain(step);
    // Writing takes milliseconds: on a busy machine each kill may come just behind it.
    expect(reached.some((step) => step === 'write' || step === 'written')).toBe(true);

    const last = run('stormy', recipe);
    expect(await last.ended).toBe(0);
    expect(last.steps().at(-1)).toBe(calm.steps().at(-1)); // as many lists, the same recall
    expect(await bytesOf('stormy')).toEqual(await bytesOf('calm'));
    expect([await activeBuild(root), await previousBuild(root)]).toEqual(['stormy', 'calm']);
  },
);
