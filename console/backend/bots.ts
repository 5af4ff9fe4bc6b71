/**
 * The bots as a child of the console. Knows how their process is started, followed through its log, and ended.
 */
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Settings } from '../../core/index.ts';
import { forkBots } from '../bots-process.ts';
import type { Send } from './backend.ts';

export interface BotsChild {
  close(): Promise<void>;
}

export function startBots(settings: Settings, send: Send): BotsChild {
  const child = forkBots(['ignore', 'ignore', 'pipe', 'ipc']);
  child.send({ settings });
  send({ type: 'bots-start' });
  const ended = once(child, 'exit');
  createInterface({ input: child.stderr as NodeJS.ReadableStream }).on('line', (line) =>
    send(heardLine(line)),
  );
  void ended.then(([status, signal]) =>
    send({ type: 'bots-end', status: status ?? 1, ...(signal !== null && { signal }) }),
  );
  return {
    async close() {
      child.kill('SIGTERM');
      await ended;
    },
  };
}

/** A line of JSON is an event; any other line is text for a person. */
function heardLine(line: string): Parameters<Send>[0] {
  try {
    const { time, event, ...fields } = JSON.parse(line) as { time: string; event: string };
    return { type: 'bots-event', at: Date.parse(time), event, fields };
  } catch {
    return { type: 'bots-said', line };
  }
}
