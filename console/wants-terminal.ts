/**
 * Whether a command line opens the console. Knows arguments; imports nothing, so that it costs no start time.
 */
export type { Terminal } from './terminal.tsx';

/** Arguments under which `footnote console` prints instead. */
const PRINTS = ['--json', '--help', '-h', '--version', '-V'];

/** Flags without a value. */
const SWITCHES = ['--debug'];
/** A flag whose value is the next word; `-k2` and `--k=2` have theirs. */
const VALUED = /^(?:-k|--[a-z][a-z-]*)$/;

/** @param terminal whether there is one to read keys from and to draw on */
export function wantsTerminal(args: string[], terminal: boolean): boolean {
  if (!terminal || args.some((arg) => PRINTS.includes(arg))) return false;
  const [command] = words(args);
  return command === undefined || command === 'console';
}

/** What is neither a setting's flag nor its value. */
function words(args: string[]): string[] {
  return args.filter((arg, at) => {
    const before = args[at - 1];
    const isValue = before !== undefined && VALUED.test(before) && !SWITCHES.includes(before);
    return !arg.startsWith('-') && !isValue;
  });
}
