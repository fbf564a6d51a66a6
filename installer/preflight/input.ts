import type { OpenStack } from "../stack.ts";
import type { PreflightInput } from "./check.ts";
import { estimateNeeds } from "./needs.ts";
import { ownedBy, ownedByContainers } from "./owned.ts";

/** What preflight and doctor have to know of a stack. `needs` of a plan replaces the estimate. */
export async function preflightInput(
  stack: Pick<OpenStack, "settings" | "paths" | "home" | "platform" | "host">,
  needs?: PreflightInput["needs"],
): Promise<PreflightInput> {
  const { settings, paths, home, platform, host } = stack;
  const [needed, owned] = await Promise.all([
    needs ?? estimateNeeds(settings, { paths, artifacts: host.artifacts }),
    settings.stack.kind === "onprem" ? ownedByContainers(settings) : ownedBy(paths),
  ]);
  return { settings, paths, home, root: host.root, platform, needs: needed, owned };
}
