/**
 * The form that starts a build: source with a file picker, options of `footnote build`, and an estimate.
 * Pure: knows texts, choices and keys' actions; no disk.
 */
import type { BuildRequest, Estimate } from '../../core/index.ts';
import type { Action } from '../keys.ts';
import { edit, emptyField, type Field, fieldOf } from './field.ts';
import type { Effect } from './types.ts';

const TEXT_FIELDS = ['source', 'name', 'limit', 'recipe', 'update', 'questions'] as const;
const CHOICE_FIELDS = ['model', 'dtype', 'device', 'broken'] as const;
export const FORM_FIELDS = [...TEXT_FIELDS, ...CHOICE_FIELDS];
export type TextField = (typeof TEXT_FIELDS)[number];
export type ChoiceField = (typeof CHOICE_FIELDS)[number];
export type FormField = TextField | ChoiceField;

export interface FolderEntry {
  name: string;
  folder: boolean;
  bytes: number;
}

/** What a build is started or estimated with; absent settings are those of the console. */
export interface BuildOrder {
  request: BuildRequest;
  model?: string | undefined;
  dtype?: string | undefined;
  device?: string | undefined;
}

export interface BuildForm {
  focus: FormField;
  texts: Record<TextField, Field>;
  /** Positions in what there is to choose from. */
  choices: Record<ChoiceField, number>;
  /** What there is to choose from; the first of each is the settings' value, or what a build does by default. */
  offered: Record<ChoiceField, string[]>;
  /** The folder that the source's text names, and the entry that Enter takes. */
  folder: { path: string; entries: FolderEntry[] };
  picked: number;
  estimate?: Estimate | undefined;
  /** The order that was or is being estimated, as JSON: estimated again only when it changes. */
  asked?: string | undefined;
  working: 'estimating' | 'starting' | undefined;
  problem?: { message: string; hint?: string | undefined } | undefined;
}

const AS_SET = 'as set';

export function newForm(): [BuildForm, Effect[]] {
  const form: BuildForm = {
    focus: 'source',
    texts: Object.fromEntries(TEXT_FIELDS.map((field) => [field, emptyField])) as BuildForm['texts'],
    choices: { model: 0, dtype: 0, device: 0, broken: 0 },
    offered: {
      model: [AS_SET],
      dtype: [AS_SET, 'auto', 'int8', 'fp16'],
      device: [AS_SET, 'cpu', 'webgpu', 'cuda'],
      broken: ['records end it', 'records are skipped'],
    },
    ...{ folder: { path: '', entries: [] }, picked: 0, working: undefined },
  };
  return [form, [{ type: 'list-folder', path: '' }, { type: 'list-models' }]];
}

export const isText = (field: FormField): field is TextField => TEXT_FIELDS.some((text) => text === field);

/** The folder's entries that begin with what is typed. */
export function candidatesOf({ texts, folder }: BuildForm): FolderEntry[] {
  const { text } = texts.source;
  const begun = text.slice(folderOf(text).length);
  if (text.startsWith('hf:')) return [];
  return folder.entries.filter(
    ({ name }) => name.toLowerCase().startsWith(begun.toLowerCase()) && name !== begun,
  );
}

/** The part of a path up to its last slash. */
export const folderOf = (text: string): string => text.slice(0, text.lastIndexOf('/') + 1);

/** What the form asks for; undefined if it has no source or a limit that is not a number. */
export function orderOf({ texts, choices, offered }: BuildForm): BuildOrder | undefined {
  const typed = (field: TextField) => texts[field].text.trim() || undefined;
  const chosen = (field: ChoiceField) => (choices[field] > 0 ? offered[field][choices[field]] : undefined);
  const [source, limit, questions] = [typed('source'), typed('limit'), typed('questions')];
  if (source === undefined || !/^[1-9]\d*$/.test(limit ?? '1')) return undefined;
  return {
    request: {
      sources: [source],
      name: typed('name'),
      limit: limit === undefined ? undefined : Number(limit),
      recipe: typed('recipe'),
      update: typed('update'),
      questions: questions === undefined ? undefined : [questions],
      skipBad: choices.broken > 0 || undefined,
    },
    model: chosen('model'),
    dtype: chosen('dtype'),
    device: chosen('device'),
  };
}

/** The form after a key: an action of the form's place, or text. */
export function onFormKey(form: BuildForm, key: string, action: Action | undefined): [BuildForm, Effect[]] {
  switch (action) {
    case 'next-field':
      return leave(form, 1);
    case 'previous-field':
      return leave(form, -1);
    case 'up':
    case 'down':
      return [moved(form, action === 'up' ? -1 : 1), []];
    case 'submit':
      return form.focus === 'source'
        ? take(form)
        : form.focus === FORM_FIELDS.at(-1)
          ? start(form)
          : leave(form, 1);
    case 'start':
      return start(form);
    default:
      return typed(form, key);
  }
}

/** Up and down: in the source they move through the picker, on a choice they choose, elsewhere they leave the field. */
function moved(form: BuildForm, step: number): BuildForm {
  const { focus, choices, offered } = form;
  if (focus === 'source') {
    const last = candidatesOf(form).length - 1;
    return { ...form, picked: Math.max(0, Math.min(last, form.picked + step)) };
  }
  if (isText(focus)) return { ...form, focus: beside(focus, step) };
  return { ...form, choices: { ...choices, [focus]: turn(choices[focus], step, offered[focus].length) } };
}

const turn = (at: number, step: number, count: number) => (at + step + count) % count;
const beside = (focus: FormField, step: number) =>
  FORM_FIELDS[turn(FORM_FIELDS.indexOf(focus), step, FORM_FIELDS.length)] as FormField;

function typed(form: BuildForm, key: string): [BuildForm, Effect[]] {
  const { focus, texts } = form;
  if (!isText(focus)) {
    const step = key === 'left' ? -1 : key === 'right' || key === ' ' ? 1 : 0;
    return [step === 0 ? form : moved(form, step), []];
  }
  const field = edit(texts[focus], key);
  const next: BuildForm = { ...form, texts: { ...texts, [focus]: field }, problem: undefined };
  if (focus !== 'source' || field.text === texts.source.text) return [next, []];
  return listed({ ...next, picked: 0 }, texts.source.text);
}

function listed(form: BuildForm, before: string): [BuildForm, Effect[]] {
  const path = folderOf(form.texts.source.text);
  return [form, path === folderOf(before) ? [] : [{ type: 'list-folder', path }]];
}

/** Takes the picked entry into the source: a folder is opened, a file ends the choice. */
function take(form: BuildForm): [BuildForm, Effect[]] {
  const entry = candidatesOf(form)[form.picked];
  if (entry === undefined) return leave(form, 1);
  const before = form.texts.source.text;
  const source = fieldOf(`${folderOf(before)}${entry.name}${entry.folder ? '/' : ''}`);
  const next = { ...form, texts: { ...form.texts, source }, picked: 0, problem: undefined };
  return entry.folder ? listed(next, before) : leave(next, 1);
}

/** Goes to another field, and requests an estimate if the order has changed. */
function leave(form: BuildForm, step: number): [BuildForm, Effect[]] {
  const next = { ...form, focus: beside(form.focus, step) };
  const order = orderOf(next);
  const asked = JSON.stringify(order);
  if (order === undefined || asked === form.asked) return [next, []];
  return [
    { ...next, asked, working: 'estimating', estimate: undefined, problem: undefined },
    [{ type: 'estimate', order }],
  ];
}

function start(form: BuildForm): [BuildForm, Effect[]] {
  const order = orderOf(form);
  if (form.working === 'starting') return [form, []];
  if (order === undefined) {
    const message =
      form.texts.source.text.trim() === '' ? 'A build needs a source.' : 'The limit is a whole number.';
    return [{ ...form, problem: { message } }, []];
  }
  return [{ ...form, working: 'starting', problem: undefined }, [{ type: 'start-build', order }]];
}

/** The models' names, after the choice that leaves it to the settings. */
export const withModels = (form: BuildForm, models: string[]): BuildForm => ({
  ...form,
  offered: { ...form.offered, model: [AS_SET, ...models] },
});
