/**
 * The most memory that this process and all below it took, as Linux tells it; elsewhere that of this process only.
 */
import { processesUnder } from '../runtime/processes.ts';

/** Highest resident bytes of each process so far, added up; pages of mapped files count, whoever shares them. */
export async function peakMemory(): Promise<number> {
  const processes = await processesUnder(process.pid);
  if (processes.length === 0) return process.resourceUsage().maxRSS * 1_024;
  return processes.reduce((sum, { peak }) => sum + peak, 0);
}
