import { afterEach, describe, expect, it } from 'vitest';
import { CoreError } from '../../core/errors.ts';
import { startWorker, type Worker } from '../../core/runtime/host.ts';
import { processesUnder } from '../../core/runtime/processes.ts';
import type { EchoOperations } from '../fixtures/echo.worker.ts';

const entry = new URL('../fixtures/echo.worker.ts', import.meta.url);
let worker: Worker<EchoOperations>;
const start = (more: { graceMs?: number; restore?: () => Promise<void> } = {}) => {
  worker = startWorker<EchoOperations>({ name: 'echo', entry, ...more });
  return worker;
};
const isAlive = (pid: number) => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

afterEach(() => worker.stop());

describe('a worker process', () => {
  it('answers with typed arrays as they were sent', async () => {
    const sent = { vectors: Float32Array.of(0.5, -1), ids: Uint32Array.of(7) };
    expect(await start().call('echo', sent)).toEqual(sent);
  });

  it('that takes long to start is not waited for by a call that is aborted, and serves the next one', async () => {
    let ready: () => void = () => undefined;
    const restored = new Promise<void>((resolve) => {
      ready = resolve;
    });
    const running = start({ restore: () => restored });
    const stop = new AbortController();
    const asked = running.call('echo', 'late', { signal: stop.signal });
    setTimeout(() => stop.abort(), 300);
    await expect(asked).rejects.toMatchObject({ code: 'cancelled' });
    ready();
    expect(await running.call('echo', 'next')).toBe('next');
    expect(running.stats().restarts).toBe(0);
  });

  it('sends its events before its result, to the call they belong to', async () => {
    const events: number[] = [];
    const other: number[] = [];
    const running = start();
    await Promise.all([
      running.call('count', 3, { onEvent: (n) => events.push(n) }),
      running.call('count', 1, { onEvent: (n) => other.push(n) }),
    ]);
    expect([events, other]).toEqual([[1, 2, 3], [1]]);
  });

  it('fails with the same typed error on both sides of the border', async () => {
    await expect(start().call('fail', 'Line 7 is broken.')).rejects.toMatchObject({
      code: 'bad-input',
      message: 'Line 7 is broken.',
      hint: 'Mend it.',
      details: { line: 7 },
    });
  });

  it.each(['exit', 'abort', 'throw'] as const)(
    'that dies (%s) fails its calls with a retryable error and is back at the next call',
    async (how) => {
      const running = start();
      await expect(running.call('die', how)).rejects.toMatchObject({
        code: 'worker-crashed',
        retryable: true,
      });
      expect(await running.call('echo', 'back')).toBe('back');
      expect(running.stats().restarts).toBe(1);
    },
  );

  it('that dies in a call which may be made twice is asked once more, and only once', async () => {
    const running = start();
    const first = await running.call('pid', undefined);
    process.kill(first, 'SIGKILL'); // not known to be gone yet
    expect(await running.call('pid', undefined, { again: true })).not.toBe(first);
    await expect(running.call('die', 'exit', { again: true })).rejects.toMatchObject({
      code: 'worker-crashed',
    });
    expect(running.stats().restarts).toBe(2);
  });

  it('is brought back to its state after a crash', async () => {
    let restored = 0;
    const running = start({
      restore: async () => {
        restored += 1;
      },
    });
    await running.call('echo', 1);
    await running.call('die', 'exit').catch(() => undefined);
    await running.call('echo', 2);
    expect(restored).toBe(2);
  });

  it('that cannot be restored says why, and tries again at the next call', async () => {
    let tries = 0;
    const running = start({
      restore: async () => {
        tries += 1;
        if (tries === 1) throw new CoreError('model-missing', 'No model.');
      },
    });
    await expect(running.call('echo', 1)).rejects.toMatchObject({ code: 'model-missing' });
    expect(await running.call('echo', 2)).toBe(2);
  });

  it.runIf(process.platform === 'linux')(
    'that was started again says so where processes are looked at',
    async () => {
      const running = start();
      await running.call('pid', undefined);
      await expect(running.call('die', 'exit')).rejects.toMatchObject({ code: 'worker-crashed' });
      expect(await processesUnder(await running.call('pid', undefined))).toMatchObject([{ restarts: 1 }]);
    },
  );

  it('stops a call that is cancelled and goes on serving', async () => {
    const running = start();
    const pid = await running.call('pid', undefined);
    const controller = new AbortController();
    const waiting = running.call('wait', undefined, { signal: controller.signal });
    controller.abort(new CoreError('cancelled', 'Enough.'));
    await expect(waiting).rejects.toMatchObject({ code: 'cancelled', message: 'Enough.' });
    expect(await running.call('pid', undefined)).toBe(pid);
  });

  it('is ended when a cancelled call blocks it past the grace period', async () => {
    const running = start({ graceMs: 200 });
    const pid = await running.call('pid', undefined);
    const controller = new AbortController();
    const { signal } = controller;
    const onEvent = () => setTimeout(() => controller.abort(new CoreError('cancelled', 'Enough.')), 100);
    const blocked = running.call('block', 20_000, { signal, onEvent });
    await expect(blocked).rejects.toMatchObject({ code: 'cancelled' });
    expect(await running.call('pid', undefined)).not.toBe(pid);
  });

  it('leaves no process behind when it is stopped', async () => {
    const running = start();
    const pid = await running.call('pid', undefined);
    await running.stop();
    expect(isAlive(pid)).toBe(false);
  });

  it('whose entry does not load says so with the reason', async () => {
    worker = startWorker<EchoOperations>({
      name: 'echo',
      entry: new URL('../fixtures/absent.worker.ts', import.meta.url),
    });
    await expect(worker.call('echo', 1)).rejects.toMatchObject({
      code: 'native',
      message: expect.stringContaining('did not start'),
    });
  });
});
