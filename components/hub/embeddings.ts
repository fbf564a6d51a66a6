import { type ComponentResource, type ComponentResourceOptions, jsonStringify, type Output } from "@pulumi/pulumi";
import { upstream } from "../catalogue/index.ts";
import { child, Product } from "../component.ts";
import { Artifact, Files } from "../provider/resources.ts";

/** A model of embeddings on this machine, and what runs it. It is loaded by the platform's own process when it is used. */
export type EmbeddingsArgs = Record<never, never>;

export interface EmbeddingsOutputs {
  /** Folder of the file `artifacts.json`, which says where both are. */
  path: Output<string>;
}

export class Embeddings extends Product<EmbeddingsArgs, EmbeddingsOutputs> {
  constructor(name: string, args: EmbeddingsArgs = {}, options?: ComponentResourceOptions) {
    super("Embeddings", compose, name, args, options);
  }
}

/**
 * Nothing waits for it: the platform is told the file's place beforehand, and has embeddings from the moment it is there.
 */
function compose(name: string, _args: EmbeddingsArgs, parent: ComponentResource): EmbeddingsOutputs {
  const [runtime, model] = ["onnxruntime", "multilingual-e5-small"].map((program) => {
    const { version } = upstream(program);
    return child(Artifact, program, { upstream: program, version }, parent).path;
  });
  const files = child(
    Files,
    name,
    { folder: name, unprivileged: false, files: { "artifacts.json": jsonStringify({ runtime, model }) } },
    parent,
  );
  return { path: files.path };
}
