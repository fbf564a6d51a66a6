import { DevflowError } from "../../error.ts";
import type { Execution } from "./index.ts";
import type { Endpoint, Reach, Way } from "./reach.ts";

type By = Extract<Reach, { kind: "docker" }>;

export async function open(_reach: By, _endpoint: Endpoint, _signal: AbortSignal): Promise<Way> {
  throw missing();
}

export async function execute(_reach: By, _execution: Execution): Promise<string> {
  throw missing();
}

function missing(): DevflowError {
  return new DevflowError("UNSUPPORTED", "Wiring on docker is not part of this release.", {
    hint: "Use a stack of another kind.",
  });
}
