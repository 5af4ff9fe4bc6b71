/**
 * Reads a plan from its text. Knows the grammar and reports which part does not match it; nothing about running steps.
 */
import { CoreError } from '../errors.ts';
import { NO_PLAN, type Plan, REWRITINGS, type Rewriting, SOURCES, type Source, type Step } from './plan.ts';

const MOST_CANDIDATES = 10_000;
const MOST_MS = 600_000;
const MOST_REACH = 10;

/** A name, and what is in brackets after it. */
const CALL = /^([a-z]+)(?:\s*\(([^()]*)\))?$/;
const WHOLE = /^\d{1,9}$/;
/** Few enough decimals to be printed without an exponent. */
const DECIMAL = /^\d{1,4}(?:\.\d{1,6})?$/;

/** One part of a plan, as an error can quote it. */
interface Part {
  text: string;
  /** The whole plan that it is part of. */
  whole: string;
}

/**
 * The plan that `text` describes.
 * Throws `CoreError('usage')` that names the part that was not understood.
 */
export function parsePlan(text: string): Plan {
  if (text.trim() === NO_PLAN) return { sources: [], steps: [] };
  const [first = '', ...rest] = text.split('>').map((part) => part.trim());
  const sources = first.split('+').map((part) => parseSource({ text: part.trim(), whole: text }));
  const steps = rest.map((part) => parseStep({ text: part, whole: text }));
  const late = steps.slice(1).find(joins);
  if (late !== undefined) throw refused(text, `"${late.kind}" can only be the first step`);
  const join = steps.find(joins);
  if (sources.length > 1 && join === undefined)
    throw refused(text, 'several sources must be joined by "fuse" or "blend" first');
  if (join?.weights !== undefined && join.weights.length !== sources.length)
    throw refused(text, `"${join.kind}" wants one weight for each of the ${sources.length} sources`);
  return { sources, steps };
}

function joins(step: Step): step is Step & { kind: 'fuse' | 'blend' } {
  return step.kind === 'fuse' || step.kind === 'blend';
}

function parseSource(part: Part): Source {
  const { name, values } = called(part);
  const kind = SOURCES.find((known) => known === name);
  const [depth, text, more] = values;
  if (kind === undefined || depth === undefined || !WHOLE.test(depth) || more !== undefined)
    throw refused(part.whole, `"${part.text}" is not a source such as dense(100) or keyword(100)`);
  const source = { kind, depth: whole(part, depth, MOST_CANDIDATES, 'candidates') };
  if (text === undefined) return source;
  if (!REWRITINGS.some((known) => known === text))
    throw refused(part.whole, `"${part.text}" can search for ${REWRITINGS.join(', ')} only`);
  return { ...source, text: text as Rewriting };
}

function parseStep(part: Part): Step {
  const top = /^top (\d{1,9})$/.exec(part.text)?.[1];
  if (top !== undefined) return { kind: 'top', k: whole(part, top, MOST_CANDIDATES, 'candidates') };
  const { name, values } = called(part);
  switch (name) {
    case 'fuse':
    case 'blend': {
      const weights = values.map((value) => decimal(part, value, 'a weight'));
      return weights.length === 0 ? { kind: name } : { kind: name, weights };
    }
    case 'rerank':
      return parseRerank(part, values);
    case 'neighbours': {
      only(part, values, 1);
      return { kind: name, reach: whole(part, values[0] ?? '1', MOST_REACH, 'places') };
    }
    case 'diverse': {
      only(part, values, 1);
      const [most] = values;
      if (most === undefined) return { kind: name };
      return { kind: name, perArticle: whole(part, most, MOST_CANDIDATES, 'passages') };
    }
    default:
      throw refused(part.whole, `"${part.text}" is not a step such as "fuse" or "top 8"`);
  }
}

function parseRerank(part: Part, [depth, ...rest]: string[]): Step {
  if (depth === undefined) throw refused(part.whole, `"${part.text}" wants a depth, such as rerank(30)`);
  const step: Step = { kind: 'rerank', depth: whole(part, depth, MOST_CANDIDATES, 'candidates') };
  const parts = rest[0]?.endsWith('parts') ? rest.shift() : undefined;
  if (parts !== undefined) step.parts = whole(part, parts.slice(0, -5).trim(), step.depth, 'parts');
  const budget = rest[0]?.endsWith('ms') ? rest.shift() : undefined;
  if (budget !== undefined) step.budgetMs = whole(part, budget.slice(0, -2).trim(), MOST_MS, 'milliseconds');
  const share = rest.shift();
  if (share !== undefined) step.share = decimal(part, share, 'a share');
  if ((step.share ?? 0) > 1 || rest.length > 0)
    throw refused(
      part.whole,
      `"${part.text}" takes a depth, parts such as 10 parts, a time such as 500ms, and a share from 0 to 1`,
    );
  return step;
}

function called({ text, whole }: Part): { name: string; values: string[] } {
  const match = CALL.exec(text);
  if (match === null)
    throw refused(whole, `"${text}" is not a source or a step, such as dense(100) or "top 8"`);
  const [, name = '', inner = ''] = match;
  return { name, values: inner.trim() === '' ? [] : inner.split(',').map((value) => value.trim()) };
}

function only(part: Part, values: string[], most: number): void {
  if (values.length > most) throw refused(part.whole, `"${part.text}" takes one number`);
}

function whole(part: Part, text: string, most: number, of: string): number {
  const value = WHOLE.test(text) ? Number(text) : 0;
  if (value < 1 || value > most) throw refused(part.whole, `"${part.text}" is outside 1 to ${most} ${of}`);
  return value;
}

function decimal(part: Part, text: string, what: string): number {
  if (!DECIMAL.test(text)) throw refused(part.whole, `"${part.text}" has ${what} that is no number`);
  return Number(text);
}

function refused(whole: string, why: string): CoreError {
  return new CoreError('usage', `The plan "${whole}" cannot be read: ${why}.`, {
    hint: 'Write a plan like "dense(100) + keyword(100) > fuse > top 8", or name a method such as hybrid.',
  });
}
