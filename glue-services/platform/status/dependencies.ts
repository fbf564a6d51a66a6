import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { owners, type Planned } from "../runs/fold.ts";
import { runIds } from "../runs/read.ts";
import { callSupervisor, text } from "../supervisor/call.ts";
import { readProcesses } from "./supervisor.ts";

/** A component needs another one. */
export interface Edge {
  from: string;
  to: string;
}

/**
 * Which components need which: by the order in which their processes start, and by the resources of the last plan.
 * Either source alone is used when the other cannot be read.
 */
export async function readDependencies(options: {
  supervisor: string | undefined;
  runs: string | undefined;
}): Promise<Edge[]> {
  const [started, planned] = await Promise.all([
    ofProcesses(options.supervisor).catch(() => []),
    ofPlan(options.runs).catch(() => []),
  ]);
  const edges = new Map([...started, ...planned].map((edge) => [`${edge.from} ${edge.to}`, edge]));
  return [...edges.values()].filter(({ from, to }) => from !== to);
}

async function ofProcesses(supervisor: string | undefined): Promise<Edge[]> {
  const processes = await readProcesses(supervisor);
  const component = new Map(processes.map((process) => [process.name, process.component]));
  const specs = await Promise.all(
    processes.map(async ({ name }) =>
      JSON.parse(await text(await callSupervisor(supervisor, "GET", `/v1/processes/${name}`))),
    ),
  );
  return specs.flatMap(({ spec }: { spec: { component: string; after: string[] } }) =>
    spec.after.map((name) => ({ from: spec.component, to: component.get(name) ?? name })),
  );
}

async function ofPlan(runs: string | undefined): Promise<Edge[]> {
  const [latest] = await runIds(runs);
  if (!runs || !latest) return [];
  const { steps } = JSON.parse(await readFile(join(runs, latest, "run.json"), "utf8")) as { steps?: Planned[] };
  const owner = owners(steps ?? []);
  return (steps ?? []).flatMap((step) => {
    const from = owner(step.urn);
    return (step.dependencies ?? []).flatMap((urn) => {
      const to = owner(urn);
      return from && to ? [{ from, to }] : [];
    });
  });
}
