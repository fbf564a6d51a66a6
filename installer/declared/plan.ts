import { requireSdk } from "../pulumi/sdk.ts";
import type { OpenStack } from "../stack.ts";
import { type Blueprint, blueprint } from "./blueprint.ts";
import { backendFolder, readCheckpoint } from "./checkpoint.ts";
import { declared } from "./declared.ts";

/**
 * What `up` would make of a stack that Pulumi carries out, from the program and the last state: neither the CLI nor
 * a cloud is asked, and nothing is changed.
 *
 * @throws DevflowError ARTIFACT_UNAVAILABLE without the SDKs of its kind, and the first error of the program
 */
export async function planDeclared(
  stack: Pick<OpenStack, "settings" | "paths" | "name" | "config">,
): Promise<Blueprint> {
  const { settings, paths, name, config } = stack;
  requireSdk(settings.stack.kind);
  const locked = config["devflow:images"];
  const evaluation = await declared(settings, locked === undefined ? undefined : JSON.parse(locked));
  const [first] = evaluation.errors;
  if (first) throw first;
  const folder = backendFolder(paths.root, settings.engine.backend);
  const checkpoint = folder === undefined ? undefined : await readCheckpoint(folder, name);
  // Where a backend of files has nothing, nothing is there; another backend would have to be asked.
  const stored = checkpoint
    ? new Map(checkpoint.resources.map(({ urn, inputs = {} }) => [urn, inputs]))
    : folder === undefined
      ? undefined
      : new Map<string, never>();
  return blueprint(settings, evaluation, stored);
}
