/**
 * Peak memory of this process and all below it, as Linux reports it; on other systems, of this process only.
 */
import { processesUnder } from '../runtime/processes.ts';

/** Sum of each process's peak resident bytes so far; pages of mapped files count for every process that shares them. */
export async function peakMemory(): Promise<number> {
  const processes = await processesUnder(process.pid);
  if (processes.length === 0) return process.resourceUsage().maxRSS * 1_024;
  return processes.reduce((sum, { peak }) => sum + peak, 0);
}
