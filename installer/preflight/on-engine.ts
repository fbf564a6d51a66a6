import { DevflowError } from "../../components/error.ts";
import { type DockerEngine, dockerEngine, EngineRefusal } from "../../components/provider/docker/engine.ts";
import type { CheckInput, Finding } from "./check.ts";

/** Asks the engine of the settings; what it does not answer is a failure of the first check alone. */
export async function onEngine(input: CheckInput, ask: (engine: DockerEngine) => Promise<Finding>): Promise<Finding> {
  if (input.settings.stack.kind !== "onprem") return { status: "skipped", result: "no containers in this stack" };
  try {
    await using engine = dockerEngine(input.settings.docker.host, input.facts.env);
    return await ask(engine);
  } catch (error) {
    if (error instanceof EngineRefusal) return refused(error);
    if (!(error instanceof DevflowError)) throw error;
    return { status: "fail", result: error.message.replace(/\.$/, ""), fix: error.hint };
  }
}

/** Somebody stands before the engine and lets through what he knows, or the engine serves no version as old as ours. */
function refused({ message, status }: EngineRefusal): Finding {
  const fix =
    status === 403
      ? "Let the proxy before the engine's socket pass calls without a version in their path, or name the engine itself."
      : "Name the engine itself by docker.host; what stands before it must pass calls without a version in their path.";
  return { status: "fail", result: message.replace(/\.$/, ""), fix };
}
