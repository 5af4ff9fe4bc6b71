/**
 * What a command gets: settings, how to print, when to stop. Knows the global options and the rules of stdout; no command.
 */
import type { Command } from 'commander';
import { readSettings, type SettingName, type Settings } from '../core/index.ts';
import { type Progress, startProgress } from './progress.ts';
import type { Terminal } from './terminal.tsx';

export interface Context {
  settings: Settings;
  /** Results as JSON instead of text. */
  json: boolean;
  /** Columns of the terminal on stdout; undefined if stdout is none. */
  columns: number | undefined;
  signal: AbortSignal;
  /** A result's text, or with `--json` its one document. */
  print(text: string): void;
  printJson(document: unknown): undefined;
  /** With `--json`, one event per line. */
  printLine(event: unknown): void;
  /** Words for a person, on stderr. */
  say(line: string): void;
  progress: Progress;
  /** The console's screen, if it was drawn before anything else was loaded. */
  terminal?: Terminal | undefined;
}

/** Runs a command with its context; the number it returns is the exit status. */
export type Action<Args extends unknown[]> = (context: Context, ...args: Args) => Promise<number | undefined>;

/** Turns a command's action into what commander calls, with the context first. */
export type Runner = <Args extends unknown[]>(action: Action<Args>) => (...args: Args) => Promise<void>;

/** Options of every command besides the settings. */
export interface GlobalOptions {
  json?: boolean;
  debug?: boolean;
}

export type Flags = Partial<Record<SettingName, unknown>>;

/** The context of one run of `command`. Throws `CoreError('usage')` for a setting that is not valid. */
export function contextOf(command: Command, signal: AbortSignal, terminal?: Terminal): Context {
  const options = command.optsWithGlobals<GlobalOptions & Flags>();
  const { settings } = readSettings(options);
  const write = (text: string) => process.stdout.write(`${text}\n`);
  return {
    settings,
    json: options.json === true,
    columns: process.stdout.isTTY ? process.stdout.columns : undefined,
    signal,
    print: write,
    printJson(document) {
      write(JSON.stringify(document, null, 2));
    },
    printLine: (event) => write(JSON.stringify(event)),
    say: (line) => process.stderr.write(`${line}\n`),
    progress: startProgress(process.stderr),
    terminal,
  };
}
