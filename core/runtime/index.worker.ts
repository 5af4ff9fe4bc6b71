/**
 * The search process: one index, opened by the first call. Loads faiss-node.
 */
import { CoreError } from '../errors.ts';
import type { SearchOperations } from '../index/search/client.ts';
import { graphBytes, type OpenIndex, openFaiss } from '../index/search/faiss.ts';
import { serve } from './serve.ts';

let opened: OpenIndex | undefined;

function index(): OpenIndex {
  if (opened === undefined) throw new CoreError('internal', 'The search process has no index open.');
  return opened;
}

serve<SearchOperations>({
  async open(given) {
    opened = await openFaiss(given);
  },
  size: async () => index().size,
  search: async ({ queries, ...options }, { signal }) => index().search(queries, { ...options, signal }),
  graph: ({ points, dimensions }, { signal }) => graphBytes(points, dimensions, signal),
});
