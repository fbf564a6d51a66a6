import { type Graph, openGraph } from "./onnx.ts";
import type { Weights } from "./weights.ts";

/**
 * The model as a graph for ONNX Runtime (BERT, post-norm). Products are of whole numbers of 8 bits, which is what
 * processors are quick at (of 4 bits they would be seven times slower), but for the ones that suffer from it.
 *
 * @returns takes `embedded` (1 × tokens × width), answers `last_hidden_state` of the same size
 */
export function graphOf(weights: Weights): Uint8Array {
  const { width, layers, heads, inner, epsilon } = weights.shape;
  const graph = openGraph();
  const even = { epsilon: { float: epsilon } };
  const floats = (name: string) => {
    const data = weights.floats(name);
    return graph.float(name, [data.length], data);
  };
  const times = (name: string, input: string, rows: number) =>
    multiply(graph, name, input, weights.dequantised(name), rows);
  // Its inputs have a few values that are far larger than the others, which whole numbers of 8 bits do not carry: searches
  // found 2 % less.
  const exactly = (name: string, input: string, rows: number) =>
    multiplyExactly(graph, name, input, weights.dequantised(name), rows);

  let x = graph.node(
    "LayerNormalization",
    ["embedded", floats("emb.ln.w"), floats("emb.ln.b")],
    { axis: 2, ...even },
    "",
  );
  for (let layer = 0; layer < layers; layer++) {
    const at = (name: string) => `l${layer}.${name}`;
    const [q, k, v] = ["q.w", "k.w", "v.w"].map((name) => times(at(name), x, width)) as [string, string, string];
    const biases = ["q.b", "k.b", "v.b"].map((name) => weights.floats(at(name)));
    const bias = graph.float(at("qkv.b"), [3 * width], concat(biases));
    const context = graph.node("MultiHeadAttention", [q, k, v, bias], { num_heads: heads });
    const attended = times(at("ao.w"), context, width);
    x = graph.node(
      "SkipLayerNormalization",
      [attended, x, ...["aln.w", "aln.b", "ao.b"].map((n) => floats(at(n)))],
      even,
    );
    const wide = graph.node("BiasGelu", [times(at("fi.w"), x, inner), floats(at("fi.b"))]);
    const narrow = exactly(at("fo.w"), wide, width);
    x = graph.node(
      "SkipLayerNormalization",
      [narrow, x, ...["oln.w", "oln.b", "fo.b"].map((n) => floats(at(n)))],
      even,
    );
  }
  return graph.finish(["embedded", [1, "tokens", width]], ["last_hidden_state", [1, "tokens", width]]);
}

/** Weights of 7 bits a column: with 8, processors without VNNI would overflow where they add two products in 16 bits. */
const most = 63;

function multiply(graph: Graph, name: string, input: string, weights: Float32Array, rows: number): string {
  const columns = weights.length / rows;
  const scales = new Float32Array(rows);
  const whole = new Int8Array(weights.length);
  for (let row = 0; row < rows; row++) {
    let largest = 0;
    for (let i = row * columns; i < (row + 1) * columns; i++)
      largest = Math.max(largest, Math.abs(weights[i] as number));
    const scale = largest / most || 1;
    scales[row] = scale;
    for (let i = 0; i < columns; i++)
      whole[i * rows + row] = Math.round((weights[row * columns + i] as number) / scale);
  }
  const packed = graph.int8(name, [columns, rows], whole);
  return graph.node("DynamicQuantizeMatMul", [input, packed, graph.float(`${name}.s`, [rows], scales)]);
}

/** The same in floating point: slower and four times larger, and as exact as the weights are. */
function multiplyExactly(graph: Graph, name: string, input: string, weights: Float32Array, rows: number): string {
  const columns = weights.length / rows;
  const turned = new Float32Array(weights.length);
  for (let row = 0; row < rows; row++) {
    for (let i = 0; i < columns; i++) turned[i * rows + row] = weights[row * columns + i] as number;
  }
  return graph.node("MatMul", [input, graph.float(name, [columns, rows], turned)], {}, "");
}

function concat(parts: readonly Float32Array[]): Float32Array {
  const whole = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
