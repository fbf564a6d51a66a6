import type { Blueprint } from "../declared/blueprint.ts";
import { formatPreflight } from "../preflight/index.ts";
import { owners } from "../run/components.ts";
import { nameOf, typeOf } from "../run/event.ts";
import { nothingToDo, type Plan, planLines } from "../run/plan.ts";
import { checkMachine, planStack } from "../run/prepare.ts";
import { type OpenStack, openStack } from "../stack.ts";
import { onStdout } from "../terminal/io.ts";
import { paint, type Style } from "../terminal/paint.ts";
import { during } from "../terminal/spinner.ts";
import type { Command, Io } from "./command.ts";

export const preview: Command = {
  name: "preview",
  summary: "Show what `up` would do, and do nothing",
  examples: [
    { command: "./devflow preview", does: "checks and plan as `up` shows them, with every change" },
    { command: "./devflow preview --set profile=full", does: "what another answer would change" },
    { command: "./devflow preview --json", does: "the plan as data" },
  ],
  async run({ options, io }) {
    const stack = await openStack(io, options);
    if (stack.settings.stack.kind !== "local") return previewDeclared(io, stack);
    const plan = await during(io, "Planning", planStack(stack, io.signal));
    const checks = await during(io, "Checking this machine", checkMachine(stack, plan));
    if (!io.json) {
      const lines = [
        ...formatPreflight(checks, onStdout(io)),
        ...planLines(io, plan, process.availableMemory()),
        "",
        ...changes(io, plan),
      ];
      io.out(`${lines.join("\n")}\n`);
    }
    return { stack: stack.name, checks, plan };
  },
};

/** By the program and the last state, and then by what Pulumi says that it would do, where its CLI is there to ask. */
async function previewDeclared(io: Io, stack: OpenStack): Promise<{ blueprint: Blueprint; plan?: Plan }> {
  const [{ planDeclared }, { blueprintLines }, { settled }, { installedCli }] = await Promise.all([
    import("../declared/plan.ts"),
    import("../declared/lines.ts"),
    import("../declared/change.ts"),
    import("../pulumi/cli.ts"),
  ]);
  const concluded = await during(io, "Planning", planDeclared(stack));
  const show = (blueprint: Blueprint) => io.json || io.out(`${blueprintLines(io, blueprint).join("\n")}\n`);
  if (!(await installedCli(stack.home.cache))) {
    show(concluded);
    if (!io.json) io.err("The Pulumi CLI is not here, so what is really there was not asked. `up` installs it.\n");
    return { blueprint: concluded };
  }
  const plan = await during(io, "Asking Pulumi what would change", planStack(stack, io.signal));
  const operations = new Map(plan.steps.map(({ urn, operation }) => [urn, operation]));
  const blueprint: Blueprint = { ...concluded, basis: "engine", rows: settled(concluded.rows, operations) };
  show(blueprint);
  if (!io.json) io.out(`${changes(io, plan).join("\n")}\n`);
  return { blueprint, plan };
}

function changes(io: Io, plan: Plan): string[] {
  if (nothingToDo(plan)) return ["Nothing to do."];
  const owner = owners(plan.steps);
  const changed = plan.steps.filter(({ custom, operation }) => custom && operation !== "same" && operation !== "read");
  const groups = Map.groupBy(changed, ({ urn }) => owner(urn) ?? "stack");
  return [...groups].flatMap(([component, steps]) => [
    paint(io, "bold", component),
    ...steps.map(({ urn, operation }) => {
      const [sign, style] = signs[operation] ?? [" ", "dim"];
      return `  ${paint(io, style, `${sign} ${operation.padEnd(7)}`)} ${typeOf(urn).split(":").at(-1)} ${nameOf(urn)}`;
    }),
  ]);
}

const signs: Record<string, [string, Style]> = {
  create: ["+", "green"],
  update: ["~", "yellow"],
  replace: ["±", "yellow"],
  delete: ["-", "red"],
};
