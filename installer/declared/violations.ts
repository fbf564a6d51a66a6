import { DevflowError } from "../../components/error.ts";
import type { Blueprint } from "./blueprint.ts";

/** @throws DevflowError PREFLIGHT_FAILED naming what goes against the policy pack */
export function refuseViolations({ violations }: Pick<Blueprint, "violations">): void {
  if (violations.length === 0) return;
  const lines = violations.map(({ rule, urn, message }) => `  ${urn.split("::").at(-1)}: ${message} (${rule})`);
  throw new DevflowError("PREFLIGHT_FAILED", `The stack breaks its own policy:\n${lines.join("\n")}`, {
    hint: "Change the setting or the transform that asks for it. The rules stand in policy/rules.",
    docs: "pulumi",
  });
}
