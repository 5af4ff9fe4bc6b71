/**
 * The host's side: forks a worker process, calls it, cancels calls, and restarts it after a crash.
 * Knows processes and messages; never what an operation means.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { setPriority } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { CoreError, fromWire, isCoreError, throwIfAborted } from '../errors.ts';
import { abortable } from './abortable.ts';
import { restartsArgument } from './processes.ts';
import type { EventOf, Operations, Reply } from './protocol.ts';

export interface CallOptions<E> {
  signal?: AbortSignal | undefined;
  onEvent?: ((event: E) => void) | undefined;
  /** For calls that may be repeated: retried once, in a new process, if the first one crashes. */
  again?: boolean | undefined;
}

export type Call<Ops extends Operations<Ops>> = <Op extends keyof Ops & string>(
  op: Op,
  input: Ops[Op]['in'],
  options?: CallOptions<EventOf<Ops[Op]>>,
) => Promise<Ops[Op]['out']>;

export interface WorkerSpec<Ops extends Operations<Ops>> {
  /** Shown in errors and process lists. */
  name: string;
  /** The worker's entry module, see {@link workerEntry}. */
  entry: URL;
  /** Brings a fresh process to the state callers expect (loads the model, opens the index). */
  restore?: (call: Call<Ops>) => Promise<void>;
  /** How long a cancelled call may continue before its process is killed, in ms. */
  graceMs?: number;
  /** Niceness of the process and of those it starts, 0 to 19; when absent, the same as the host's. */
  niceness?: number;
}

export interface WorkerStats {
  name: string;
  pid: number | undefined;
  restarts: number;
}

export interface Worker<Ops extends Operations<Ops>> {
  call: Call<Ops>;
  stop(): Promise<void>;
  stats(): WorkerStats;
}

interface Pending {
  resolve(value: unknown): void;
  reject(error: unknown): void;
  onEvent: ((event: never) => void) | undefined;
}

const BACK_OFF_MS = { first: 250, most: 30_000, forgetAfter: 60_000 };
const STDERR_KEPT = 4_000;

/** A worker process that is started by its first call, and by the next one after a crash, with back-off. */
export function startWorker<Ops extends Operations<Ops>>(spec: WorkerSpec<Ops>): Worker<Ops> {
  const pending = new Map<number, Pending>();
  let child: ChildProcess | undefined;
  let ready: Promise<void> | undefined;
  let stopped = false;
  let nextId = 1;
  let crashes = 0;
  let restarts = 0;
  let lastCrash = 0;

  const onExit = (dead: ChildProcess, code: number | null, signal: NodeJS.Signals | null, stderr: string) => {
    if (child !== dead) return;
    child = undefined;
    ready = undefined;
    if (!stopped) {
      crashes = Date.now() - lastCrash > BACK_OFF_MS.forgetAfter ? 1 : crashes + 1;
      lastCrash = Date.now();
    }
    const error = new CoreError(
      'worker-crashed',
      `The ${spec.name} process ended ${signal === null ? `with exit status ${code}` : `by ${signal}`}.`,
      {
        retryable: true,
        hint: 'It starts again by itself; `footnote doctor` checks its native module.',
        details: { stderr },
      },
    );
    for (const { reject } of pending.values()) reject(error);
    pending.clear();
  };

  const spawn = async (): Promise<void> => {
    if (crashes > 0) {
      restarts += 1;
      await delay(Math.min(BACK_OFF_MS.first * 2 ** (crashes - 1), BACK_OFF_MS.most));
    }
    const started = forkEntry(spec, restarts);
    child = started;
    let stderr = '';
    started.stderr?.on('data', (data: Buffer) => {
      stderr = (stderr + data.toString()).slice(-STDERR_KEPT);
    });
    await new Promise<void>((resolve, reject) => {
      started.on('error', reject);
      started.on('exit', (code, signal) => {
        onExit(started, code, signal, stderr);
        reject(
          new CoreError(
            'native',
            `The ${spec.name} process did not start${stderr ? `: ${firstLine(stderr)}` : '.'}`,
            {
              hint: 'Run `footnote doctor` to see which native module is missing and how to mend it.',
              details: { stderr },
            },
          ),
        );
      });
      started.on('message', (reply: Reply<Ops>) => {
        if (reply.type === 'ready') return resolve();
        const waiting = pending.get(reply.id);
        if (reply.type === 'event') waiting?.onEvent?.(reply.event as never);
        else {
          pending.delete(reply.id);
          if (reply.type === 'result') waiting?.resolve(reply.value);
          else waiting?.reject(fromWire(reply.error));
        }
      });
    });
    await spec.restore?.(send);
  };

  const send: Call<Ops> = (op, input, options = {}) => {
    const target = child;
    if (target === undefined)
      return Promise.reject(
        new CoreError('worker-crashed', `The ${spec.name} process is gone.`, { retryable: true }),
      );
    const id = nextId++;
    const { signal, onEvent } = options;
    return new Promise<Ops[typeof op]['out']>((resolve, reject) => {
      let grace: NodeJS.Timeout | undefined;
      const cancel = () => {
        target.send({ type: 'cancel', id }, () => undefined);
        // A synchronous native call cannot be interrupted: after the grace period its process is killed.
        grace = setTimeout(() => target.kill('SIGKILL'), spec.graceMs ?? 3_000);
        grace.unref();
      };
      const settle = () => {
        clearTimeout(grace);
        signal?.removeEventListener('abort', cancel);
      };
      pending.set(id, {
        resolve: (value) => {
          settle();
          resolve(value as Ops[typeof op]['out']);
        },
        reject: (error) => {
          settle();
          reject(signal?.aborted ? signal.reason : error);
        },
        onEvent: onEvent as ((event: never) => void) | undefined,
      });
      signal?.addEventListener('abort', cancel, { once: true });
      // Sending fails only while the process is exiting. Its exit handler rejects the call, once a new one can start.
      target.send({ type: 'call', id, op, input }, () => undefined);
    });
  };

  const call: Call<Ops> = async (op, input, options = {}) => {
    if (stopped) throw new CoreError('internal', `The ${spec.name} process was stopped.`);
    throwIfAborted(options.signal);
    ready ??= spawn();
    const current = ready;
    const started = current.catch((error) => {
      // A failed start leaves no half-started process behind; the next call starts a new one.
      if (ready === current) {
        ready = undefined;
        child?.kill('SIGKILL');
        child = undefined;
      }
      throw error;
    });
    started.catch(() => undefined); // an aborted call no longer waits for it
    await abortable(started, options.signal);
    return send(op, input, options);
  };

  return {
    async call(op, input, options = {}) {
      try {
        return await call(op, input, options);
      } catch (error) {
        throwIfAborted(options.signal);
        if (!options.again || !isCoreError(error) || error.code !== 'worker-crashed') throw error;
        return call(op, input, options);
      }
    },
    async stop() {
      stopped = true;
      const last = child;
      if (last === undefined || last.exitCode !== null) return;
      const gone = new Promise<void>((resolve) => last.once('exit', () => resolve()));
      if (last.connected) last.disconnect();
      const timer = setTimeout(() => last.kill('SIGKILL'), spec.graceMs ?? 3_000);
      await gone;
      clearTimeout(timer);
    },
    stats: () => ({ name: spec.name, pid: child?.pid, restarts }),
  };
}

function forkEntry<Ops extends Operations<Ops>>(spec: WorkerSpec<Ops>, restarts: number): ChildProcess {
  const path = fileURLToPath(spec.entry);
  const fromSource = path.endsWith('.ts');
  const child = fork(path, restarts > 0 ? [restartsArgument(restarts)] : [], {
    serialization: 'advanced', // passes typed arrays unchanged
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'], // what native code prints must not get into the results on stdout
    execArgv: fromSource ? ['--import', 'tsx'] : [],
  });
  if (spec.niceness !== undefined && child.pid !== undefined) setPriority(child.pid, spec.niceness);
  return child;
}

/** The entry module beside `from`: compiled or source, like `from` itself. */
export function workerEntry(from: string, name: string): URL {
  return entryBeside(from, `${name}.worker`);
}

/** The module `name` beside `from`: compiled or source, like `from` itself. */
export function entryBeside(from: string, name: string): URL {
  return new URL(`${name}.${from.endsWith('.ts') ? 'ts' : 'js'}`, from);
}

function firstLine(text: string): string {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  return (lines.find((line) => /error/i.test(line)) ?? lines[0] ?? '').trim().slice(0, 300);
}
