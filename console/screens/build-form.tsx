/**
 * The form that starts a build: its fields on the left, what is to be picked or what the build will take on the right.
 */

import type { Estimate } from '../../core/index.ts';
import { inColumns, Line, type Span } from '../components/line.tsx';
import { Beside, Panel } from '../components/panel.tsx';
import { TextLine } from '../components/text-line.tsx';
import { FRAME } from '../layout.ts';
import {
  type BuildForm,
  candidatesOf,
  FORM_FIELDS,
  type FormField,
  isText,
  type TextField,
} from '../state/form.ts';
import { windowOf } from '../state/list.ts';
import { bytes, duration, number, plain } from '../words.ts';

interface FormProps {
  form: BuildForm;
  width: number;
  height: number;
}

const LABELS: Record<FormField, string> = {
  source: 'source',
  name: 'name',
  limit: 'articles',
  recipe: 'recipe',
  update: 'newer of',
  questions: 'questions',
  model: 'model',
  dtype: 'weights',
  device: 'device',
  broken: 'broken',
};

const EMPTY: Record<TextField, string> = {
  source: 'a file, a folder, or hf:OWNER/NAME/CONFIG',
  name: 'that of the source',
  limit: 'all',
  recipe: 'by size',
  update: 'no earlier build',
  questions: 'its own sentences',
};

const LABEL_WIDTH = 12;

export function BuildFormScreen({ form, width, height }: FormProps) {
  const left = Math.max(38, Math.floor(width / 2));
  const inner = left - FRAME.columns;
  return (
    <Beside>
      <Panel title="New build" width={left} height={height}>
        {FORM_FIELDS.map((field) => (
          <FieldLine key={field} form={form} field={field} width={inner} />
        ))}
        <Line spans={[]} width={inner} />
        <Line spans={statusSpans(form)} width={inner} />
        {form.problem?.hint !== undefined && (
          <Line spans={[{ text: plain(form.problem.hint), tone: 'quiet' }]} width={inner} />
        )}
      </Panel>
      {form.focus === 'source' ? (
        <Picker form={form} width={width - left} height={height} />
      ) : (
        <Takes form={form} width={width - left} height={height} />
      )}
    </Beside>
  );
}

function statusSpans({ working, problem }: BuildForm): Span[] {
  if (problem !== undefined) return [{ text: `✗ ${plain(problem.message)}`, tone: 'bad' }];
  if (working === 'starting') return [{ text: 'Starting …', tone: 'accent' }];
  return [{ text: '^S', tone: 'key' }, { text: ' starts the build' }];
}

function FieldLine({ form, field, width }: { form: BuildForm; field: FormField; width: number }) {
  const focused = form.focus === field;
  const label: Span = {
    text: `${focused ? '›' : ' '} ${LABELS[field]}`.padEnd(LABEL_WIDTH),
    tone: focused ? 'key' : 'quiet',
  };
  if (!isText(field)) {
    const name = plain(form.offered[field][form.choices[field]] ?? '');
    return <Line spans={[label, focused ? `‹ ${name} ›` : name]} width={width} />;
  }
  return (
    <TextLine label={label} field={form.texts[field]} focused={focused} empty={EMPTY[field]} width={width} />
  );
}

function Picker({ form, width, height }: FormProps) {
  const inner = width - FRAME.columns;
  const candidates = candidatesOf(form);
  const { from, shown } = windowOf(candidates, form.picked, height - FRAME.rows);
  return (
    <Panel
      title={form.folder.path === '' ? 'Here' : plain(form.folder.path)}
      note="⏎ takes"
      width={width}
      height={height}
    >
      {candidates.length === 0 && (
        <Line spans={[{ text: 'nothing that Footnote reads', tone: 'quiet' }]} width={inner} />
      )}
      {shown.map(({ name, folder, bytes: size }, index) => (
        <Line
          key={name}
          spans={[
            { text: `${plain(name)}${folder ? '/' : ''}`, tone: folder ? 'accent' : 'plain' },
            { text: folder ? '' : `  ${bytes(size)}`, tone: 'quiet' },
          ]}
          width={inner}
          chosen={from + index === form.picked}
        />
      ))}
    </Panel>
  );
}

const PACE: Record<Estimate['pace'], string> = {
  earlier: 'of the last build here',
  measured: 'measured just now',
  elsewhere: 'measured on another machine',
};

/** What the build will take, before it starts. */
function Takes({ form, width, height }: FormProps) {
  const inner = width - FRAME.columns;
  const { estimate, working } = form;
  const note = working === 'estimating' ? 'reading a sample …' : '';
  return (
    <Panel title="It will take" note={note} width={width} height={height}>
      {estimate === undefined && working !== 'estimating' && (
        <Line spans={[{ text: 'nothing to estimate yet', tone: 'quiet' }]} width={inner} />
      )}
      {estimate !== undefined &&
        estimateRows(estimate).map(([label, spans]) => (
          <Line key={label} spans={[{ text: label.padEnd(9), tone: 'quiet' }, ...spans]} width={inner} />
        ))}
    </Panel>
  );
}

/** Activating takes no time. */
const STAGES = ['read', 'words', 'embed', 'index', 'verify'] as const;

function estimateRows(estimate: Estimate): [string, Span[]][] {
  const { articles, chunks, counted, ms, pace, disk, diskOf, diskFree, memory, memoryFree } = estimate;
  const { recipe, model, fetch } = estimate;
  const total = Object.values(ms).reduce((sum, own) => sum + own, 0);
  const about = counted ? '' : 'about ';
  const of = (needed: number, free: number): Span[] => [
    { text: bytes(needed), tone: needed > free ? 'bad' : 'title' },
    { text: ` of ${bytes(free)} free`, tone: 'quiet' },
  ];
  const stages = STAGES.map((stage): [string, Span[]] => [
    `  ${stage}`,
    [
      { text: inColumns(duration(ms[stage] ?? 0), 12) },
      { text: diskOf[stage] === undefined ? '' : bytes(diskOf[stage]), tone: 'quiet' },
    ],
  ]);
  return [
    ['articles', [{ text: `${about}${number(articles)}` }]],
    ['chunks', [{ text: `${about}${number(chunks)}` }]],
    ['time', [{ text: duration(total), tone: 'title' }]],
    ...stages,
    ['pace', [{ text: PACE[pace], tone: 'quiet' }]],
    ['disk', of(disk, diskFree)],
    ['memory', of(memory, memoryFree)],
    ['index', [{ text: recipe }]],
    ['model', [{ text: model }]],
    ...(fetch > 0
      ? [['fetch', [{ text: `${bytes(fetch)} first`, tone: 'warn' }]] satisfies [string, Span[]]]
      : []),
  ];
}
