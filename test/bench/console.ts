/**
 * What the console costs: from its start to the first frame, while a thousand events a second come, and after a day of them;
 * and what it writes to the terminal meanwhile.
 * The console runs on a pseudo-terminal of util-linux's `script`; without that there is only the last of the three.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Writable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { openTerminal } from '../../console/terminal.tsx';
import { quantile } from '../../core/evaluate/bootstrap.ts';
import { installation, type JournalEntry, processesUnder } from '../../core/index.ts';
import { buildPaths } from '../../core/store/build-folder.ts';
import { lockBuild } from '../../core/store/build-lock.ts';
import type { Table } from './table.ts';

const STARTS = 9;
const EVENTS_A_SECOND = 1_000;
const WATCHED_MS = 15_000;
const HOURS = 24;
const FIRST_FRAME = '╭─';
const PATIENCE_MS = 60_000;
const TOTAL = 50_000_000;

export async function run(): Promise<Table[]> {
  const data = await mkdtemp(join(tmpdir(), 'footnote-bench-'));
  try {
    const rows = [...(await firstFrames(data)), ...(await underEvents(data)), await afterADay()];
    return [{ name: 'Console', rows }];
  } finally {
    await rm(data, { recursive: true });
  }
}

/** The console on a terminal of 120 x 40. */
function start(data: string) {
  const program = join(installation().root, 'deploy', 'footnote.mjs');
  const command = `stty cols 120 rows 40; exec ${process.execPath} ${program} console --data ${data}`;
  const child = spawn('script', ['-qfec', command, '/dev/null'], { stdio: ['pipe', 'pipe', 'ignore'] });
  child.on('error', () => undefined); // there is no `script`: it says nothing and ends
  return child;
}

/** Waits for a text on the terminal; false where the program ended without it. Throws where it never comes. */
async function seen(child: ReturnType<typeof start>, text: string): Promise<boolean> {
  let said = '';
  let timer: NodeJS.Timeout | undefined;
  const found = new Promise<boolean>((resolve, reject) => {
    child.stdout.on('data', (bytes) => {
      said += bytes;
      if (said.includes(text)) resolve(true);
    });
    child.on('close', () => resolve(false));
    timer = setTimeout(() => reject(new Error(`The console never showed "${text}".`)), PATIENCE_MS);
  });
  return found.finally(() => clearTimeout(timer));
}

async function leave(child: ReturnType<typeof start>): Promise<void> {
  if (child.exitCode !== null) return;
  child.stdin.write('q');
  await once(child, 'close');
}

async function firstFrames(data: string): Promise<Table['rows']> {
  const times: number[] = [];
  for (let count = 0; count < STARTS; count++) {
    const started = performance.now();
    const child = start(data);
    if (!(await seen(child, FIRST_FRAME))) return [];
    times.push(performance.now() - started);
    await leave(child);
  }
  times.sort((a, b) => a - b);
  return [
    { what: `start to first frame, median of ${STARTS}`, figure: `${quantile(times, 0.5).toFixed(0)} ms` },
  ];
}

const progress = (at: number, done: number): JournalEntry => ({
  ...{ at, type: 'stage-progress', stage: 'embed', done, total: TOTAL, unit: 'chunks' },
});

/** Entries before the progress of a run whose process is this one. */
const beginning = (at: number): JournalEntry[] => [
  {
    at,
    type: 'run-start',
    pid: process.pid,
    host: hostname(),
    request: { sources: ['/big'], name: 'big' },
    settings: {},
  },
  {
    at,
    type: 'build-start',
    build: 'big',
    resumed: false,
    stages: ['read', 'embed', 'index', 'verify', 'activate'],
  },
  { at, type: 'stage-start', stage: 'embed', unit: 'chunks', total: TOTAL },
];

/** What the console takes and writes while a journal grows by a thousand entries a second and its run is on the screen. */
async function underEvents(data: string): Promise<Table['rows']> {
  const paths = buildPaths(data, 'big');
  const lines = (entries: JournalEntry[]) => entries.map((entry) => `${JSON.stringify(entry)}\n`).join('');
  const release = await lockBuild(paths); // a run without its lock is one whose process ended
  await writeFile(paths.journal, lines(beginning(Date.now())));
  const child = start(data);
  try {
    if (!(await seen(child, 'running'))) return [];
    child.stdin.write('2');
    const consoleOf = async () => (await processesUnder(child.pid ?? 0)).find(({ pid }) => pid !== child.pid);
    let done = 0;
    const write = async () => {
      const at = Date.now();
      const entries = Array.from({ length: EVENTS_A_SECOND / 10 }, (_, index) =>
        progress(at, done + index * 5),
      );
      done += 5 * entries.length;
      await appendFile(paths.journal, lines(entries));
    };
    const timer = setInterval(() => void write(), 100);
    await delay(3_000); // past its start
    const before = await consoleOf();
    const from = performance.now();
    let written = '';
    child.stdout.on('data', (bytes) => {
      written += bytes;
    });
    await delay(WATCHED_MS);
    const after = await consoleOf();
    const ms = performance.now() - from;
    clearInterval(timer);
    const share = ((after?.cpuMs ?? 0) - (before?.cpuMs ?? 0)) / ms;
    return [
      {
        what: `processor while ${EVENTS_A_SECOND} events a second come`,
        figure: `${(100 * share).toFixed(1)} % of one core`,
      },
      { what: 'memory meanwhile, resident', figure: `${((after?.memory ?? 0) / 1e6).toFixed(0)} MB` },
      { what: 'written to the terminal meanwhile', figure: writtenWords(written, ms) },
    ];
  } finally {
    await leave(child);
    await release();
  }
}

const [BEGIN, END] = ['\u001b[?2026h', '\u001b[?2026l'];

/** Frames by the synchronised updates that hold them; what stands between two of those could be seen half-drawn. */
function writtenWords(written: string, ms: number): string {
  const updates = written.split(BEGIN).slice(1);
  const clears = written.split('\u001b[2J').length - 1;
  const between = updates.slice(0, -1).map((update) => update.split(END)[1] ?? '');
  const rate = (1_000 * updates.length) / ms;
  const each = Buffer.byteLength(written) / Math.max(1, updates.length);
  return `${rate.toFixed(1)} frames a second of ${each.toFixed(0)} bytes, ${clears} screens cleared, ${between.join('').length} bytes outside of an update`;
}

/** Heap that a day of events, told one after the other, leaves behind. */
async function afterADay(): Promise<Table['rows'][number]> {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const stdout = Object.assign(new Writable({ write: (_bytes, _encoding, done) => done() }), {
    ...{ columns: 120, rows: 40, isTTY: true, getColorDepth: () => 8 },
  });
  const stdin = Object.assign(new PassThrough(), {
    isTTY: true,
    setRawMode: () => stdin,
    ref: () => stdin,
    unref: () => stdin,
  });
  const terminal = openTerminal({ stdout: stdout as never, stdin: stdin as never });
  const tell = async (seconds: number, from: number) => {
    for (let second = 0; second < seconds; second++) {
      const at = from + second * 1_000;
      terminal.send({ type: 'tick', now: at });
      terminal.send({
        type: 'run',
        name: 'big',
        entries: [progress(at, (from + second) % TOTAL), { at, type: 'warning', message: `at ${at}` }],
        alive: true,
      });
      if (second % 3_600 === 0) await delay(300); // lets it draw
    }
    collect();
    return process.memoryUsage().heapUsed / 1e6;
  };
  terminal.send({ type: 'run', name: 'big', entries: beginning(0), alive: true });
  const first = await tell(3_600, 0);
  const last = await tell((HOURS - 1) * 3_600, 3_600_000);
  terminal.close();
  return {
    what: `heap after ${HOURS} simulated hours of events, after one`,
    figure: `${last.toFixed(1)} MB, ${first.toFixed(1)} MB`,
  };
}
