import type { ImageLock } from "../../components/primitives/image.ts";
import { stackPaths } from "../../components/provider/paths.ts";
import type { Settings } from "../../stacks/config/index.ts";
// Not by the engine's index, which loads all of it.
import { type Evaluation, evaluate } from "../engine/evaluate.ts";
import { programConfig } from "../program-config.ts";
import { assumedAnswer, assumedOutputs } from "./assumed.ts";

/**
 * All that the program of these settings declares, without an engine, a provider or a cloud. What only they could know
 * (addresses, ids) is assumed, so it tells what is made, never what is there.
 *
 * @param images what the lock of images has. @default nothing, so images are named by their tags
 */
export async function declared(settings: Settings, images?: ImageLock): Promise<Evaluation> {
  const quick = await withoutStacks(() => evaluateProgram(settings, images));
  // Whoever reads an error wants to know where it is from.
  return quick.errors.length > 0 ? evaluateProgram(settings, images) : quick;
}

/**
 * The SDK takes a stack trace for every promise, in case it is never settled, and one without a limit for every resource,
 * to tell where it was made: a third of all the time. V8 takes none where the limit is no plain value.
 */
async function withoutStacks<Result>(work: () => Promise<Result>): Promise<Result> {
  const before = Object.getOwnPropertyDescriptor(Error, "stackTraceLimit");
  Object.defineProperty(Error, "stackTraceLimit", { configurable: true, get: () => 0, set: () => {} });
  try {
    return await work();
  } finally {
    if (before) Object.defineProperty(Error, "stackTraceLimit", before);
  }
}

function evaluateProgram(settings: Settings, images?: ImageLock): Promise<Evaluation> {
  return evaluate({
    project: "devflow",
    stack: settings.stack.name,
    config: programConfig(settings, stackPaths("/", settings.stack.name), images),
    program: async () => (await import("../../stacks/index.ts")).default(),
    outputsOf: assumedOutputs,
    invoke: assumedAnswer,
  });
}
