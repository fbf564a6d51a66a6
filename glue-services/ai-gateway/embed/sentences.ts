import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Tokenizer } from "@huggingface/tokenizers";
import { type Model, openModel } from "./runtime.ts";

/** Of all-MiniLM-L6-v2; what is longer is cut, as its makers trained it. */
export const localModel = { name: "all-minilm-l6-v2", dimensions: 384, context: 256 } as const;

export interface Embedded {
  /** One row of `dimensions` numbers a text, each of length one. */
  vectors: Float32Array;
  /** Tokens that were read, over all texts. */
  tokens: number;
}

export interface Sentences {
  embed(texts: readonly string[]): Embedded;
}

/** Texts to vectors by the artifacts `onnxruntime` and `minilm`. Blocks the thread it is called on. */
export function openSentences(library: string, folder: string, threads: number): Sentences {
  // The file asks for padding to a fixed length, which costs time and changes nothing.
  const description = { ...JSON.parse(readFileSync(join(folder, "tokenizer.json"), "utf8")), padding: null };
  const tokenizer = new Tokenizer({ ...description, truncation: null }, {});
  const model = openModel(library, join(folder, "model.onnx"), threads);
  return {
    embed(texts) {
      const vectors = new Float32Array(texts.length * localModel.dimensions);
      let tokens = 0;
      // One by one: the model's numbers depend on all texts of a batch, and a batch is hardly faster.
      for (const [at, text] of texts.entries()) {
        const ids = cut(tokenizer.encode(shorten(text)).ids);
        vectors.set(pool(model, ids), at * localModel.dimensions);
        tokens += ids.length;
      }
      return { vectors, tokens };
    },
  };
}

/** Far more characters than can become tokens that count: reading a whole book to use its first page would be slow. */
function shorten(text: string): string {
  return text.length > localModel.context * 40 ? text.slice(0, localModel.context * 40) : text;
}

/** Keeps the last token, which ends the sentence. */
function cut(ids: number[]): number[] {
  return ids.length <= localModel.context ? ids : [...ids.slice(0, localModel.context - 1), ids.at(-1) ?? 102];
}

/** Mean over the tokens, then length one. */
function pool(model: Model, ids: number[]): Float32Array {
  const dims = [1, ids.length];
  const int64 = (data: BigInt64Array) => ({ type: "int64" as const, data, dims });
  const { data } = model.run(
    {
      input_ids: int64(BigInt64Array.from(ids, BigInt)),
      attention_mask: int64(new BigInt64Array(ids.length).fill(1n)),
      ...(model.inputs.includes("token_type_ids") && { token_type_ids: int64(new BigInt64Array(ids.length)) }),
    },
    "last_hidden_state",
  );
  const vector = new Float32Array(localModel.dimensions);
  for (let i = 0; i < data.length; i++) {
    const column = i % localModel.dimensions;
    vector[column] = (vector[column] as number) + (data[i] as number);
  }
  normalise(vector);
  return vector;
}

/** Makes a vector's length one, in place. */
export function normalise(vector: Float32Array): void {
  let sum = 0;
  for (const value of vector) sum += value * value;
  const length = Math.sqrt(sum) || 1;
  for (let i = 0; i < vector.length; i++) vector[i] = (vector[i] as number) / length;
}
