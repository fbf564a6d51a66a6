import { join } from "node:path";
import type { PulumiCommand } from "@pulumi/pulumi/automation/index.js";
import { DevflowError } from "../../components/error.ts";

/**
 * Pulumi's CLI: the one on PATH, else the one that was installed before, else a new one from Pulumi's release server.
 * One that is too old for the SDK counts as none.
 *
 * @param cache folder below which a CLI of DevFlow's own is kept
 * @param tell says in a few words what takes long
 * @throws DevflowError ARTIFACT_UNAVAILABLE when there is none and none can be had
 */
export async function pulumiCli(cache: string, tell: (what: string) => void): Promise<PulumiCommand> {
  const { PulumiCommand: Cli } = await import("@pulumi/pulumi/automation/index.js");
  const root = join(cache, "pulumi");
  const found = await installedCli(cache);
  if (found) return found;
  tell("Installing the Pulumi CLI");
  return Cli.install({ root }).catch((cause: unknown) => {
    throw unavailable(cause);
  });
}

/** The CLI that is there already; nothing is fetched. */
export async function installedCli(cache: string): Promise<PulumiCommand | undefined> {
  const { PulumiCommand: Cli } = await import("@pulumi/pulumi/automation/index.js");
  const root = join(cache, "pulumi");
  return (await Cli.get().catch(() => undefined)) ?? (await Cli.get({ root }).catch(() => undefined));
}

function unavailable(cause: unknown): DevflowError {
  return new DevflowError(
    "ARTIFACT_UNAVAILABLE",
    "The Pulumi CLI is not installed, or too old, and its release server cannot be reached.",
    {
      hint: "Install it so that `pulumi version` works (https://www.pulumi.com/docs/install; without a network copy the program to a folder on PATH), then run this again. `./devflow preview` shows the plan without it, and stacks of kind local never need it.",
      docs: "pulumi",
      cause,
    },
  );
}
