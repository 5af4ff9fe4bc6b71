/**
 * GET /health on the loopback address: whether the bots are connected and keep up. Numbers only: no names, no secrets.
 */
import { createServer } from 'node:http';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { CoreError } from '../core/index.ts';
import type { AdapterHealth } from './surface.ts';

export interface HealthFacts {
  draining: boolean;
  questions: { waiting: number; running: number; answered: number };
  platforms: Record<string, AdapterHealth>;
}

export interface HealthEndpoint {
  port: number;
  /** Restarts the measurement of the event loop, so that start-up does not count. */
  ready(): void;
  close(): Promise<void>;
}

const MS_FROM_NS = 1e-6;
/** The event loop's delay is sampled this often; each measured value includes this interval. */
const RESOLUTION_MS = 10;
const MEBIBYTE = 2 ** 20;

/**
 * Answers 200 while every platform is connected and the bots are not ending, else 503.
 * Throws `CoreError('usage')` if it cannot listen on the port; port 0 takes a free one.
 */
export async function openHealth(port: number, facts: () => HealthFacts): Promise<HealthEndpoint> {
  const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  delay.enable();
  const server = createServer((request, response) => {
    if (request.method !== 'GET' || request.url !== '/health') {
      response.writeHead(404).end();
      return;
    }
    const { draining, questions, platforms } = facts();
    const connected = Object.values(platforms).every((platform) => platform.connected);
    const body = {
      status: draining ? 'ending' : connected ? 'ok' : 'disconnected',
      uptimeSeconds: Math.round(process.uptime()),
      memoryMiB: Math.round(process.memoryUsage.rss() / MEBIBYTE),
      eventLoopDelayMs: {
        p99: Math.max(0, Math.round(delay.percentile(99) * MS_FROM_NS - RESOLUTION_MS)),
        max: Math.max(0, Math.round(delay.max * MS_FROM_NS - RESOLUTION_MS)),
      },
      questions,
      platforms,
    };
    response.writeHead(body.status === 'ok' ? 200 : 503, { 'content-type': 'application/json' });
    response.end(`${JSON.stringify(body)}\n`);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause) =>
      reject(
        new CoreError('usage', `The health endpoint cannot listen on port ${port}.`, {
          hint: 'Choose another port with --health-port.',
          cause,
        }),
      ),
    );
    server.listen(port, '127.0.0.1', resolve);
  });
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : port,
    ready: () => delay.reset(),
    async close() {
      delay.disable();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
