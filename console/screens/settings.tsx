/**
 * Every setting with its value, origin and description; models and their state; the doctor's findings and their fixes.
 */

import { Box } from 'ink';
import wrapAnsi from 'wrap-ansi';
import { bar } from '../components/graphs.ts';
import { Line, type Span } from '../components/line.tsx';
import { Panel } from '../components/panel.tsx';
import { type Column, Table } from '../components/table.tsx';
import { FRAME } from '../layout.ts';
import { type SettingsState, shownChecks, shownModels, shownSettings, TABS } from '../state/settings.ts';
import type { Tone } from '../theme.ts';
import { bytes, plain } from '../words.ts';
import type { ScreenProps } from './builds.tsx';

const SETTINGS: Column[] = [
  { title: 'setting' },
  { title: 'value', grows: true },
  { title: 'from', rank: 1 },
  { title: 'variable', rank: 2 },
];
const MODELS: Column[] = [
  { title: 'model' },
  { title: 'role', rank: 1 },
  { title: 'here', align: 'right' },
  { title: 'about', grows: true },
];
const CHECKS: Column[] = [{ title: '' }, { title: 'check' }, { title: 'found', grows: true }];
const TONES: Record<'ok' | 'warn' | 'fail', Tone> = { ok: 'good', warn: 'warn', fail: 'bad' };
/** Rows for the details of the chosen row. */
const DETAIL_ROWS = 4;
const MARKS = { ok: '✓', warn: '!', fail: '✗' };

export function SettingsScreen({ state, width, height }: ScreenProps) {
  const { settings } = state;
  const detail = DETAIL_ROWS + FRAME.rows;
  const inner = width - FRAME.columns;
  const { columns, rows } = contentOf(settings);
  return (
    <Box flexDirection="column">
      <Line
        spans={TABS.map(
          (tab): Span => ({ text: ` ${tab} `, tone: tab === settings.tab ? 'chosen' : 'quiet' }),
        )}
        width={width}
      />
      <Panel title={titleOf(settings)} note={noteOf(settings)} width={width} height={height - detail - 1}>
        <Table
          columns={columns}
          rows={rows}
          chosen={settings.list.selected}
          width={inner}
          height={height - detail - 1 - FRAME.rows}
        />
      </Panel>
      <Detail settings={settings} width={width} height={detail} />
    </Box>
  );
}

const titleOf = ({ tab }: SettingsState) => tab.charAt(0).toUpperCase() + tab.slice(1);

function noteOf({ tab, file, checking, checks }: SettingsState): string {
  if (tab === 'settings') return plain(file);
  if (tab === 'models') return 'p pulls';
  const bad = checks.filter(({ ok }) => ok !== 'ok').length;
  return checking ? 'checking …' : bad === 0 ? 'all is well' : `${bad} to look at`;
}

function contentOf(settings: SettingsState): { columns: Column[]; rows: Span[][] } {
  if (settings.tab === 'settings')
    return {
      columns: SETTINGS,
      rows: shownSettings(settings).map(({ name, value, origin, variable }) => [
        { text: name },
        { text: plain(value), tone: origin === 'default' ? 'quiet' : 'accent' },
        { text: plain(origin), tone: origin === 'default' ? 'quiet' : 'plain' },
        { text: variable, tone: 'quiet' },
      ]),
    };
  if (settings.tab === 'models')
    return {
      columns: MODELS,
      rows: shownModels(settings).map(({ name, role, here, bytes: size, damage, about }) => [
        { text: name },
        { text: role, tone: 'quiet' },
        damage !== undefined
          ? { text: 'damaged', tone: 'bad' }
          : { text: here ? bytes(size) : '–', tone: here ? 'good' : 'quiet' },
        { text: plain(about), tone: 'quiet' },
      ]),
    };
  return {
    columns: CHECKS,
    rows: shownChecks(settings).map(({ name, ok, detail }) => [
      { text: MARKS[ok], tone: TONES[ok] },
      { text: name },
      { text: plain(detail), tone: ok === 'ok' ? 'quiet' : 'plain' },
    ]),
  };
}

/** The details of the chosen row. */
function Detail({ settings, width, height }: { settings: SettingsState; width: number; height: number }) {
  const inner = width - FRAME.columns;
  const { list, pulling } = settings;
  const lines: Span[][] = [];
  if (settings.tab === 'settings') {
    const row = shownSettings(settings)[list.selected];
    if (row !== undefined)
      lines.push(
        ...wrapAnsi(plain(row.about), inner, { hard: true })
          .split('\n')
          .slice(0, DETAIL_ROWS - 1)
          .map((text): Span[] => [{ text }]),
        [
          { text: `${row.flag}  ${row.variable}`, tone: 'accent' },
          { text: `  now ${plain(row.value)}, from ${plain(row.origin)}`, tone: 'quiet' },
        ],
      );
  } else if (settings.tab === 'models') {
    const row = shownModels(settings)[list.selected];
    if (row !== undefined) lines.push([{ text: plain(row.about) }]);
    if (row?.damage !== undefined) lines.push([{ text: plain(row.damage), tone: 'bad' }]);
    if (pulling !== undefined) lines.push(pullSpans(pulling, inner));
  } else {
    const row = shownChecks(settings)[list.selected];
    if (row !== undefined) lines.push([{ text: plain(row.detail) }]);
    if (row?.mend !== undefined)
      lines.push([
        { text: 'mend it: ', tone: 'quiet' },
        { text: plain(row.mend), tone: 'accent' },
      ]);
  }
  return (
    <Panel title="" width={width} height={height}>
      {lines.map((spans, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a line is its place
        <Line key={index} spans={spans} width={inner} />
      ))}
    </Panel>
  );
}

function pullSpans({ name, done, total }: NonNullable<SettingsState['pulling']>, width: number): Span[] {
  const { filled, rest } = bar(total ? done / total : 0, Math.max(10, Math.floor(width / 3)));
  const of = total === undefined ? '' : ` of ${bytes(total)}`;
  return [
    { text: `fetching ${plain(name)} ` },
    { text: filled, tone: 'accent', mark: true },
    { text: rest, tone: 'quiet', mark: true },
    { text: ` ${bytes(done)}${of}` },
  ];
}
