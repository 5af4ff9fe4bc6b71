/**
 * Knows how to write a WebAssembly module (binary format 1.0 with 128-bit SIMD) that has one memory and some functions.
 * Knows only the instructions that the kernels here need; what they compute is theirs.
 */

/** Instructions of a function body, in order. */
export type Code = number[];

export const I32 = 0x7f;
export const F32 = 0x7d;
export const F64 = 0x7c;
export const V128 = 0x7b;

export interface WasmFunction {
  name: string;
  parameters: number[];
  result?: number;
  /** Types of the locals, numbered after the parameters. */
  locals: number[];
  body: Code;
}

/** Unsigned LEB128. */
function unsigned(value: number): Code {
  const code: Code = [];
  for (let rest = value; ; ) {
    const low = rest & 0x7f;
    rest >>>= 7;
    if (rest === 0) return [...code, low];
    code.push(low | 0x80);
  }
}

/** Signed LEB128. */
function signed(value: number): Code {
  const code: Code = [];
  for (let rest = value; ; ) {
    const low = rest & 0x7f;
    rest >>= 7;
    if ((rest === 0 && (low & 0x40) === 0) || (rest === -1 && (low & 0x40) !== 0)) return [...code, low];
    code.push(low | 0x80);
  }
}

const vector = (items: Code[]): Code => [...unsigned(items.length), ...items.flat()];
const section = (id: number, content: Code): Code => [id, ...unsigned(content.length), ...content];
const text = (name: string): Code => vector([...name].map((letter) => [letter.charCodeAt(0)]));

const simd =
  (number: number, ...lane: number[]) =>
  (): Code => [0xfd, ...unsigned(number), ...lane];
const simdAt =
  (number: number, align: number) =>
  (offset = 0): Code => [0xfd, ...unsigned(number), align, ...unsigned(offset)];
const plain = (opcode: number) => (): Code => [opcode];

/** Instructions by their names in the specification, in camel case. */
export const op = {
  get: (local: number): Code => [0x20, ...unsigned(local)],
  set: (local: number): Code => [0x21, ...unsigned(local)],
  i32Const: (value: number): Code => [0x41, ...signed(value)],
  i32Add: plain(0x6a),
  i32LtU: plain(0x49),
  i32Or: plain(0x72),
  i32And: plain(0x71),
  i32Store8: (offset = 0): Code => [0x3a, 0, ...unsigned(offset)],
  f32Gt: plain(0x5e),
  f32Eq: plain(0x5b),
  f64Add: plain(0xa0),
  f64PromoteF32: plain(0xbb),
  select: plain(0x1b),
  load: simdAt(0x00, 4),
  loadSplat32: simdAt(0x09, 2),
  i32x4Lane: (lane: number): Code => simd(0x1b, lane)(),
  f32x4Lane: (lane: number): Code => simd(0x1f, lane)(),
  i32x4Const: (values: number[]): Code => [0xfd, 0x0c, ...new Uint8Array(Int32Array.from(values).buffer)],
  f32x4Const: (value: number): Code => [
    0xfd,
    0x0c,
    ...new Uint8Array(new Float32Array(4).fill(value).buffer),
  ],
  f32x4Gt: simd(0x44),
  bitselect: simd(0x52),
  i32x4Add: simd(0xae),
  f32x4Add: simd(0xe4),
  f32x4Mul: simd(0xe6),
  f32x4Pmax: simd(0xeb),
};

/** Runs `body` at least once, and again as long as `again`, which leaves an i32, is not 0. */
export const loop = (body: Code, again: Code): Code => [0x03, 0x40, ...body, ...again, 0x0d, 0, 0x0b];

/** The bytes of a module that exports its functions and its `memory`. @param pages its size, 64 KiB each */
export function wasmModule(functions: WasmFunction[], pages: number): Uint8Array<ArrayBuffer> {
  const types = functions.map(({ parameters, result }) => [
    0x60,
    ...vector(parameters.map((type) => [type])),
    ...vector(result === undefined ? [] : [[result]]),
  ]);
  const bodies = functions.map(({ locals, body }) => {
    const code = [...vector(locals.map((type) => [1, type])), ...body, 0x0b];
    return [...unsigned(code.length), ...code];
  });
  const exported = functions.map(({ name }, index) => [...text(name), 0, ...unsigned(index)]);
  return Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
    ...section(1, vector(types)),
    ...section(3, vector(functions.map((_, index) => unsigned(index)))),
    ...section(5, vector([[0x00, ...unsigned(pages)]])),
    ...section(7, vector([[...text('memory'), 2, 0], ...exported])),
    ...section(10, vector(bodies)),
  ]);
}

/** The part of WebAssembly that is used here: Node's type declarations have no values for it. */
interface WebAssemblyApi {
  Module: new (bytes: Uint8Array) => object;
  Instance: new (module: object) => { exports: unknown };
}

/** Compiles and instantiates a module; returns its exports. */
export function instantiate<Exports>(bytes: Uint8Array): Exports & { memory: { buffer: ArrayBuffer } } {
  const { Module, Instance } = (globalThis as unknown as { WebAssembly: WebAssemblyApi }).WebAssembly;
  return new Instance(new Module(bytes)).exports as Exports & { memory: { buffer: ArrayBuffer } };
}
