import { join } from "node:path";
import { centre } from "./e5/centre.ts";
import { graphOf } from "./e5/graph.ts";
import { openPieces } from "./e5/pieces.ts";
import { openWeights, type Weights } from "./e5/weights.ts";
import { type Model, openModel } from "./runtime.ts";

/** multilingual-e5-small. What is longer than a window is read in several, and their mean counts. */
export const localModel = { name: "multilingual-e5-small", dimensions: 384, context: 512 } as const;

/**
 * The side of a search that texts are on; `alike` are texts that are compared with each other, whose cosine is spread from
 * about 0 rather than from 0.7. Spread, a search finds less (recall@5 0.790 for 0.819), so its two sides stay as they are.
 */
export type Side = "query" | "passage" | "alike";

/** Windows of one text, at most: a chunk has one or two, and a whole book would hold up everybody else. */
export const windows = 16;

export interface Embedded {
  /** One row of `dimensions` numbers a text, each of length one. */
  vectors: Float32Array;
  /** Tokens that were read, over all texts. */
  tokens: number;
}

export interface Sentences {
  embed(texts: readonly string[], side: Side): Embedded;
}

/** Texts to vectors by the artifacts `onnxruntime` and `multilingual-e5-small`. Blocks the thread it is called on. */
export function openSentences(library: string, folder: string, threads: number): Sentences {
  const weights = openWeights(join(folder, "model.bin"));
  const pieces = openPieces(weights.pieces);
  const model = openModel(library, graphOf(weights), threads);
  const read = readerOf(weights, model);
  const middle = centre();
  return {
    embed(texts, side) {
      const vectors = new Float32Array(texts.length * localModel.dimensions);
      let tokens = 0;
      // One by one: the model's numbers depend on all texts of a batch, and a batch is hardly faster.
      for (const [at, text] of texts.entries()) {
        const ids = pieces
          .encode(`${side === "passage" ? side : "query"}: ${shorten(text)}`)
          .slice(0, windows * (localModel.context - 2));
        const vector = vectors.subarray(at * localModel.dimensions, (at + 1) * localModel.dimensions);
        for (let from = 0; from < ids.length; from += localModel.context - 2) {
          const window = ids.slice(from, from + localModel.context - 2);
          // Each counts by its length, so that a last one of three words does not weigh as much as the first.
          const mean = read([weights.pieces.begin, ...window, weights.pieces.end]);
          for (let i = 0; i < mean.length; i++) vector[i] = (vector[i] as number) + (mean[i] as number) * window.length;
          tokens += window.length + 2;
        }
        normalise(vector);
        if (side === "alike") {
          for (let i = 0; i < vector.length; i++) vector[i] = (vector[i] as number) - (middle[i] as number);
          normalise(vector);
        }
      }
      return { vectors, tokens };
    },
  };
}

/** Far more characters than can become tokens that count: reading a whole book to use its first pages would be slow. */
function shorten(text: string): string {
  const most = localModel.context * windows * 8;
  return text.length > most ? text.slice(0, most) : text;
}

/** The mean over the tokens of what the model makes of them. */
function readerOf(weights: Weights, model: Model): (ids: readonly number[]) => Float32Array {
  const { width } = weights.shape;
  const positions = weights.floats("emb.pos");
  const type = weights.floats("emb.type");
  const word = new Float32Array(width);
  return (ids) => {
    const embedded = new Float32Array(ids.length * width);
    for (const [at, id] of ids.entries()) {
      weights.word(id, word);
      for (let i = 0; i < width; i++)
        embedded[at * width + i] = (word[i] as number) + (positions[at * width + i] as number) + (type[i] as number);
    }
    const dims = [1, ids.length, width];
    const { data } = model.run({ embedded: { type: "float32", data: embedded, dims } }, "last_hidden_state");
    const mean = new Float32Array(width);
    for (let i = 0; i < data.length; i++)
      mean[i % width] = (mean[i % width] as number) + (data[i] as number) / ids.length;
    return mean;
  };
}

/** Makes a vector's length one, in place. */
export function normalise(vector: Float32Array): void {
  let sum = 0;
  for (const value of vector) sum += value * value;
  const length = Math.sqrt(sum) || 1;
  for (let i = 0; i < vector.length; i++) vector[i] = (vector[i] as number) / length;
}
