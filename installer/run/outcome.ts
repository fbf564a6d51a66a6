import { DevflowError, type ErrorCode, errorCodes } from "../../components/error.ts";
import type { ComponentProgress } from "./components.ts";
import type { RunFolder, RunOutcome } from "./run.ts";
import { summary } from "./summary.ts";
import type { Watched } from "./watch.ts";

/** The error of a run that did not do all it should; undefined when all is well or still on its way. */
export function errorOf(run: RunFolder, { components, outcome, goesOn }: Watched): DevflowError | undefined {
  const failed = components.filter(({ state }) => state === "failed");
  if (outcome?.status === "failed" && outcome.error) return ofRun(run, outcome.error, failed);
  if (failed.length > 0) return ofComponents(failed);
  if (outcome?.status === "interrupted") {
    return new DevflowError("INTERRUPTED", "The run was stopped before its end.", { hint: "`./devflow up` resumes." });
  }
  if (outcome === undefined && goesOn.length === 0) {
    return new DevflowError("INTERRUPTED", "The run was interrupted: the process that carried it out was killed.", {
      hint: `\`./devflow up\` resumes. What it said last is in ${run.log}.`,
    });
  }
  return undefined;
}

function ofRun(run: RunFolder, error: NonNullable<RunOutcome["error"]>, failed: ComponentProgress[]): DevflowError {
  const others = failed.filter((component) => !error.message.startsWith(component.error?.message ?? "-"));
  const also = others.map(({ name, error: its }) => `\nAlso failed: ${name}: ${summary(its?.message ?? "")}`).join("");
  const docs = error.docs.replace(/^docs\//, "").replace(/\.md$/, "");
  if (error.code in errorCodes) {
    const hint = error.hint.includes("devflow logs")
      ? error.hint
      : `${error.hint}\nAll the run said: \`./devflow logs run\``;
    return new DevflowError(error.code as ErrorCode, error.message + also, { hint, docs });
  }
  return new DevflowError("COMPONENT_FAILED", `${error.message}${also}`, {
    hint: `This is a defect of DevFlow. Please report it with ${run.log}; nothing was sent anywhere. \`./devflow up\` tries again.`,
  });
}

function ofComponents(failed: ComponentProgress[]): DevflowError {
  const said = failed.map(({ name, error }) => `${name} failed: ${error?.message ?? "its log says why"}`).join("\n");
  const [first] = failed;
  return new DevflowError("COMPONENT_FAILED", said, {
    hint: first?.error?.hint ?? `Read \`./devflow logs ${first?.name}\`; \`./devflow up\` resumes.`,
  });
}
