// @ts-check
/**
 * Compiles faiss-node from its own source against an installed FAISS library.
 * Knows where Debian and Homebrew keep FAISS, and what faiss-node's source expects of its headers.
 */
import { existsSync, mkdirSync, readdirSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { lastLines, run, SetupError, step } from './command.mjs';
import { packageFolder } from './place.mjs';

const DEBIAN_PACKAGES = ['libfaiss-dev', 'libopenblas-dev', 'g++'];

/** FAISS before 1.7.4 declares the id type only in its Index class; faiss-node's source needs it in the namespace. */
const ID_TYPE = `#include <faiss/Index.h>
#if FAISS_VERSION_MAJOR * 10000 + FAISS_VERSION_MINOR * 100 + FAISS_VERSION_PATCH < 10704
namespace faiss { using idx_t = Index::idx_t; }
#endif
`;

/**
 * Writes build/Release/faiss-node.node in faiss-node's folder.
 * Throws SetupError with the command that installs what is missing.
 * @param {string} folder
 */
export async function compileFaiss(folder) {
  const place = await findFaiss();
  const release = join(folder, 'build', 'Release');
  mkdirSync(release, { recursive: true });
  const idType = join(release, 'id-type.h');
  writeFileSync(idType, ID_TYPE);
  const binary = join(release, 'faiss-node.node');
  const sources = readdirSync(join(folder, 'src')).filter((name) => name.endsWith('.cc'));
  const args = [
    ...['-O2', '-std=c++17', '-fPIC', '-include', idType],
    ...['-DNAPI_VERSION=7', '-DNODE_ADDON_API_CPP_EXCEPTIONS'],
    ...[nodeHeaders(), packageFolder('node-addon-api', folder), ...place.headers].map((path) => `-I${path}`),
    ...sources.map((name) => join(folder, 'src', name)),
    ...['-o', `${binary}.part`, ...place.link],
  ];
  const { status, output } = await step('compiling faiss-node', () => run('g++', args));
  if (status !== 0)
    throw new SetupError(
      `faiss-node could not be compiled against the FAISS library of this machine:\n${lastLines(output)}`,
      place.hint,
    );
  renameSync(`${binary}.part`, binary);
}

/** @returns {Promise<{headers: string[], link: string[], hint: string}>} */
async function findFaiss() {
  if (process.platform === 'darwin') {
    const brew = (await run('brew', ['--prefix'])).output;
    const hint = 'Install FAISS, then run the set-up again: brew install faiss openblas libomp';
    if (!existsSync(join(brew, 'include', 'faiss', 'Index.h')))
      throw new SetupError('faiss-node needs the FAISS library, which is not installed.', hint);
    const kegs = ['libomp', 'openblas'].map((name) => join(brew, 'opt', name));
    const libraries = [brew, ...kegs].map((path) => `-L${join(path, 'lib')}`);
    return {
      headers: [brew, ...kegs].map((path) => join(path, 'include')),
      link: ['-bundle', '-undefined', 'dynamic_lookup', ...libraries, '-lfaiss', '-lopenblas', '-lomp'],
      hint,
    };
  }
  const hint = `Install FAISS and a compiler, then run the set-up again: sudo apt-get install ${DEBIAN_PACKAGES.join(' ')}`;
  if (!(await canLink())) await installDebianPackages(hint);
  return { headers: [], link: ['-shared', '-lfaiss', '-lopenblas', '-fopenmp'], hint };
}

/** True when compiler, FAISS and OpenBLAS are there. */
async function canLink() {
  if (!['/usr/include', '/usr/local/include'].some((path) => existsSync(join(path, 'faiss', 'Index.h'))))
    return false;
  const { output } = await run('g++', ['-print-file-name=libopenblas.so']);
  return output.startsWith('/');
}

/** @param {string} hint */
async function installDebianPackages(hint) {
  const needs = new SetupError('faiss-node needs the FAISS library, which is not installed.', hint);
  const asRoot = process.getuid?.() === 0;
  if (!asRoot && (await run('sudo', ['-n', 'true'])).status !== 0) throw needs;
  const apt = (/** @type {string[]} */ ...args) => {
    const [program, ...rest] = [
      ...(asRoot ? [] : ['sudo', '-n']),
      'env',
      'DEBIAN_FRONTEND=noninteractive',
      'apt-get',
      ...args,
    ];
    return run(/** @type {string} */ (program), rest);
  };
  const install = () => apt('install', '-y', '--no-install-recommends', ...DEBIAN_PACKAGES);
  await step(`installing ${DEBIAN_PACKAGES.join(', ')} with apt-get`, async () => {
    if ((await install()).status === 0) return;
    // The package lists may be missing or old.
    await apt('update');
    const { status, output } = await install();
    if (status !== 0) throw new SetupError(`${needs.message}\n${lastLines(output)}`, hint);
  });
}

/** Folder of node_api.h: Node's own, else the copy in the package node-api-headers. */
function nodeHeaders() {
  const own = join(dirname(dirname(process.execPath)), 'include', 'node');
  const packaged = packageFolder('node-api-headers');
  const found = [own, ...(packaged === undefined ? [] : [join(packaged, 'include')])].find((path) =>
    existsSync(join(path, 'node_api.h')),
  );
  if (found === undefined)
    throw new SetupError(
      `There is no node_api.h beside ${process.execPath}.`,
      'Install Node.js with its headers (the official archive has them), then run the set-up again.',
    );
  return found;
}
