/**
 * The named retrieval methods: a name, its plan, and one sentence. To add a method, add a line here.
 */
import { parsePlan } from './parse-plan.ts';
import type { Plan, Step } from './plan.ts';

export interface Method {
  plan: string;
  about: string;
}

export const METHODS: Record<string, Method> = {
  dense: { plan: 'dense(100) > top 8', about: 'Passages whose meaning is nearest to the question.' },
  keyword: { plan: 'keyword(100) > top 8', about: 'Passages that share the question’s rare words (BM25).' },
  hybrid: {
    plan: 'dense(100) + keyword(100) > fuse > top 8',
    about: 'Both, joined by reciprocal rank fusion: names and numbers by word, the rest by meaning.',
  },
  fast: {
    plan: 'dense(100) + keyword(100) > blend(3, 2) > top 8',
    about: 'Both, joined by their scores: no further model reads the passages.',
  },
  default: {
    plan: 'dense(100) + keyword(100) > blend(3, 2) > rerank(25, 500ms, 0.9) > top 8',
    about: 'Both, then a cross-encoder reads the best with the question, as many as half a second allows.',
  },
  best: {
    plan: 'dense(100) + keyword(100) > blend(3, 2) > rerank(60, 20 parts, 3000ms, 0.9) > top 8',
    about: 'As `default`, with more passages read, the best parts of the best ones too, and more time.',
  },
  hyde: {
    plan: 'dense(100) + keyword(100) + dense(100, hyde) > fuse > top 8',
    about: 'Also passages near to an answer that the language model makes up.',
  },
  'step-back': {
    plan: 'dense(100) + keyword(100) + dense(100, step-back) > fuse > top 8',
    about: 'Also passages near to a broader question that the language model asks.',
  },
  'multi-query': {
    plan: 'dense(100) + keyword(100) + dense(100, variants) > fuse > top 8',
    about: 'Also passages near to other wordings of the question by the language model.',
  },
  none: { plan: 'none', about: 'No passages: the language model alone, unchecked, for comparison.' },
};

/**
 * The plan of a named method, or the one that `method` spells out, ending with `k` passages. A spelled plan keeps the
 * `top` that it ends with, and `none` stays without passages.
 * Throws `CoreError('usage')` if `method` is neither a name nor a plan.
 */
export function planOf(method: string, k?: number): Plan {
  const named = Object.hasOwn(METHODS, method) ? METHODS[method] : undefined;
  const plan = parsePlan(named?.plan ?? method);
  const last = plan.steps.at(-1);
  const ends = last?.kind === 'top';
  if (k === undefined || plan.sources.length === 0 || (named === undefined && ends)) return plan;
  const steps = ends ? plan.steps.slice(0, -1) : plan.steps;
  const sources = plan.sources.map((source) => ({ ...source, depth: Math.max(source.depth, k) }));
  return { sources, steps: [...steps.map((step) => atLeast(step, k)), { kind: 'top', k }] };
}

/** A `top` in the middle of a plan must leave enough for its end. */
function atLeast(step: Step, k: number): Step {
  return step.kind === 'top' ? { ...step, k: Math.max(step.k, k) } : step;
}
