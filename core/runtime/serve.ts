/**
 * The worker's side: answers calls from the host that forked this process. Knows nothing about what the handlers do.
 */
import { CoreError, toWire } from '../errors.ts';
import type { EventOf, Operations, Reply, Request } from './protocol.ts';

export interface CallContext<E> {
  /** Aborted when the host cancels the call; long synchronous work checks it between batches. */
  signal: AbortSignal;
  emit(event: E): void;
}

export type Handlers<Ops extends Operations<Ops>> = {
  [Op in keyof Ops]: (
    input: Ops[Op]['in'],
    context: CallContext<EventOf<Ops[Op]>>,
  ) => Promise<Ops[Op]['out']>;
};

/** Answers calls until the host is gone; then ends the process, so that no orphan keeps memory or files. */
export function serve<Ops extends Operations<Ops>>(handlers: Handlers<Ops>): void {
  const running = new Map<number, AbortController>();
  const send = (reply: Reply<Ops>) => {
    if (process.connected) process.send?.(reply);
  };

  process.on('message', async (request: Request<Ops>) => {
    if (request.type === 'cancel') {
      running.get(request.id)?.abort(new CoreError('cancelled', 'Cancelled.'));
      return;
    }
    const { id, op, input } = request;
    const controller = new AbortController();
    running.set(id, controller);
    try {
      const emit = (event: EventOf<Ops[typeof op]>) => send({ type: 'event', id, event });
      const value = await handlers[op](input, { signal: controller.signal, emit });
      send({ type: 'result', id, value });
    } catch (error) {
      send({ type: 'failure', id, error: toWire(error) });
    } finally {
      running.delete(id);
    }
  });
  process.on('disconnect', () => process.exit(0));
  // Ctrl-C reaches the whole process group: the host decides when a worker ends.
  process.on('SIGINT', () => undefined);
  send({ type: 'ready' });
}
