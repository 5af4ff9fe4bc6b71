/**
 * What surrounds every screen: the title and tabs, what just happened, the keys.
 */
import { Box, Text } from 'ink';
import { BINDINGS, shown } from '../keys.ts';
import { listOf, placesOf } from '../state/places.ts';
import { SCREENS, type ScreenName, type ViewState } from '../state/types.ts';
import { useTheme } from '../theme.ts';
import { number, plain } from '../words.ts';
import { columnsOf, inColumns, Line, type Span } from './line.tsx';

interface FrameProps {
  state: ViewState;
  width: number;
}

export function Header({ state, width }: FrameProps) {
  const { look, spoken } = useTheme();
  const active = state.builds.summaries.find((summary) => summary.active);
  const answers =
    active?.manifest === undefined
      ? state.ready
        ? 'no live build'
        : ''
      : `${active.name} · ${number(active.manifest.chunks)} chunks · recall ${active.manifest.recall.at10.toFixed(3)}`;
  const clock = new Date(state.now).toTimeString().slice(0, 5);
  const right = ` ${answers}  ${clock} `;
  const name = ' ▚ footnote ';
  if (spoken) return <Text>{`Footnote console, screen ${state.screen}. ${answers}`}</Text>;
  return (
    <Box flexDirection="column">
      <Text wrap="truncate">
        <Text {...look('key')}>{name}</Text>
        <Text {...look('quiet')}>{inColumns(right, width - columnsOf(name), 'right')}</Text>
      </Text>
      <Text wrap="truncate">
        {SCREENS.map((screen) => {
          const chosen = screen === state.screen;
          const title = screen.charAt(0).toUpperCase() + screen.slice(1);
          return (
            <Text key={screen} {...look(chosen ? 'chosen' : 'plain')}>
              <Text {...(chosen ? {} : look('key'))}>{` ${keyOf(screen)} `}</Text>
              {`${title} `}
            </Text>
          );
        })}
      </Text>
    </Box>
  );
}

/** The digit that opens a screen. */
const keyOf = (screen: ScreenName) => BINDINGS.find(({ action }) => action === screen)?.keys[0] ?? '';

const MARKS = { good: '✓', warn: '!', bad: '✗' } as const;

/** What just happened and how to fix it, or the filter that is being typed. */
export function NoticeLine({ state, width }: FrameProps) {
  const { notice } = state;
  if (state.filtering)
    return (
      <Line spans={[{ text: ' / ', tone: 'key' }, `${listOf(state)?.filter.text ?? ''}▏`]} width={width} />
    );
  if (notice === undefined) return <Line spans={[]} width={width} />;
  const { tone, text, mend } = notice;
  const spans: Span[] = [{ text: ` ${MARKS[tone]} ${plain(text)}`, tone }];
  if (mend !== undefined) spans.push({ text: `  ${plain(mend)}`, tone: 'quiet' });
  return <Line spans={spans} width={width} />;
}

/** The keys that work here, as many as fit; `?` and quit always. */
export function KeysLine({ state, width }: FrameProps) {
  const places = placesOf(state);
  const bindings = places.flatMap((place) =>
    BINDINGS.filter((binding) => binding.place === place && !binding.quiet),
  );
  const last = bindings.filter(({ place }) => place === 'everywhere');
  const spansOf = ({ keys, label }: (typeof bindings)[number]): Span[] => [
    { text: ` ${shown(keys[0] as string)}`, tone: 'key' },
    { text: ` ${label} ` },
  ];
  const widthOf = (spans: Span[]) => spans.reduce((sum, { text }) => sum + columnsOf(text), 0);
  const end = last.flatMap(spansOf);
  const spans: Span[] = [];
  for (const binding of bindings.filter(({ place }) => place !== 'everywhere')) {
    const next = spansOf(binding);
    if (widthOf(spans) + widthOf(next) + widthOf(end) > width) break;
    spans.push(...next);
  }
  return <Line spans={[...spans, ...end]} width={width} />;
}
