/**
 * What a button does, and its form in a platform's id field. Knows ids and page numbers; no text, no platform.
 */

/** `answer` is the id of a stored answer. Pressing `unhelpful` and `follow-up` opens a form first. */
export type Action =
  | { name: 'stop' | 'retry' | 'share' | 'passages' | 'helpful' | 'unhelpful' | 'follow-up'; answer: string }
  /** Another page in place of the one shown; counted from 0. */
  | { name: 'turn'; answer: string; page: number }
  /** `index` counts the stored suggestions from 0. */
  | { name: 'related' | 'nearest'; answer: string; index: number }
  | { name: 'export' }
  | { name: 'forget' };

const NUMBERED = { turn: 'page', related: 'index', nearest: 'index' } as const;
const PLAIN = ['stop', 'retry', 'share', 'passages', 'helpful', 'unhelpful', 'follow-up'];
const BARE = ['export', 'forget'];
const ANSWER_ID = /^[\w-]{1,32}$/;

/** The action as a `custom_id` or `action_id`: at most 60 characters of `[a-z0-9:_-]` and the answer's id. */
export function encodeAction(action: Action): string {
  const parts = ['fn', action.name];
  if ('answer' in action) parts.push(action.answer);
  if ('page' in action) parts.push(String(action.page));
  if ('index' in action) parts.push(String(action.index));
  return parts.join(':');
}

/** The action that an id stands for, or undefined if the id is not one of ours or was tampered with. */
export function decodeAction(id: string): Action | undefined {
  const [mark, name = '', answer = '', number, ...rest] = id.split(':');
  if (mark !== 'fn' || rest.length > 0) return undefined;
  if (BARE.includes(name)) return answer === '' ? ({ name } as Action) : undefined;
  if (!ANSWER_ID.test(answer)) return undefined;
  if (PLAIN.includes(name)) return number === undefined ? ({ name, answer } as Action) : undefined;
  if (!Object.hasOwn(NUMBERED, name) || !/^\d{1,3}$/.test(number ?? '')) return undefined;
  return { name, answer, [NUMBERED[name as keyof typeof NUMBERED]]: Number(number) } as Action;
}
