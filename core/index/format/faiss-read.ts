/**
 * Checks FAISS index files before FAISS itself may open them: their kind, their size, and that every length fits the
 * file, since a wrong one crashes the process that maps it. Never reads vectors into memory.
 * Knows every kind that FAISS's factory makes of flat, inverted, graph, coded and transformed parts. faiss-format.ts
 * documents the bytes of those that are also written here; the others follow faiss/impl/index_read.cpp.
 */
import { CoreError } from '../../errors.ts';
import { type Cursor, withFile } from './faiss-cursor.ts';
import { METRIC, type Metric } from './faiss-format.ts';
import { type ListLayout, readLists } from './faiss-lists.ts';

interface FaissHeader {
  /** FAISS's four letters for the class, e.g. `IwFl`. */
  fourcc: string;
  dimensions: number;
  rows: number;
  trained: boolean;
  metric: Metric;
}

/** An index and what it is made of. */
export interface FaissIndex extends FaissHeader {
  /** Where it starts in its file. */
  at: number;
  /** Inverted-file indexes only. */
  ivf?: { nlist: number; nprobe: number };
  /** What assigns vectors to inverted lists. */
  quantizer?: FaissIndex;
  lists?: ListLayout;
  /** Product quantizer: parts of a vector, bits of each part's code, and where its codebooks lie. */
  pq?: { subspaces: number; bits: number; codebooksAt: number };
  /** Scalar quantizer: FAISS's number for its type, and where the ranges of its numbers lie. */
  scalar?: { type: number; trainedAt: number };
  /** Where the vectors or codes of a flat index start. */
  codesAt?: number;
  /** Graph indexes: where the breadth of a search is stored (i32). */
  efSearchAt?: number;
  /** Set if the only transform before the inner index is a PCA: what it keeps, and where its numbers are. */
  pca?: { kept: number; meanAt: number; eigenvaluesAt: number; componentsAt: number };
  /** The index inside: of a map of ids, a graph, a transform, a refinement. */
  inner?: FaissIndex;
}

export interface FaissFile extends FaissIndex {
  path: string;
  bytes: number;
  /** The index that receives the transformed vectors; the file's index itself if there is no transform. */
  searched: FaissIndex;
}

const MOST_DIMENSIONS = 2 ** 20;

/**
 * A FAISS index file, every length checked against the file's. Throws `CoreError('bad-input')` that names the file and what
 * is wrong, `CoreError('incompatible')` for kinds that are not known here, `CoreError('not-found')`.
 */
export async function readFaissFile(path: string): Promise<FaissFile> {
  return withFile(path, async (file) => {
    const index = await readIndex(file, path);
    file.expect(file.at === file.size, 'its length does not fit its header');
    const searched = index.fourcc === 'IxPT' && index.inner !== undefined ? index.inner : index;
    return { ...index, path, bytes: file.size, searched };
  });
}

async function readHeader(file: Cursor): Promise<FaissHeader> {
  const fourcc = await file.text(4);
  file.expect(/^I[A-Za-z0-9]{3}$/.test(fourcc), 'it does not start as a FAISS index does');
  const dimensions = await file.i32();
  file.expect(dimensions > 0 && dimensions <= MOST_DIMENSIONS, 'its number of dimensions is impossible');
  const rows = await file.count();
  file.skip(16);
  const trained = (await file.u8()) === 1;
  const metricNumber = await file.i32();
  const metric = (Object.keys(METRIC) as Metric[]).find((name) => METRIC[name] === metricNumber);
  if (metric === undefined) return file.fail('its metric is neither inner product nor L2');
  return { fourcc, dimensions, rows, trained, metric };
}

async function readIndex(file: Cursor, path: string, depth = 0): Promise<FaissIndex> {
  file.expect(depth < 4, 'it is nested too deep');
  const at = file.at;
  const head = { ...(await readHeader(file)), at };
  file.expect(head.trained, 'it was never trained');
  const read = KINDS[head.fourcc];
  if (read === undefined)
    throw new CoreError('incompatible', `${path} is a FAISS index of a kind that is not searched here.`, {
      hint: 'Build it again with --recipe Flat or --recipe IVF<lists>,PQ<parts>.',
      details: { fourcc: head.fourcc, metric: head.metric },
    });
  return { ...head, ...(await read(file, head, () => readIndex(file, path, depth + 1))) };
}

type Reader = (
  file: Cursor,
  head: FaissHeader & { at: number },
  inner: () => Promise<FaissIndex>,
) => Promise<Partial<FaissIndex>>;

const flat: Reader = async (file, { rows, dimensions }) => {
  await file.vector(4, rows * dimensions);
  return { codesAt: file.at - rows * dimensions * 4 };
};

/** Codes of `bytes` each. */
async function flatCodes(file: Cursor, rows: number, bytes: number): Promise<Partial<FaissIndex>> {
  await file.vector(1, rows * bytes);
  return { codesAt: file.at - rows * bytes };
}

const graph: Reader = async (file, { rows }, inner) => {
  await file.vector(8); // chances of the levels
  await file.vector(4); // neighbours up to each level
  await file.vector(4, rows); // level of each node
  await file.vector(8, rows + 1); // where its neighbours start
  await file.vector(4); // neighbours
  const entry = await file.i32();
  file.expect(entry < rows && (entry >= 0 || rows === 0), 'its graph starts at a node that is not there');
  file.skip(8); // highest level, breadth while building
  const efSearchAt = file.at;
  file.skip(8); // breadth of a search, upper beam
  return { efSearchAt, inner: await inner() };
};

const idMap: Reader = async (file, { rows }, inner) => {
  const inside = await inner();
  await file.vector(8, rows);
  return { inner: inside };
};

const inverted =
  (code: (file: Cursor, head: FaissHeader) => Promise<{ codeSize: number } & Partial<FaissIndex>>): Reader =>
  async (file, head, inner) => {
    const ivf = { nlist: await file.count(), nprobe: await file.count() };
    const quantizer = await inner();
    file.expect(
      quantizer.dimensions === head.dimensions && quantizer.rows === ivf.nlist,
      'its centroids do not fit its header',
    );
    file.expect((await file.u8()) === 0, 'it carries a direct map');
    await file.vector(8, 0);
    const { codeSize, ...facts } = await code(file, head);
    return { ivf, quantizer, ...facts, lists: await readLists(file, ivf.nlist, codeSize, head.rows) };
  };

async function productQuantizer(file: Cursor, dimensions: number) {
  const [d, subspaces, bits] = [await file.count(), await file.count(), await file.count()];
  file.expect(
    d === dimensions && subspaces > 0 && d % subspaces === 0 && bits > 0 && bits <= 16,
    'its product quantizer does not fit its header',
  );
  const codebooksAt = file.at + 8;
  await file.vector(4, d * 2 ** bits);
  return { pq: { subspaces, bits, codebooksAt }, codeSize: Math.ceil((subspaces * bits) / 8) };
}

/** Bits per dimension of FAISS's scalar quantizers, by number; only the length of their trained values is checked. */
const SCALAR_BITS = [8, 4, 8, 4, 16, 8, 6];

async function scalarQuantizer(file: Cursor, dimensions: number) {
  const type = await file.i32();
  const bits = SCALAR_BITS[type] ?? 0;
  file.skip(8); // how ranges were found
  const [d, codeSize] = [await file.count(), await file.count()];
  file.expect(
    d === dimensions && codeSize === Math.ceil((d * bits) / 8),
    'its scalar quantizer does not fit its header',
  );
  const trainedAt = file.at + 8;
  await file.vector(4);
  return { codeSize, scalar: { type, trainedAt } };
}

const codedByParts = async (file: Cursor, head: FaissHeader) => {
  file.skip(1); // by residual
  const codeSize = await file.count();
  const { pq, ...made } = await productQuantizer(file, head.dimensions);
  file.expect(made.codeSize === codeSize, 'the length of its codes does not fit its header');
  return { codeSize, pq };
};

const transforms: Reader = async (file, head, inner) => {
  const count = await file.i32();
  file.expect(count >= 0 && count < 16, 'its number of transforms is impossible');
  let { dimensions } = head;
  let pca: FaissIndex['pca'];
  for (let i = 0; i < count; i++) {
    const made = await transform(file);
    file.expect(made.from === dimensions, 'its transform does not fit its header');
    dimensions = made.to;
    if (count === 1) pca = made.pca;
  }
  const inside = await inner();
  file.expect(
    inside.dimensions === dimensions && inside.rows === head.rows,
    'its transform does not fit the index behind it',
  );
  return { inner: inside, ...(pca && { pca }) };
};

/** The input and output dimensions of a transform. */
async function transform(file: Cursor): Promise<{ from: number; to: number; pca?: FaissIndex['pca'] }> {
  const fourcc = await file.text(4);
  const isPca = /^Pc[aA]m$|^PCAm$/.test(fourcc);
  /** Where the elements of a vector of floats are, and how many. */
  const floats = async () => {
    const count = await file.vector(4);
    return { count, at: file.at - 4 * count };
  };
  const none = { count: 0, at: 0 };
  let [mean, eigenvalues, matrix, bias] = [none, none, none, none];
  if (isPca) {
    file.skip({ Pcam: 13, PcAm: 9 }[fourcc] ?? 5);
    [mean, eigenvalues] = [await floats(), await floats()];
    await floats(); // eigenvectors, before any rotation
  }
  if (isPca || /^(LTra|rrot)$/.test(fourcc)) {
    file.skip(1); // whether it has a bias
    [matrix, bias] = [await floats(), await floats()];
  } else if (fourcc === 'VNrm') file.skip(4);
  else if (fourcc === 'VCnt') await file.vector(4);
  else file.fail('it carries a transform that is not known');
  const [from, to] = [await file.i32(), await file.i32()];
  file.skip(1); // trained
  if (!isPca) return { from, to };
  const fits = mean.count === from && eigenvalues.count >= to && bias.count === to;
  file.expect(fits && matrix.count === from * to, 'its principal components do not fit its header');
  const places = { meanAt: mean.at, eigenvaluesAt: eigenvalues.at, componentsAt: matrix.at };
  return { from, to, pca: { kept: to, ...places } };
}

const KINDS: Record<string, Reader> = {
  IxFI: flat,
  IxF2: flat,
  IxSQ: async (file, { rows, dimensions }) => {
    const { scalar, codeSize } = await scalarQuantizer(file, dimensions);
    return { scalar, ...(await flatCodes(file, rows, codeSize)) };
  },
  IxPq: async (file, { rows, dimensions }) => {
    const { pq, codeSize } = await productQuantizer(file, dimensions);
    const facts = await flatCodes(file, rows, codeSize);
    file.skip(9); // kind of search, signs, polysemous threshold
    return { pq, ...facts };
  },
  IxHe: async (file, { rows }) => {
    file.skip(6); // bits, rotation, thresholds
    await file.vector(4);
    const codeSize = await file.i32();
    await transform(file);
    return flatCodes(file, rows, codeSize);
  },
  IPfs: async (file, { dimensions }) => {
    const { pq } = await productQuantizer(file, dimensions);
    file.skip(12 + 16); // implementation, block sizes, padded rows and parts
    await file.vector(1);
    return { pq };
  },
  IHNf: graph,
  IHNs: graph,
  IHNp: graph,
  IxMp: idMap,
  IxM2: idMap,
  IwFl: inverted(async (_, { dimensions }) => ({ codeSize: dimensions * 4 })),
  IwPQ: inverted(codedByParts),
  IwQR: async (file, head, inner) => {
    const facts = await inverted(codedByParts)(file, head, inner);
    const { codeSize } = await productQuantizer(file, head.dimensions);
    await file.vector(1, head.rows * codeSize);
    file.skip(4); // how many more candidates are refined
    return facts;
  },
  IwSq: inverted(async (file, { dimensions }) => {
    await scalarQuantizer(file, dimensions);
    const codeSize = await file.count();
    file.skip(1);
    return { codeSize };
  }),
  IwPf: inverted(async (file, { dimensions }) => {
    file.skip(1);
    const codeSize = await file.count();
    file.skip(4 + 8 + 4 + 8); // block size, padded parts, implementation, queries at once
    const { pq } = await productQuantizer(file, dimensions);
    return { codeSize, pq };
  }),
  IxPT: transforms,
  IxRF: async (file, _, inner) => {
    const base = await inner();
    await inner();
    file.skip(4);
    return { inner: base };
  },
};
