/**
 * Failures in words for a person, and the exit status that goes with each. Knows the core's errors; no terminal.
 */
import { toCoreError } from '../core/index.ts';
import { plain } from './words.ts';

export interface Failure {
  /** What is wrong, and how to fix it if that is known. */
  lines: string[];
  /** Exit status: 2 for a wrong use, 130 for a cancelled command, else 1. */
  status: number;
}

/** How any thrown value is shown on stderr. @param debug adds facts and stack */
export function failure(thrown: unknown, debug = false): Failure {
  const error = toCoreError(thrown);
  if (error.code === 'cancelled') return { lines: [error.message], status: 130 };
  const lines = [plain(error.message), ...(error.hint === undefined ? [] : [plain(error.hint)])];
  if (error.code === 'internal' && error.hint === undefined)
    lines.push('This should not happen: run the same command with --debug and report what it prints.');
  if (debug) {
    const facts = Object.entries(error.details).map(([name, value]) => `  ${name}: ${value}`);
    lines.push(`  code: ${error.code}`, ...facts, error.stack ?? '');
    if (error.cause instanceof Error) lines.push(`  caused by: ${error.cause.stack}`);
  }
  return { lines, status: error.code === 'usage' ? 2 : 1 };
}
