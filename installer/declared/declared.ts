import { stackPaths } from "../../components/provider/paths.ts";
import type { Settings } from "../../stacks/config/index.ts";
import { type Evaluation, evaluate } from "../engine/index.ts";
import { programConfig } from "../program-config.ts";
import { assumedAnswer, assumedOutputs } from "./assumed.ts";

/**
 * All that the program of these settings declares, without an engine, a provider or a cloud. What only they could know
 * (addresses, ids) is assumed, so it tells what is made, never what is there.
 */
export async function declared(settings: Settings): Promise<Evaluation> {
  const quick = await withoutStacks(() => evaluateProgram(settings));
  // Whoever reads an error wants to know where it is from.
  return quick.errors.length > 0 ? evaluateProgram(settings) : quick;
}

/** The SDK takes a stack trace for every promise, in case it is never settled: a third of all the time. */
async function withoutStacks<Result>(work: () => Promise<Result>): Promise<Result> {
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = 0;
  try {
    return await work();
  } finally {
    Error.stackTraceLimit = limit;
  }
}

function evaluateProgram(settings: Settings): Promise<Evaluation> {
  return evaluate({
    project: "devflow",
    stack: settings.stack.name,
    config: programConfig(settings, stackPaths("/", settings.stack.name)),
    program: async () => (await import("../../stacks/index.ts")).default(),
    outputsOf: assumedOutputs,
    invoke: assumedAnswer,
  });
}
