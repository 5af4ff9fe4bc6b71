/**
 * Takes the terminal, draws the console on it, and always gives it back: on leaving, on a signal, on an exception.
 * Bundled into one file for a fast start, so it imports only types from the core.
 */
import { render, Text, useIsScreenReaderEnabled } from 'ink';
import { useMemo, useSyncExternalStore } from 'react';
import { App, Keyboard } from './app.tsx';
import { openCanvas } from './canvas.ts';
import type { Effect, Message } from './state/types.ts';
import { openStore, type Store } from './store.ts';
import { type Colours, ThemeContext, themeOf } from './theme.ts';
import { firstState, openRuns } from './view-state.ts';

export interface Terminal {
  send(message: Message): void;
  /** Sets what carries out effects; those requested before are carried out first. */
  serve(effects: (effect: Effect) => void): void;
  /** Resolves once the console is left: with the builds that go on. */
  left: Promise<string[]>;
  /** Gives the terminal back; may be called twice. */
  close(): void;
}

/** The alternate screen, so that the old content comes back afterwards; bracketed paste; no cursor. */
const ENTER = '\u001b[?1049h\u001b[?2004h\u001b[?25l';
const LEAVE = '\u001b[?2004l\u001b[?1049l\u001b[?25h\u001b[0m';
const TICK_MS = 1_000;

export interface TerminalOptions {
  stdout: NodeJS.WriteStream;
  stdin: NodeJS.ReadStream;
}

/** Draws the first frame at once; the caller brings facts with `send`. */
export function openTerminal({ stdout, stdin }: TerminalOptions): Terminal {
  const size = () => ({ columns: stdout.columns || 80, rows: stdout.rows || 24 });
  const waiting: Effect[] = [];
  let carryOut: ((effect: Effect) => void) | undefined;
  let leave: (open: string[]) => void = () => undefined;
  const left = new Promise<string[]>((resolve) => {
    leave = resolve;
  });
  const store = openStore(firstState(size(), Date.now()), (effect) => {
    if (effect.type === 'quit') return leave(openRuns(store.state()));
    if (effect.type === 'redraw') return canvas.redraw();
    if (carryOut === undefined) waiting.push(effect);
    else carryOut(effect);
  });
  const canvas = openCanvas(stdout);
  const ink = askInk(canvas.stream);
  const { spoken } = ink;
  const colours = stdout.getColorDepth() > 1 ? ink.colours : 0; // Ink does not heed NO_COLOR
  if (!spoken) stdout.write(ENTER);
  // Ink's debug mode writes every frame whole.
  const drawn = spoken ? { stdout, isScreenReaderEnabled: true } : { stdout: canvas.stream, debug: true };
  const app = render(<Root store={store} colours={colours} spoken={spoken} />, {
    ...drawn,
    stdin,
    exitOnCtrlC: false,
    patchConsole: true,
  });
  const onResize = () => {
    canvas.forget();
    store.send({ type: 'resize', ...size() });
  };
  stdout.on('resize', onResize);
  const clock = setInterval(() => store.send({ type: 'tick', now: Date.now() }), TICK_MS);

  let closed = false;
  const close = () => {
    if (closed) return;
    closed = true;
    clearInterval(clock);
    store.close();
    stdout.removeListener('resize', onResize);
    process.removeListener('exit', close);
    canvas.close();
    app.unmount();
    if (stdin.isTTY) stdin.setRawMode(false);
    stdin.pause();
    if (!spoken) stdout.write(LEAVE);
    leave([]);
  };
  process.on('exit', close);
  return {
    send: store.send,
    serve(effects) {
      carryOut = effects;
      for (const effect of waiting.splice(0)) effects(effect);
    },
    left,
    close,
  };
}

interface RootProps {
  store: Store;
  colours: Colours;
  spoken: boolean;
}

function Root({ store, colours, spoken }: RootProps) {
  const state = useSyncExternalStore(store.subscribe, store.state);
  const theme = useMemo(() => themeOf({ colours, spoken }), [colours, spoken]);
  return (
    <ThemeContext.Provider value={theme}>
      <Keyboard onKey={(key) => store.send({ type: 'key', key })} />
      <App state={state} />
    </ThemeContext.Provider>
  );
}

/** What Ink decides itself and shows only in what it renders: whether a screen reader is on, and how many colours. */
function askInk(stdout: NodeJS.WriteStream): { spoken: boolean; colours: Colours } {
  let spoken = false;
  let drawn = '';
  const silent = Object.assign(Object.create(stdout), {
    write(text: string) {
      drawn += text;
      return true;
    },
  });
  const tell = (listens: boolean) => {
    spoken = listens;
  };
  render(<Probe tell={tell} />, { stdout: silent, debug: true, patchConsole: false }).unmount();
  return { spoken, colours: drawn.includes('[38;5;') ? 256 : drawn.includes('[3') ? 16 : 0 };
}

function Probe({ tell }: { tell: (listens: boolean) => void }) {
  tell(useIsScreenReaderEnabled());
  return <Text color="ansi256(31)">.</Text>;
}
