/**
 * A retrieval method as data: `dense(100) + keyword(100) > fuse > top 8` parses to a Plan and prints back the same.
 * Knows the grammar; nothing about how a step is run.
 */
import { CoreError } from '../errors.ts';

/** Where candidates come from; each finds up to `depth` of them. */
export interface Source {
  kind: 'dense' | 'keyword';
  depth: number;
}

/** What is done with the candidates, in order. */
export type Step =
  /** Joins several sources by reciprocal rank fusion; one weight a source, 1 each when absent. */
  | { kind: 'fuse'; weights?: number[] }
  /** Keeps the best `k`. */
  | { kind: 'top'; k: number };

export interface Plan {
  sources: Source[];
  steps: Step[];
}

const MOST_CANDIDATES = 10_000;

export function printSource({ kind, depth }: Source): string {
  return `${kind}(${depth})`;
}

export function printStep(step: Step): string {
  if (step.kind === 'top') return `top ${step.k}`;
  return step.weights === undefined ? 'fuse' : `fuse(${step.weights.join(', ')})`;
}

export function printPlan(plan: Plan): string {
  return [plan.sources.map(printSource).join(' + '), ...plan.steps.map(printStep)].join(' > ');
}

/**
 * The plan that `text` describes.
 * Throws `CoreError('usage')` that names the part that was not understood.
 */
export function parsePlan(text: string): Plan {
  const [first = '', ...rest] = text.split('>').map((part) => part.trim());
  const sources = first.split('+').map((part) => parseSource(part.trim(), text));
  const steps = rest.map((part) => parseStep(part, text));
  if (steps.slice(1).some((step) => step.kind === 'fuse'))
    throw refused(text, '"fuse" can only be the first step');
  const fuse = steps.find((step) => step.kind === 'fuse');
  if (sources.length > 1 && steps[0]?.kind !== 'fuse')
    throw refused(text, 'several sources must be joined by "fuse" first');
  if (fuse?.weights !== undefined && fuse.weights.length !== sources.length)
    throw refused(text, `"fuse" wants one weight for each of the ${sources.length} sources`);
  return { sources, steps };
}

function parseSource(part: string, whole: string): Source {
  const match = /^(dense|keyword)\((\d+)\)$/.exec(part);
  if (match === null) throw refused(whole, `"${part}" is not a source such as dense(100) or keyword(100)`);
  return { kind: match[1] as Source['kind'], depth: inRange(Number(match[2]), part, whole) };
}

function parseStep(part: string, whole: string): Step {
  const top = /^top (\d+)$/.exec(part);
  if (top !== null) return { kind: 'top', k: inRange(Number(top[1]), part, whole) };
  const fuse = /^fuse(?:\(([\d.]+(?:\s*,\s*[\d.]+)*)\))?$/.exec(part);
  if (fuse === null) throw refused(whole, `"${part}" is not a step such as "fuse" or "top 8"`);
  const weights = fuse[1]?.split(',').map(Number);
  if (weights?.some((weight) => !Number.isFinite(weight)))
    throw refused(whole, `"${part}" has a weight that is no number`);
  return weights === undefined ? { kind: 'fuse' } : { kind: 'fuse', weights };
}

function inRange(depth: number, part: string, whole: string): number {
  if (depth < 1 || depth > MOST_CANDIDATES)
    throw refused(whole, `"${part}" is outside 1 to ${MOST_CANDIDATES} candidates`);
  return depth;
}

function refused(whole: string, why: string): CoreError {
  return new CoreError('usage', `The plan "${whole}" cannot be read: ${why}.`, {
    hint: 'Write a plan like "dense(100) + keyword(100) > fuse > top 8", or name a method: dense, keyword, hybrid.',
  });
}
