/** Knows what of this machine decides which language model it can carry. */
import { findAccelerators, machinePower } from '../runtime/machine.ts';
import type { Machine } from './choose.ts';

/** Memory, cores, and the first accelerator there is. */
export async function thisMachine(): Promise<Machine> {
  const { memory, cores } = machinePower();
  const [accelerator] = await findAccelerators();
  return { totalMemory: memory, cores, accelerator };
}
