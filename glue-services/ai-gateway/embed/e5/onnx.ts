/** Writes graphs in ONNX's own format (onnx.proto), as far as graph.ts needs it. */

/** Bytes one after the other; they are copied once, at the end. */
type Part = readonly Uint8Array[];

export interface Graph {
  float(name: string, dims: readonly number[], data: Float32Array): string;
  int8(name: string, dims: readonly number[], data: Int8Array): string;
  /** Adds an operation of the domain of ONNX Runtime's own unless `domain` is "", and answers the name of its output. */
  node(operation: string, inputs: readonly string[], attributes?: Record<string, Attribute>, domain?: string): string;
  /** @param input name and dimensions, of which a text is open; @param output the same */
  finish(input: [string, (string | number)[]], output: [string, (string | number)[]]): Uint8Array;
}

/** Whole numbers are ints; a float is written as such. */
export type Attribute = number | { float: number };

const microsoft = "com.microsoft";
const [float32, int8] = [1, 3];

export function openGraph(): Graph {
  const nodes: Part[] = [];
  const initializers: Part[] = [];
  let count = 0;

  const initializer = (name: string, type: number, dims: readonly number[], data: Uint8Array) => {
    initializers.push(message(5, [...dims.map((dim) => int(1, dim)), int(2, type), text(8, name), field(9, [data])]));
    return name;
  };

  return {
    float: (name, dims, data) =>
      initializer(name, float32, dims, new Uint8Array(data.buffer, data.byteOffset, data.byteLength)),
    int8: (name, dims, data) =>
      initializer(name, int8, dims, new Uint8Array(data.buffer, data.byteOffset, data.length)),
    node(operation, inputs, attributes = {}, domain = microsoft) {
      const output = `n${count++}`;
      nodes.push(
        message(1, [
          ...inputs.map((name) => text(1, name)),
          text(2, output),
          text(3, output),
          text(4, operation),
          ...Object.entries(attributes).map(([name, value]) => attribute(name, value)),
          text(7, domain),
        ]),
      );
      return output;
    },
    finish([input, inputDims], [output, outputDims]) {
      // The last node's output takes the name that is asked for.
      nodes.push(message(1, [text(1, `n${count - 1}`), text(2, output), text(4, "Identity")]));
      const graph = message(7, [
        ...nodes,
        text(2, "model"),
        ...initializers,
        value(11, input, inputDims),
        value(12, output, outputDims),
      ]);
      const sets = [
        ["", 17],
        [microsoft, 1],
      ] as const;
      const imports = sets.map(([domain, version]) => message(8, [text(1, domain), int(2, version)]));
      return join([int(1, 8), ...imports, graph].flat());
    },
  };
}

function attribute(name: string, given: Attribute): Part {
  if (typeof given === "number") return message(5, [text(1, name), int(3, given), int(20, 2)]);
  const float = new Uint8Array(5);
  float[0] = (2 << 3) | 5;
  new DataView(float.buffer).setFloat32(1, given.float, true);
  return message(5, [text(1, name), [float], int(20, 1)]);
}

function value(number: number, name: string, dims: readonly (string | number)[]): Part {
  const shape = message(
    2,
    dims.map((dim) => message(1, [typeof dim === "number" ? int(1, dim) : text(2, dim)])),
  );
  return message(number, [text(1, name), message(2, [message(1, [int(1, float32), shape])])]);
}

function int(number: number, amount: number): Part {
  return [Uint8Array.from([...varint(number << 3), ...varint(amount)])];
}

function text(number: number, words: string): Part {
  return field(number, [new TextEncoder().encode(words)]);
}

function message(number: number, parts: readonly Part[]): Part {
  return field(number, parts.flat());
}

function field(number: number, bytes: Part): Part {
  return [Uint8Array.from([...varint((number << 3) | 2), ...varint(lengthOf(bytes))]), ...bytes];
}

function lengthOf(bytes: Part): number {
  return bytes.reduce((sum, part) => sum + part.length, 0);
}

function join(bytes: Part): Uint8Array {
  const whole = new Uint8Array(lengthOf(bytes));
  let at = 0;
  for (const part of bytes) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

function varint(amount: number): number[] {
  const bytes: number[] = [];
  for (let left = amount; ; left = Math.floor(left / 128)) {
    if (left < 128) return [...bytes, left];
    bytes.push((left % 128) | 128);
  }
}
