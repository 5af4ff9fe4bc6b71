// @ts-check
/**
 * `node probe-native.mjs NAME`: loads one native module in this process, uses it once, and prints one line of facts.
 * It runs as a separate process, since a broken binary may end the process that loads it.
 */
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { packageFolder } from './place.mjs';

/** @type {Record<string, () => Promise<string>>} */
const PROBES = {
  async sqlite3() {
    const { default: sqlite3 } = await load('sqlite3', '@keyv/sqlite');
    const database = new sqlite3.Database(':memory:');
    return new Promise((resolve, reject) => {
      database.get("SELECT value FROM json_each('[1]')", (/** @type {Error | null} */ error) =>
        error ? reject(error) : resolve(`SQLite ${sqlite3.VERSION}`),
      );
    });
  },
  async 'faiss-node'() {
    const { default: faiss } = await load('faiss-node');
    const index = new faiss.IndexFlatIP(2);
    index.add([1, 0, 0, 1]);
    if (index.search([0, 1], 1).labels[0] !== 1)
      throw new Error('a search of two vectors found the wrong one');
    return 'exact search works';
  },
  async 'onnxruntime-node'() {
    const { listSupportedBackends } = await load('onnxruntime-node');
    const names = listSupportedBackends().map((/** @type {{name: string}} */ { name }) => name);
    return `backends ${names.join(', ')}`;
  },
  async '@huggingface/transformers'() {
    const { env } = await load('@huggingface/transformers');
    return `version ${env.version}`;
  },
  async 'node-llama-cpp'() {
    const { getLlama, getLlamaGpuTypes } = await load('node-llama-cpp');
    const llama = await getLlama({ gpu: false, build: 'never', skipDownload: true, logLevel: 'error' });
    const types = (await getLlamaGpuTypes('supported')).filter(Boolean);
    await llama.dispose();
    return `llama.cpp ${llama.llamaCppRelease.release}, processor${types.map((/** @type {string} */ type) => `, ${type}`).join('')}`;
  },
};

/**
 * The module's exports, resolved as Footnote resolves it, or as the package that depends on it does.
 * @param {string} name
 * @param {string} [askedBy]
 */
async function load(name, askedBy) {
  const asking = askedBy === undefined ? undefined : packageFolder(askedBy);
  return asking === undefined ? import(name) : { default: createRequire(join(asking, 'x.js'))(name) };
}

const name = process.argv[2] ?? '';
const probe = PROBES[name];
if (probe === undefined) {
  console.error(`Usage: node probe-native.mjs ${Object.keys(PROBES).join('|')}`);
  process.exit(2);
}
try {
  console.log(await probe());
  process.exit(0);
} catch (error) {
  const missing = /** @type {NodeJS.ErrnoException} */ (error).code?.endsWith('MODULE_NOT_FOUND');
  console.error(missing ? 'not installed' : error instanceof Error ? error.message : error);
  process.exit(1);
}
