/**
 * The search process: one index, opened by the first call. Loads faiss-node.
 */
import { CoreError } from '../errors.ts';
import type { SearchOperations } from '../index/client.ts';
import { type OpenIndex, openFaiss } from '../index/faiss.ts';
import { serve } from './serve.ts';

let opened: OpenIndex | undefined;

function index(): OpenIndex {
  if (opened === undefined) throw new CoreError('internal', 'The search process has no index open.');
  return opened;
}

serve<SearchOperations>({
  async open({ folder, residency }) {
    opened = await openFaiss(folder, residency);
  },
  size: async () => index().size,
  search: async ({ queries, k, nprobe }, { signal }) => index().search(queries, { k, nprobe, signal }),
});
