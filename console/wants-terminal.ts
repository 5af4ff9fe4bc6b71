/**
 * Whether a command line opens the console. Knows arguments; imports nothing, so that it costs no start time.
 */
export type { Terminal } from './terminal.tsx';

/** Arguments under which `footnote console` prints instead. */
const PRINTS = ['--json', '--help', '-h', '--version', '-V'];

/** @param terminal whether there is one to read keys from and to draw on */
export function wantsTerminal(args: string[], terminal: boolean): boolean {
  if (!terminal) return false;
  return args.length === 0 || (args[0] === 'console' && !args.some((arg) => PRINTS.includes(arg)));
}
