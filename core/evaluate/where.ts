/**
 * `--where in_1k,!unanswerable,dataset=squad-1.1,gold_passage_overlap>=0.5`: conditions on rows; all must hold.
 */
import { CoreError } from '../errors.ts';

export interface Condition {
  field: string;
  holds(value: unknown): boolean;
}

/** Throws `CoreError('usage')`, which names the part that was not understood. */
export function parseWhere(text: string): Condition[] {
  return text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
    .map(conditionOf);
}

function conditionOf(part: string): Condition {
  const match = /^(!)?([\w.-]+?)(?:(>=|<=|=)(.+))?$/.exec(part);
  const [, not, field = '', operator, wanted = ''] = match ?? [];
  const isNumeric = operator === '>=' || operator === '<=';
  if (
    match === null ||
    (not !== undefined && operator !== undefined) ||
    (isNumeric && Number.isNaN(Number(wanted)))
  )
    throw new CoreError('usage', `"${part}" is not a condition on a question set's fields.`, {
      hint: 'Write --where FIELD, !FIELD, FIELD=VALUE or FIELD>=NUMBER; separate several by commas.',
    });
  if (operator === '=') return { field, holds: (value) => value !== undefined && String(value) === wanted };
  if (operator === '>=')
    return { field, holds: (value) => typeof value === 'number' && value >= Number(wanted) };
  if (operator === '<=')
    return { field, holds: (value) => typeof value === 'number' && value <= Number(wanted) };
  return { field, holds: (value) => Boolean(value) !== (not !== undefined) };
}
