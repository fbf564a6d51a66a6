import { DevflowError } from "../../components/error.ts";
import type { ProcessStatus } from "../../components/provider/process.ts";
import { nearest } from "../../stacks/config/nearest.ts";
import type { WorkloadEngine } from "../run/units/index.ts";
import { locateStack } from "../stack.ts";
import { connect, type SupervisorClient } from "../supervisor/client.ts";
import { duration } from "../terminal/human.ts";
import { paint } from "../terminal/paint.ts";
import { during } from "../terminal/spinner.ts";
import { symbols } from "../terminal/symbols.ts";
import type { Command, Io } from "./command.ts";

export const restart: Command = {
  name: "restart",
  summary: "Restart components of a local stack, or all of them",
  arguments: [{ name: "component", description: "component or process; without one, all", variadic: true }],
  examples: [
    { command: "./devflow restart code", does: "restart one component" },
    { command: "./devflow restart", does: "restart everything, one after the other" },
    { command: "./devflow restart proxy platform", does: "restart two" },
  ],
  async run({ options, args, io }) {
    const { paths, workloads } = await locateStack(io, options);
    if (workloads) throw elsewhere(workloads, args);
    const client = await connect(paths);
    const all = (await client?.list()) ?? [];
    if (!client || all.length === 0) {
      throw new DevflowError("NOT_RUNNING", "Nothing runs, so there is nothing to restart.", {
        hint: "`./devflow up` starts it.",
      });
    }
    const chosen = args.length === 0 ? all : [...new Set(args.flatMap((word) => named(all, word)))];
    const restarted: { process: string; component: string; seconds: number }[] = [];
    for (const { name, component } of chosen) {
      const seconds = await during(io, `Restarting ${name}`, again(client, name, io));
      if (!io.json) io.err(`${paint(io, "green", symbols(io).done)} ${name} ready in ${duration(seconds)}\n`);
      restarted.push({ process: name, component, seconds });
    }
    return { restarted };
  },
};

/** Containers and pods are their engine's to restart, which `up` would not notice and need not. */
function elsewhere(engine: WorkloadEngine, args: string[]): DevflowError {
  const names = args.join(" ") || "NAME";
  const [what, command] =
    engine.kind === "docker"
      ? ["containers", `docker${engine.host ? ` --host ${engine.host}` : ""} restart ${names}`]
      : [
          "pods",
          `kubectl --namespace ${engine.namespaces[0] ?? "NAMESPACE"} rollout restart deployment/${args[0] ?? "NAME"}`,
        ];
  return new DevflowError(
    "UNSUPPORTED",
    `\`./devflow restart\` is for the processes of a local stack; this one runs as ${what}.`,
    {
      hint: `Restart them by their engine: \`${command}\` (\`./devflow status\` shows the names, \`./devflow logs\` what they say)`,
    },
  );
}

/** @returns seconds until it was ready. @throws DevflowError COMPONENT_FAILED with its last lines, INTERRUPTED. */
async function again(client: SupervisorClient, name: string, io: Io): Promise<number> {
  const began = performance.now();
  await client.restart(name, io.signal);
  for (;;) {
    const { outcome, reason, status } = await client.wait(name, 1000, io.signal);
    if (outcome === "ready") return (performance.now() - began) / 1000;
    if (outcome === "failed") throw failed(status, reason);
    if (io.signal.aborted)
      throw new DevflowError("INTERRUPTED", "Stopped waiting; the restart goes on.", {
        hint: "`./devflow status` shows it.",
      });
  }
}

function failed({ name, lastLines, log }: ProcessStatus, reason = "it is not ready"): DevflowError {
  const lines = lastLines.map((line) => `\n  ${line}`).join("");
  return new DevflowError("COMPONENT_FAILED", `${name} did not come back: ${reason}.${lines}`, {
    hint: `Read \`./devflow logs ${name}\` (${log}).`,
  });
}

function named(all: ProcessStatus[], word: string): ProcessStatus[] {
  const found = all.filter(({ name, component }) => name === word || component === word);
  if (found.length > 0) return found;
  const names = [...new Set(all.flatMap(({ name, component }) => [component, name]))];
  const near = nearest(word, names);
  throw new DevflowError("NOT_FOUND", `There is no component or process named "${word}".`, {
    hint: `${near ? `Did you mean ${near}? ` : ""}There are: ${names.join(", ")}.`,
  });
}
