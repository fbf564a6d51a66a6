import { rm } from "node:fs/promises";
import { join } from "node:path";
import { DevflowError } from "../../components/error.ts";
import type { StackKind } from "../../stacks/config/schema/kinds.ts";
import type { EngineEvent } from "../engine/index.ts";
import { pulumiEngine } from "../pulumi/engine.ts";
import { type Holder, holdersOf } from "../pulumi/holders.ts";
import type { OpenStack } from "../stack.ts";
import { count } from "../terminal/human.ts";
import { say } from "../terminal/say.ts";
import { during } from "../terminal/spinner.ts";
import { table } from "../terminal/table.ts";
import type { Io } from "./command.ts";

/**
 * Destroys a stack of containers or of a cloud: names what holds data and what becomes of it, asks, and lets Pulumi do it.
 * @param agree asks for the stack's name, and throws when it is not given
 * @throws DevflowError PREFLIGHT_FAILED when something that holds data is protected
 */
export async function destroyByPulumi(
  io: Io,
  stack: OpenStack,
  agree: () => Promise<void>,
): Promise<{ stack: string; destroyed: Holder[] }> {
  const engine = pulumiEngine(stack, io.env);
  const resources = await during(io, "Looking at what there is", engine.resources());
  // An appliance's databases and buckets are in its volumes, which go with it.
  const appliance = stack.settings.stack.kind === "onprem";
  const holders = holdersOf(resources).map((holder) =>
    appliance && holder.fate === "kept" ? { ...holder, fate: "deleted" as const } : holder,
  );
  say(io, `${explanation(io, stack.name, resources.length, holders).join("\n")}\n`);
  refuseProtected(holders, stack.settings.stack.kind);
  await agree();
  const onEvent = (event: EngineEvent) => {
    if (!io.json && event.kind === "done")
      io.err(`  deleted ${event.step.type.split(":").at(-1)} ${event.step.name}\n`);
  };
  const { failed, interrupted } = await engine.run({ mode: "destroy", signal: io.signal, onEvent });
  const [first] = failed;
  if (first) throw first.error;
  if (interrupted) {
    throw new DevflowError("INTERRUPTED", `Stack ${stack.name} is destroyed in part.`, {
      hint: "Run the same command again: it goes on from here.",
    });
  }
  if (appliance) await (await import("../appliance/remove.ts")).removeAppliance(stack);
  await forget(stack, holders);
  if (!io.json) io.err(`Stack ${stack.name} is gone.\n`);
  return { stack: stack.name, destroyed: holders };
}

/** What is kept can be opened with the stack's credentials only, so these stay where anything does. */
async function forget({ paths }: OpenStack, holders: Holder[]): Promise<void> {
  const anythingKept = holders.some(({ fate }) => fate === "kept");
  const gone = anythingKept ? [join(paths.root, "pulumi"), paths.runs] : [paths.root];
  for (const folder of gone) await rm(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
}

function explanation(io: Io, name: string, resources: number, holders: Holder[]): string[] {
  const rows = table(io, holders, [
    { title: "HOLDS DATA", value: ({ what }) => what },
    { title: "NAME", value: (holder) => holder.name },
    { title: "WHAT BECOMES OF IT", value: ({ fate }) => fates[fate] },
    { title: "", value: ({ fate, note }) => (fate === "kept" ? "" : note) },
  ]);
  return [
    `This deletes stack ${name} for good: ${count(resources, "resource")}.`,
    ...(holders.length > 0 ? ["", ...rows] : []),
  ];
}

const fates: Record<Holder["fate"], string> = {
  protected: "protected: refuses to go",
  kept: "stays where it is",
  deleted: "deleted",
};

function refuseProtected(holders: Holder[], kind: StackKind): void {
  const protectedOnes = holders.filter(({ fate }) => fate === "protected");
  if (protectedOnes.length === 0) return;
  const settings = kind === "dedicated" ? "aws.protect=false" : "kubernetes.protect=false";
  throw new DevflowError("PREFLIGHT_FAILED", `${count(protectedOnes.length, "thing")} that hold data are protected.`, {
    hint: `Nothing was deleted. If they are to go: \`./devflow config set ${settings}\`, \`./devflow up\`, then this again.`,
    docs: kind === "dedicated" ? "dedicated" : "kubernetes",
  });
}
