import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

const ROOT = resolve(import.meta.dirname, '..');
const sources = ['core', 'bots', 'console'].flatMap((top) =>
  readdirSync(join(ROOT, top), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.tsx?$/.test(entry.name))
    .map((entry) => relative(ROOT, join(entry.parentPath, entry.name))),
);

interface Import {
  file: string;
  /** A path from the root for a file of ours, else a package. */
  of: string;
}

const imports: Import[] = sources.flatMap((file) => {
  const text = readFileSync(join(ROOT, file), 'utf8');
  const statements = text.matchAll(
    /^(?:import|export)\b(?:[^'";]*?\bfrom)?\s*'([^']+)';|\bimport\('([^']+)'\)/gm,
  );
  return [...statements].map(([, plain, dynamic]) => {
    const name = (plain ?? dynamic) as string;
    return { file, of: name.startsWith('.') ? relative(ROOT, resolve(ROOT, dirname(file), name)) : name };
  });
});

const stageOf = (file: string) => /^core\/(\w+)\//.exec(file)?.[1];

/** Files by which a stage is met from other stages: contracts, data types, a file format, texts and words, no work. */
const CONTRACTS = [
  'core/corpus/reader.ts',
  'core/corpus/word-pieces.ts',
  'core/corpus/passage.ts',
  'core/corpus/sentences.ts',
  'core/embed/embedder.ts',
  'core/index/searcher.ts',
  'core/index/vectors.ts',
  'core/store/chunk-store.ts',
  'core/generate/generator.ts',
  'core/generate/first-text.ts',
  'core/generate/prompts.ts',
  'core/answer/words.ts',
  'core/rerank/reranker.ts',
  'core/models/model.ts',
  'core/models/onnx-file.ts',
];

/** Native packages, and the one file that may import each. */
const NATIVE: Record<string, string> = {
  '@huggingface/transformers': 'core/embed/transformers.ts',
  'onnxruntime-node': 'core/index/train/onnx-kernel.ts',
  'faiss-node': 'core/index/search/faiss.ts',
  '@keyv/sqlite': 'core/store/sqlite.ts',
  'node-llama-cpp': 'core/generate/llama.ts',
};

describe('the structure', () => {
  it('lets bots and console meet core only through core/index.ts, and never each other', () => {
    const wrong = imports.filter(({ file, of }) => {
      const from = file.split('/')[0];
      if (from === 'core') return /^(bots|console)\//.test(of);
      return (
        (of.startsWith('core/') && of !== 'core/index.ts') ||
        (/^(bots|console)\//.test(of) && !of.startsWith(`${from}/`))
      );
    });
    expect(wrong).toEqual([]);
  });

  it('lets a stage import the shared types and numbers, the process runtime, the hub, and other stages only by their contracts', () => {
    const wrong = imports.filter(({ file, of }) => {
      const stage = stageOf(file);
      if (stage === undefined || stage === 'runtime' || stage === 'hub' || !of.startsWith('core/'))
        return false;
      const shared = /^core\/(types|errors|config|half)\.ts$/.test(of) || /^core\/(runtime|hub)\//.test(of);
      return !shared && !of.startsWith(`core/${stage}/`) && !CONTRACTS.includes(of);
    });
    expect(wrong).toEqual([]);
  });

  it('lets one file import each native package, and only a worker process import that file', () => {
    for (const [name, owner] of Object.entries(NATIVE)) {
      const importers = imports.filter(({ of }) => of === name).map(({ file }) => file);
      expect(new Set(importers), name).toEqual(new Set([owner]));
    }
    const owners = new Set(Object.values(NATIVE));
    const reached = imports.filter(({ file, of }) => owners.has(of) && !file.endsWith('.worker.ts'));
    const typesOnly = reached.filter(({ file, of }) => {
      const text = readFileSync(join(ROOT, file), 'utf8');
      const name = of.split('/').at(-1)?.replace('.', '\\.');
      return new RegExp(`^import type [^;]*${name}';`, 'm').test(text);
    });
    expect(reached).toEqual(typesOnly);
  });

  it('lets what the console draws with import nothing of core but types: it is one file, for its start', () => {
    const drawing = imports.filter(
      ({ file }) =>
        /^console\/(screens|components|state)\//.test(file) || /^console\/\w[\w-]*\.tsx$/.test(file),
    );
    const values = drawing.filter(({ file, of }) => {
      const text = readFileSync(join(ROOT, file), 'utf8');
      return of === 'core/index.ts' && /^(?:import|export) (?!type\b)[^;]*core\/index\.ts';/m.test(text);
    });
    expect(values).toEqual([]);
  });

  it('lets the console decide without drawing: its state imports no component', () => {
    const deciding = imports.filter(({ file }) =>
      /^console\/(state\/|(view-state|keys|layout)\.ts)/.test(file),
    );
    const drawn = deciding.filter(({ file, of }) => {
      const text = readFileSync(join(ROOT, file), 'utf8');
      const name = of.split('/').at(-1)?.replace('.', '\\.');
      return (
        (of === 'ink' || of.endsWith('.tsx')) && !new RegExp(`^import type [^;]*${name}';`, 'm').test(text)
      );
    });
    expect(drawn).toEqual([]);
  });

  it('reads settings from the environment in config.ts only, and the kind of terminal in one file', () => {
    const readers = sources.filter((file) => /\bprocess\.env\b/.test(readFileSync(join(ROOT, file), 'utf8')));
    expect(readers).toEqual(['core/config.ts', 'console/can-draw.ts']);
  });

  it('lets nothing import a main', () => {
    expect(imports.filter(({ of }) => /\/main\.tsx?$/.test(of))).toEqual([]);
  });
});
