/**
 * Product quantization on the processor: for each sub-vector the nearest of 256 centroids, in WebAssembly SIMD.
 * Distances and their minimum are found in one pass, so that no product ever reaches memory. Knows numbers in one
 * thread; code-threads.ts distributes the work.
 */
import { type Code, F32, F64, I32, instantiate, loop, op, V128, wasmModule } from './wasm-module.ts';

/** Centroids per sub-space: a code is one byte per sub-space. */
const CENTROIDS = 256;
const LANES = 4;
/** Points in one call: their sub-vectors stay in the second-level cache while every sub-space passes over them. */
const TILE = 64;

export interface Encoder {
  /** Sets the codebooks, `subspaces x 256 x width`, row-major. */
  use(codebooks: Float32Array): void;
  /**
   * Writes one byte per sub-space to `codes` for each row of `points`; returns the sum of squared distances.
   * Of equal distances the lower number is taken.
   */
  encode(points: Float32Array, codes: Uint8Array): number;
}

/** @param dimensions numbers of a point, a multiple of `subspaces` */
export function openEncoder(dimensions: number, subspaces: number): Encoder {
  const width = dimensions / subspaces;
  const tableFloats = subspaces * CENTROIDS * (width + 1);
  const pointsAt = tableFloats * 4;
  const codesAt = pointsAt + TILE * dimensions * 4;
  const pages = Math.ceil((codesAt + TILE * subspaces) / 65_536);
  const { memory, encode } = instantiate<{
    encode(points: number, count: number, stride: number, table: number, codes: number, m: number): number;
  }>(wasmModule([encodeTile(width)], pages));
  const table = new Float32Array(memory.buffer, 0, tableFloats);
  const tile = new Float32Array(memory.buffer, pointsAt, TILE * dimensions);
  const found = new Uint8Array(memory.buffer, codesAt, TILE * subspaces);
  return {
    use: (codebooks) => fillTable(table, codebooks, subspaces, width),
    encode(points, codes) {
      const count = points.length / dimensions;
      let error = 0;
      for (let first = 0; first < count; first += TILE) {
        const here = Math.min(TILE, count - first);
        const part = points.subarray(first * dimensions, (first + here) * dimensions);
        tile.set(part);
        const scores = encode(pointsAt, here, dimensions * 4, 0, codesAt, subspaces);
        codes.set(found.subarray(0, here * subspaces), first * subspaces);
        let squares = 0;
        for (const value of part) squares += value * value;
        error += squares - 2 * scores;
      }
      return error;
    },
  };
}

/**
 * For each sub-space, groups of four centroids: minus half their squared lengths, then each of their numbers. The
 * nearest centroid c of x is the one with the largest x·c - |c|²/2.
 */
function fillTable(table: Float32Array, codebooks: Float32Array, subspaces: number, width: number): void {
  let at = 0;
  for (let first = 0; first < subspaces * CENTROIDS; first += LANES) {
    for (let lane = 0; lane < LANES; lane++) {
      const centroid = (first + lane) * width;
      let squares = 0;
      for (let i = 0; i < width; i++) {
        const value = codebooks[centroid + i] ?? 0;
        squares += value * value;
        table[at + (i + 1) * LANES + lane] = value;
      }
      table[at + lane] = -squares / 2;
    }
    at += (width + 1) * LANES;
  }
}

/** encode(points, count, stride, table, codes, subspaces): the sum of the largest x·c - |c|²/2. */
function encodeTile(width: number) {
  const [points, count, stride, table, codes, subspaces] = [0, 1, 2, 3, 4, 5];
  const [point, codeAt, left, group, end, subspace, sum, best, bestIs, current, score] = [
    6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16,
  ];
  const part = (i: number) => 17 + i;
  const [top, topIs] = [part(width), part(width) + 1];
  const groupBytes = (width + 1) * LANES * 4;
  const subspaceBytes = (CENTROIDS / LANES) * groupBytes;
  const bump = (local: number, by: Code): Code => [...op.get(local), ...by, ...op.i32Add(), ...op.set(local)];

  /** Scores of the four centroids at `group` + offset against the best so far. */
  const compare = (offset: number): Code => {
    let code: Code = [...op.get(group), ...op.load(offset)];
    for (let i = 0; i < width; i++)
      code = [
        ...code,
        ...[...op.get(part(i)), ...op.get(group), ...op.load(offset + (i + 1) * LANES * 4)],
        ...[...op.f32x4Mul(), ...op.f32x4Add()],
      ];
    return [
      ...[...code, ...op.set(score)],
      ...[...op.get(current), ...op.get(bestIs)],
      ...[...op.get(score), ...op.get(best), ...op.f32x4Gt(), ...op.bitselect(), ...op.set(bestIs)],
      ...[...op.get(best), ...op.get(score), ...op.f32x4Pmax(), ...op.set(best)],
      ...[...op.get(current), ...op.i32x4Const([4, 4, 4, 4]), ...op.i32x4Add(), ...op.set(current)],
    ];
  };

  /** The best of the four lanes: the larger score, of equal ones the lower number. */
  const reduce: Code = [
    ...[...op.get(best), ...op.f32x4Lane(0), ...op.set(top)],
    ...[...op.get(bestIs), ...op.i32x4Lane(0), ...op.set(topIs)],
    ...[1, 2, 3].flatMap((lane) => [
      ...[...op.get(bestIs), ...op.i32x4Lane(lane), ...op.get(topIs)],
      ...[...op.get(best), ...op.f32x4Lane(lane), ...op.get(top), ...op.f32Gt()],
      ...[...op.get(best), ...op.f32x4Lane(lane), ...op.get(top), ...op.f32Eq()],
      ...[...op.get(bestIs), ...op.i32x4Lane(lane), ...op.get(topIs), ...op.i32LtU()],
      ...[...op.i32And(), ...op.i32Or(), ...op.select(), ...op.set(topIs)],
      ...[...op.get(best), ...op.f32x4Lane(lane), ...op.get(top)],
      ...[...op.get(best), ...op.f32x4Lane(lane), ...op.get(top), ...op.f32Gt()],
      ...[...op.select(), ...op.set(top)],
    ]),
  ];

  const onePoint: Code = [
    ...Array.from({ length: width }, (_, i) => [
      ...[...op.get(point), ...op.loadSplat32(i * 4), ...op.set(part(i))],
    ]).flat(),
    ...[...op.f32x4Const(Number.NEGATIVE_INFINITY), ...op.set(best)],
    ...[...op.i32x4Const([0, 0, 0, 0]), ...op.set(bestIs)],
    ...[...op.i32x4Const([0, 1, 2, 3]), ...op.set(current)],
    ...[...op.get(table), ...op.set(group)],
    ...loop(
      [
        ...[0, 1, 2, 3].flatMap((step) => compare(step * groupBytes)),
        ...bump(group, op.i32Const(4 * groupBytes)),
      ],
      [...op.get(group), ...op.get(end), ...op.i32LtU()],
    ),
    ...reduce,
    ...[...op.get(codeAt), ...op.get(topIs), ...op.i32Store8()],
    ...[...op.get(sum), ...op.get(top), ...op.f64PromoteF32(), ...op.f64Add(), ...op.set(sum)],
    ...bump(point, op.get(stride)),
    ...bump(codeAt, op.get(subspaces)),
    ...bump(left, op.i32Const(-1)),
  ];

  const oneSubspace: Code = [
    ...[...op.get(table), ...op.i32Const(subspaceBytes), ...op.i32Add(), ...op.set(end)],
    ...[...op.get(points), ...op.set(point)],
    ...[...op.get(codes), ...op.set(codeAt)],
    ...[...op.get(count), ...op.set(left)],
    ...loop(onePoint, op.get(left)),
    ...[...op.get(end), ...op.set(table)],
    ...bump(points, op.i32Const(width * 4)),
    ...bump(codes, op.i32Const(1)),
    ...bump(subspace, op.i32Const(1)),
  ];
  return {
    name: 'encode',
    parameters: [I32, I32, I32, I32, I32, I32],
    result: F64,
    locals: [
      ...[I32, I32, I32, I32, I32, I32, F64, V128, V128, V128, V128],
      ...Array<number>(width).fill(V128),
      ...[F32, I32],
    ],
    body: [...loop(oneSubspace, [...op.get(subspace), ...op.get(subspaces), ...op.i32LtU()]), ...op.get(sum)],
  };
}
