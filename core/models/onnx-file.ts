/**
 * Knows the part of the ONNX file format (onnx.proto, IR version 8, operator set 17) that our graphs and an encoder with its weights
 * need, to read and to write. Knows no architecture; runs nothing.
 */
import protobuf from 'protobufjs/light.js';

const field = (id: number, type: string) => ({ id, type });
const list = (id: number, type: string) => ({ id, type, rule: 'repeated' });
const unpacked = (id: number, type: string) => ({ ...list(id, type), options: { packed: false } });

const schema = protobuf.Root.fromJSON({
  nested: {
    Model: {
      fields: { irVersion: field(1, 'int64'), graph: field(7, 'Graph'), opsetImport: list(8, 'Opset') },
    },
    Opset: { fields: { domain: field(1, 'string'), version: field(2, 'int64') } },
    Graph: {
      fields: {
        node: list(1, 'Node'),
        name: field(2, 'string'),
        initializer: list(5, 'Tensor'),
        input: list(11, 'Value'),
        output: list(12, 'Value'),
      },
    },
    Node: {
      fields: {
        input: list(1, 'string'),
        output: list(2, 'string'),
        opType: field(4, 'string'),
        attribute: list(5, 'Attribute'),
        domain: field(7, 'string'),
      },
    },
    Attribute: {
      fields: {
        name: field(1, 'string'),
        f: field(2, 'float'),
        i: field(3, 'int64'),
        ints: unpacked(8, 'int64'),
        type: field(20, 'int32'),
      },
    },
    Tensor: {
      fields: {
        dims: unpacked(1, 'int64'),
        dataType: field(2, 'int32'),
        floatData: { ...list(4, 'float'), options: { packed: true } },
        name: field(8, 'string'),
        rawData: field(9, 'bytes'),
      },
    },
    Value: { fields: { name: field(1, 'string'), type: field(2, 'ValueType') } },
    ValueType: { fields: { tensorType: field(1, 'TensorType') } },
    TensorType: { fields: { elemType: field(1, 'int32'), shape: field(2, 'Shape') } },
    Shape: { fields: { dim: list(1, 'Dimension') } },
    Dimension: { fields: { dimParam: field(2, 'string') } },
  },
});
const Model = schema.lookupType('Model');

/** ONNX's numbers of element types. */
export const ELEMENT = { float32: 1, uint8: 2, int8: 3, int32: 6, int64: 7, float16: 10 };
type Element = keyof typeof ELEMENT;
const FLOAT_ATTRIBUTE = 1;
const INTEGER_ATTRIBUTE = 2;
const INTEGERS_ATTRIBUTE = 7;

/** A graph as it lies in a file: what its nodes take and give, and its constant tensors. */
export interface OnnxGraph {
  node: { input: string[]; output: string[]; opType: string }[];
  initializer: { name: string; dims: number[]; dataType: number; rawData: Uint8Array; floatData: number[] }[];
}

/** Throws for bytes that are no ONNX model. */
export function readGraph(bytes: Uint8Array): OnnxGraph {
  const { graph } = Model.toObject(Model.decode(bytes), {
    longs: Number,
    arrays: true,
    defaults: true,
  }) as { graph: OnnxGraph };
  return graph;
}

/**
 * The model with more of its inner tensors as outputs: an appended protobuf message extends the lists of the first.
 * For onnxruntime's reader; `readGraph` would see only the last part.
 */
export function withOutputs(bytes: Uint8Array, names: string[]): Uint8Array {
  const more = Model.encode(
    Model.fromObject({ graph: { output: names.map((name) => ({ name })) } }),
  ).finish();
  return Buffer.concat([bytes, more]);
}

/** Nodes and constants in the order they are added. It generates the names of tensors. */
export class GraphWriter {
  readonly #nodes: object[] = [];
  readonly #constants: object[] = [];

  /**
   * Adds a node with the named outputs, or one output; returns the name of the first. `com.microsoft` operators have a
   * leading `ms.`, and whole numbers are integer attributes.
   */
  node(
    type: string,
    input: string[],
    attributes: Record<string, number | number[]> = {},
    ...outputs: string[]
  ): string {
    const name = outputs[0] ?? `tensor-${this.#nodes.length}`;
    const own = type.startsWith('ms.');
    this.#nodes.push({
      opType: own ? type.slice(3) : type,
      ...(own && { domain: 'com.microsoft' }),
      input,
      output: outputs.length > 0 ? outputs : [name],
      attribute: Object.entries(attributes).map(([name, value]) => {
        if (typeof value !== 'number') return { name, ints: value, type: INTEGERS_ATTRIBUTE };
        return Number.isInteger(value)
          ? { name, i: value, type: INTEGER_ATTRIBUTE }
          : { name, f: value, type: FLOAT_ATTRIBUTE };
      }),
    });
    return name;
  }

  /** Adds a constant (16-bit numbers are half-precision patterns); returns its name. */
  constant(
    data: Float32Array | Uint16Array | Int8Array | Uint8Array | BigInt64Array,
    dims: number[],
  ): string {
    const name = `constant-${this.#constants.length}`;
    const element: Element =
      data instanceof Float32Array
        ? 'float32'
        : data instanceof Uint16Array
          ? 'float16'
          : data instanceof Int8Array
            ? 'int8'
            : data instanceof Uint8Array
              ? 'uint8'
              : 'int64';
    const rawData = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    this.#constants.push({ name, dims, dataType: ELEMENT[element], rawData });
    return name;
  }

  /** Constants of one number, or a list of whole numbers. */
  float = (value: number) => this.constant(Float32Array.of(value), []);
  byte = (value: number) => this.constant(Uint8Array.of(value), []);
  integers = (...values: number[]) => this.constant(BigInt64Array.from(values, BigInt), [values.length]);

  /** The file's bytes. Inputs and outputs: element type, then the names of the dimensions. */
  finish(
    input: Record<string, [Element, ...string[]]>,
    output: Record<string, [Element, ...string[]]>,
  ): Uint8Array {
    const values = (of: typeof input) =>
      Object.entries(of).map(([name, [element, ...dimensions]]) => ({
        name,
        type: {
          tensorType: {
            elemType: ELEMENT[element],
            shape: { dim: dimensions.map((dimParam) => ({ dimParam })) },
          },
        },
      }));
    const graph = {
      name: 'footnote',
      node: this.#nodes,
      initializer: this.#constants,
      input: values(input),
      output: values(output),
    };
    const opsetImport = [
      { domain: '', version: 17 },
      { domain: 'com.microsoft', version: 1 },
    ];
    return Model.encode(Model.create({ irVersion: 8, opsetImport, graph })).finish();
  }
}
