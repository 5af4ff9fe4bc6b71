/**
 * Knows the shape of messages between the host and a worker process. Knows no native module and no operation by name:
 * each worker declares its own closed set of operations as a type.
 */
import type { WireError } from '../errors.ts';

/** What one operation takes and returns, and which events it sends meanwhile. Plain data and typed arrays only. */
export interface Operation {
  in: unknown;
  out: unknown;
  event?: unknown;
}

export type Operations<Ops> = { [Op in keyof Ops]: Operation };

export type EventOf<O> = O extends { event: infer E } ? E : never;

export type Request<Ops extends Operations<Ops>> =
  | { [Op in keyof Ops & string]: { type: 'call'; id: number; op: Op; input: Ops[Op]['in'] } }[keyof Ops &
      string]
  | { type: 'cancel'; id: number };

export type Reply<Ops extends Operations<Ops>> =
  | { type: 'ready' }
  | { type: 'event'; id: number; event: EventOf<Ops[keyof Ops]> }
  | { type: 'result'; id: number; value: Ops[keyof Ops]['out'] }
  | { type: 'failure'; id: number; error: WireError };
