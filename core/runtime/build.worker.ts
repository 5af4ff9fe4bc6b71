/**
 * The process of one build: takes one order, says whether the build has begun, and goes on when its starter is gone.
 */
import { carryOut, type RunnerOrder, type RunnerReply } from '../build-process.ts';
import { CoreError, toWire } from '../errors.ts';
import { sessionGivesWay } from './priority.ts';

sessionGivesWay();

const ending = new AbortController();
for (const name of ['SIGINT', 'SIGTERM'] as const)
  process.on(name, () => ending.abort(new CoreError('cancelled', 'Cancelled.')));

/** Without an order there is nothing to outlive the starter for. */
const unordered = () => process.exit(1);
process.once('disconnect', unordered);

process.once('message', async (order: RunnerOrder) => {
  process.removeListener('disconnect', unordered);
  let told = false;
  const reply = (message: RunnerReply) => {
    if (!told && process.connected) process.send?.(message);
    told = true;
  };
  try {
    await carryOut(order, () => reply({ type: 'begun' }), ending.signal);
    process.exit(0);
  } catch (error) {
    reply({ type: 'refused', error: toWire(error) });
    process.exitCode = 1;
    if (process.connected) process.disconnect();
  }
});
