/**
 * The form that starts a build: source with a file picker, name, limit, recipe, model, device, and what it will take.
 * Pure: knows texts, choices and keys' actions; no disk.
 */
import type { BuildRequest, Estimate } from '../../core/index.ts';
import type { Action } from '../keys.ts';
import { edit, emptyField, type Field, fieldOf } from './field.ts';
import type { Effect } from './types.ts';

export const FORM_FIELDS = ['source', 'name', 'limit', 'recipe', 'model', 'device'] as const;
export type FormField = (typeof FORM_FIELDS)[number];
type TextField = 'source' | 'name' | 'limit' | 'recipe';

export interface FolderEntry {
  name: string;
  folder: boolean;
  bytes: number;
}

/** What a build is started or estimated with; absent settings are those of the console. */
export interface BuildOrder {
  request: BuildRequest;
  model?: string | undefined;
  device?: string | undefined;
}

export interface BuildForm {
  focus: FormField;
  texts: Record<TextField, Field>;
  /** Positions in `models` and `DEVICES`; the first of each leaves it to the settings. */
  choices: { model: number; device: number };
  models: string[];
  /** The folder that the source's text names, and the entry that Enter takes. */
  folder: { path: string; entries: FolderEntry[] };
  picked: number;
  estimate?: Estimate | undefined;
  /** What was estimated, or is being: asked for again only when it changes. */
  asked?: string | undefined;
  working: 'estimating' | 'starting' | undefined;
  problem?: { message: string; hint?: string | undefined } | undefined;
}

export const DEVICES = ['as set', 'cpu', 'webgpu', 'cuda'];
const MODEL_AS_SET = 'as set';

export function newForm(): [BuildForm, Effect[]] {
  const form: BuildForm = {
    focus: 'source',
    texts: { source: emptyField, name: emptyField, limit: emptyField, recipe: emptyField },
    choices: { model: 0, device: 0 },
    models: [MODEL_AS_SET],
    ...{ folder: { path: '', entries: [] }, picked: 0, working: undefined },
  };
  return [form, [{ type: 'list-folder', path: '' }, { type: 'list-models' }]];
}

const isText = (field: FormField): field is TextField => field !== 'model' && field !== 'device';

/** What of the folder goes on from what is typed. */
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

/** What the form asks for; undefined where it has no source or a limit that is no number. */
export function orderOf({ texts, choices, models }: BuildForm): BuildOrder | undefined {
  const source = texts.source.text.trim();
  const limit = texts.limit.text.trim();
  if (source === '' || !/^(?:[1-9]\d*)?$/.test(limit)) return undefined;
  const [name, recipe] = [texts.name.text.trim(), texts.recipe.text.trim()];
  return {
    request: {
      sources: [source],
      ...(name !== '' && { name }),
      ...(limit !== '' && { limit: Number(limit) }),
      ...(recipe !== '' && { recipe }),
    },
    ...(choices.model > 0 && { model: models[choices.model] }),
    ...(choices.device > 0 && { device: DEVICES[choices.device] }),
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
      return form.focus === 'source' ? take(form) : form.focus === 'device' ? start(form) : leave(form, 1);
    case 'start':
      return start(form);
    default:
      return typed(form, key);
  }
}

/** In the source up and down move through the picker, on a choice they choose, elsewhere they leave the field. */
function moved(form: BuildForm, step: number): BuildForm {
  const { focus, choices } = form;
  if (focus === 'source') {
    const last = candidatesOf(form).length - 1;
    return { ...form, picked: Math.max(0, Math.min(last, form.picked + step)) };
  }
  if (focus === 'model')
    return { ...form, choices: { ...choices, model: turn(choices.model, step, form.models.length) } };
  if (focus === 'device')
    return { ...form, choices: { ...choices, device: turn(choices.device, step, DEVICES.length) } };
  return { ...form, focus: beside(focus, step) };
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

/** Takes the picked entry into the source: a folder is gone into, a file ends the choice. */
function take(form: BuildForm): [BuildForm, Effect[]] {
  const entry = candidatesOf(form)[form.picked];
  if (entry === undefined) return leave(form, 1);
  const before = form.texts.source.text;
  const source = fieldOf(`${folderOf(before)}${entry.name}${entry.folder ? '/' : ''}`);
  const next = { ...form, texts: { ...form.texts, source }, picked: 0, problem: undefined };
  return entry.folder ? listed(next, before) : leave(next, 1);
}

/** Goes to another field, and has what is asked for estimated where it has changed. */
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

/** The models' names behind the choice of leaving it to the settings. */
export const withModels = (form: BuildForm, models: string[]): BuildForm => ({
  ...form,
  models: [MODEL_AS_SET, ...models],
});
