/**
 * The console's frame: what it is about at the top, a screen, its keys at the bottom; a dialog or the help in front.
 * Renders the state it is given and passes keys on; knows no screen's content.
 */
import { Box, useInput } from 'ink';
import { type ComponentType, useRef } from 'react';
import { Confirm, Help } from './components/dialogs.tsx';
import { Header, KeysLine, NoticeLine } from './components/frame.tsx';
import { keysOf, type Place, pasted } from './keys.ts';
import { AROUND_ROWS, screenSize } from './layout.ts';
import { Ask } from './screens/ask.tsx';
import { Builds, type ScreenProps } from './screens/builds.tsx';
import { Compare } from './screens/compare.tsx';
import { IndexScreen } from './screens/index-screen.tsx';
import { Overview } from './screens/overview.tsx';
import { SettingsScreen } from './screens/settings.tsx';
import { Traffic } from './screens/traffic.tsx';
import { placesOf } from './state/places.ts';
import type { ScreenName, ViewState } from './state/types.ts';
import { useTheme } from './theme.ts';

const SCREENS: Record<ScreenName, ComponentType<ScreenProps>> = {
  overview: Overview,
  builds: Builds,
  index: IndexScreen,
  ask: Ask,
  compare: Compare,
  traffic: Traffic,
  settings: SettingsScreen,
};

export function App({ state }: { state: ViewState }) {
  const { spoken } = useTheme();
  const { width, height } = screenSize(state.size);
  const Screen = SCREENS[state.screen];
  return (
    <Box flexDirection="column" width={width} {...(!spoken && { height: height + AROUND_ROWS })}>
      <Header state={state} width={width} />
      <Box flexDirection="column" {...(!spoken && { height })} overflow="hidden">
        {state.confirm !== undefined ? (
          <Confirm {...state.confirm} width={width} height={height} />
        ) : state.help ? (
          <Help place={placeOf(state)} width={width} height={height} />
        ) : (
          <Screen state={state} width={width} height={height} />
        )}
      </Box>
      <NoticeLine state={state} width={width} />
      <KeysLine state={state} width={width} />
    </Box>
  );
}

/** The innermost place under the help. */
const placeOf = (state: ViewState): Place => placesOf({ ...state, help: false })[0] ?? state.screen;

/** Passes every key to `onKey` by its name, a paste as one key. */
export function Keyboard({ onKey }: { onKey: (key: string) => void }) {
  const paste = useRef<string | undefined>(undefined);
  useInput((input, key) => {
    if (input === '[200~') paste.current = '';
    else if (input === '[201~') {
      if (paste.current) onKey(pasted(paste.current));
      paste.current = undefined;
    } else if (paste.current !== undefined) paste.current += key.return ? '\n' : input;
    else for (const name of keysOf(input, key)) onKey(name);
  });
  return null;
}
