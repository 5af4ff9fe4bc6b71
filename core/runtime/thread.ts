/**
 * Starts threads of a worker process, compiled or from source. Knows no messages. Native modules stay out of threads.
 */
import { Worker } from 'node:worker_threads';
import { entryBeside } from './host.ts';

/** A thread that runs the module `name` beside `from`. */
export function startThread(from: string, name: string): Worker {
  const { href } = entryBeside(from, `${name}.thread`);
  if (!href.endsWith('.ts')) return new Worker(new URL(href));
  // The loader that the process was started with does not apply to its threads.
  const loader = import.meta.resolve('tsx/esm/api');
  return new Worker(
    `import(${JSON.stringify(loader)}).then(({ register }) => (register(), import(${JSON.stringify(href)})))`,
    { eval: true },
  );
}
