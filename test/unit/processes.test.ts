import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { expect, it } from 'vitest';
import { processesUnder } from '../../core/runtime/processes.ts';

const STARTS_A_CHILD = `
  const child = require('node:child_process').spawn('sleep', ['60']);
  child.once('spawn', () => require('node:worker_threads').parentPort.postMessage(child.pid));
`;

it.runIf(process.platform === 'linux')(
  'processes that a thread started are found, with their memory',
  async () => {
    const thread = new Worker(STARTS_A_CHILD, { eval: true });
    const [pid] = (await once(thread, 'message')) as [number];
    try {
      const found = await processesUnder(process.pid);
      const [own, child] = [process.pid, pid].map((wanted) => found.find((facts) => facts.pid === wanted));
      expect(child).toMatchObject({ parent: process.pid });
      expect(own?.memory).toBeGreaterThan(1e7);
      expect(own?.peak).toBeGreaterThanOrEqual((own?.memory ?? 0) * 0.9);
    } finally {
      process.kill(pid);
      await thread.terminate();
    }
  },
);
