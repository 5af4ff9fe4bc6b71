/**
 * The process of one build: takes one order, reports whether the build has begun, and outlives its starter.
 */
import { carryOut, type RunnerOrder, type RunnerReply } from '../build-process.ts';
import { CoreError, toWire } from '../errors.ts';
import { sessionGivesWay } from './priority.ts';

sessionGivesWay();

const ending = new AbortController();
for (const name of ['SIGINT', 'SIGTERM'] as const)
  process.on(name, () => ending.abort(new CoreError('cancelled', 'Cancelled.')));

/** Before it has an order, the process ends with its starter. */
const unordered = () => process.exit(1);
process.once('disconnect', unordered);

process.once('message', async (order: RunnerOrder) => {
  process.removeListener('disconnect', unordered);
  let told = false;
  const reply = (message: RunnerReply) =>
    new Promise<void>((resolve) => {
      if (told || !process.connected) return resolve();
      told = true;
      process.send?.(message, () => resolve());
    });
  try {
    await carryOut(order, () => void reply({ type: 'begun' }), ending.signal);
    process.exit(0);
  } catch (error) {
    await reply({ type: 'refused', error: toWire(error) });
    process.exit(1); // a child process that is still there would keep this one alive
  }
});
