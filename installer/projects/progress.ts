import { setTimeout as wait } from "node:timers/promises";
import { DevflowError } from "../../components/error.ts";
import type { ChangeShown } from "../../glue-services/projects/schemas.ts";
import type { PlatformApi } from "../platform-api.ts";
import { say } from "../terminal/say.ts";
import { type Input, pathOf } from "./input.ts";

/** Who has not done their part of a change, as a person reads it. */
export function leftOf({ kind, parts }: ChangeShown): string[] {
  return parts
    .filter(({ state }) => state !== "done" && state !== "given-up")
    .map(({ service, state, remaining, problem }) =>
      [`${kind}: ${service} ${state}`, remaining && `${remaining} left`, problem].filter(Boolean).join(", "),
    );
}

/**
 * Waits until a project is gone, and says what is left whenever that changes.
 *
 * @throws DevflowError COMMAND_FAILED when a service has failed
 */
export async function untilGone({ io }: Input, api: PlatformApi, { project, name }: ChangeShown): Promise<void> {
  let said = "";
  for (;;) {
    const changes = await api.call<ChangeShown[]>("GET", pathOf(project, "/changes")).catch((error: unknown) => {
      if (error instanceof DevflowError && error.code === "NOT_FOUND") return undefined;
      throw error;
    });
    if (!changes) return;
    const running = changes.filter(({ kind, state }) => kind === "delete" && state === "running");
    const failed = running.flatMap(({ parts }) => parts.filter(({ state }) => state === "failed"));
    if (failed.length > 0) {
      const services = failed.map(({ service, problem }) => `${service} (${problem ?? "no reason"})`).join(", ");
      throw new DevflowError("COMMAND_FAILED", `${name} is not deleted yet: ${services} failed.`, {
        hint: `When it is mended, \`./devflow projects retry ${project}\` goes on.`,
        docs: "projects",
      });
    }
    const left = running.flatMap(leftOf).join("; ");
    if (left !== "" && left !== said) say(io, `Waiting for ${left} …`);
    said = left;
    await wait(300, undefined, { signal: io.signal });
  }
}
