import { createRequire } from "node:module";
import { join } from "node:path";

/** What ONNX Runtime takes and gives: numbers in rows, as its native part knows them. */
export interface Tensor {
  type: "float32" | "int64";
  data: Float32Array | BigInt64Array;
  dims: readonly number[];
}

export interface Model {
  inputs: readonly string[];
  /** Runs the model; blocks the thread it is called on. */
  run(feeds: Record<string, Tensor>, output: string): { data: Float32Array; dims: readonly number[] };
}

/** The native part's own interface, the same that the package's JavaScript builds on. */
interface Binding {
  initOrtOnce(logLevel: number, tensor: typeof NativeTensor, mainThread: boolean): void;
  InferenceSession: new () => {
    loadModel(bytes: ArrayBuffer, from: number, length: number, options: object): void;
    inputMetadata: readonly { name: string }[];
    run(feeds: object, fetches: object, options: object): Record<string, { data: Float32Array; dims: number[] }>;
  };
}

/** The native part makes its answers with this and reads these four fields; location is always memory. */
class NativeTensor implements Tensor {
  readonly location = "cpu";
  readonly type: Tensor["type"];
  readonly data: Tensor["data"];
  readonly dims: readonly number[];

  constructor(type: Tensor["type"], data: Tensor["data"], dims: readonly number[]) {
    this.type = type;
    this.data = data;
    this.dims = dims;
  }
}

/**
 * @param library folder of the artifact `onnxruntime`
 * @param graph a model in ONNX's format
 * @param threads processors one run may use
 */
export function openModel(library: string, graph: Uint8Array, threads: number): Model {
  const load = createRequire(import.meta.url);
  const binding = load(join(library, "lib", "onnxruntime_binding.node")) as Binding;
  const onlyErrors = 3;
  binding.initOrtOnce(onlyErrors, NativeTensor, true);
  const session = new binding.InferenceSession();
  // The arena would keep the memory of the longest batch for ever.
  session.loadModel(graph.buffer as ArrayBuffer, graph.byteOffset, graph.byteLength, {
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    enableCpuMemArena: false,
  });
  return {
    inputs: session.inputMetadata.map(({ name }) => name),
    run(feeds, output) {
      const native = Object.entries(feeds).map(([name, { type, data, dims }]) => [
        name,
        new NativeTensor(type, data, dims),
      ]);
      const answer = session.run(Object.fromEntries(native), { [output]: null }, {})[output];
      if (!answer) throw new Error(`The model has no output ${output}.`);
      return answer;
    },
  };
}
