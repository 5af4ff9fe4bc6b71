/**
 * The named retrieval methods: a name, its plan, and one sentence. More methods are more lines here.
 */
import { type Plan, parsePlan } from './plan.ts';

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
};

/**
 * The plan of a method's name, or the plan that `method` itself spells, ending with `k` passages; the `top` of a spelled plan stands.
 * Throws `CoreError('usage')` for neither.
 */
export function planOf(method: string, k?: number): Plan {
  const plan = parsePlan(METHODS[method]?.plan ?? method);
  const own = METHODS[method] === undefined && plan.steps.some((step) => step.kind === 'top');
  if (k === undefined || own) return plan;
  const steps = plan.steps.filter((step) => step.kind !== 'top');
  const sources = plan.sources.map((source) => ({ ...source, depth: Math.max(source.depth, k) }));
  return { sources, steps: [...steps, { kind: 'top', k }] };
}
