import type { ArtifactRef } from "../../components/provider/host.ts";
import type { PlannedArtifact } from "../artifacts/index.ts";
import type { Io } from "../commands/command.ts";
import { devflowVersion } from "../commands/version.ts";
import type { Operation, Step } from "../engine/events.ts";
import { parsePath } from "../engine/path.ts";
import type { Properties } from "../engine/values.ts";
import { bytes, count } from "../terminal/human.ts";
import { symbols } from "../terminal/symbols.ts";
import { owners } from "./components.ts";
import type { PlannedStep } from "./event.ts";

/** What a run would do, as people and checks need it; all of it is plain data. */
export interface Plan {
  steps: PlannedStep[];
  /** Programs and databases by what happens to them. */
  processes: Changes;
  databases: Changes;
  /** Resources of any kind; 0 in all three means that there is nothing to do. */
  resources: Changes;
  /** MiB that all processes together are expected to take. */
  memory: number;
  ports: { component: string; port: number }[];
  programs: (PlannedArtifact & { component: string })[];
}

export interface Changes {
  add: number;
  change: number;
  remove: number;
}

/** Reads a preview's steps: inputs of what is new or changed stand in the step, those of the rest in the state. */
export async function planOf(
  steps: Step[],
  stored: ReadonlyMap<string, Properties>,
  inspect: (refs: ArtifactRef[]) => Promise<PlannedArtifact[]>,
): Promise<Plan> {
  const owner = owners(steps);
  const input = (step: Step, key: string): unknown => inputAfter(step, key, stored.get(step.urn)?.[key]);
  const staying = steps.filter(({ op }) => op !== "delete");
  const ofKind = (kind: string, among = staying) => among.filter(({ type }) => type === `devflow:index:${kind}`);

  const artifacts = ofKind("Artifact").map((step) => ({
    step,
    ref: { name: String(input(step, "upstream")), version: String(input(step, "version")) },
  }));
  const inspected = await inspect(artifacts.map(({ ref }) => ref));
  const programs = artifacts.flatMap(({ step }, index) => {
    const program = inspected[index];
    return program ? [{ ...program, component: owner(step.urn) ?? step.name, urn: step.urn }] : [];
  });
  const processes = ofKind("Process");
  return {
    steps: steps.map(planned),
    processes: changesOf(ofKind("Process", steps)),
    databases: changesOf(ofKind("PostgresDatabase", steps)),
    resources: changesOf(steps.filter(({ custom }) => custom)),
    memory: processes.reduce((sum, step) => sum + (Number(input(step, "memory")) || 0), 0),
    ports: processes.flatMap((step) =>
      ((input(step, "ports") as number[] | undefined) ?? []).map((port) => ({
        component: owner(step.urn) ?? step.name,
        port,
      })),
    ),
    programs: programs.map(({ urn: _, ...program }) => program),
  };

  function planned(step: Step): PlannedStep {
    const { urn, parent, op, type, custom, dependencies } = step;
    const version =
      type === "devflow:index:Checkout" ? devflowVersion() : versioned.has(type) && input(step, "version");
    const url = type === "devflow:index:ProxySite" ? input(step, "site") : undefined;
    const build = programs.find((program) => program.urn === urn)?.build?.minutes;
    return {
      urn,
      operation: op,
      custom,
      dependencies,
      ...(parent !== undefined && { parent }),
      ...(typeof version === "string" && !version.startsWith("[") && { version }),
      ...(typeof url === "string" && { url }),
      ...(build !== undefined && { build }),
    };
  }
}

/** One input as it will be: what is stored, with the step's changes, also those of a list's single elements. */
function inputAfter({ diff }: Step, key: string, stored: unknown): unknown {
  const whole = diff.find(({ path }) => path === key);
  if (whole) return whole.after;
  const elements = diff.filter(({ path }) => path.startsWith(`${key}[`));
  if (elements.length === 0 || !Array.isArray(stored)) return stored;
  const list: unknown[] = [...stored];
  for (const { path, after } of elements) {
    const index = parsePath(path)[1];
    if (typeof index === "number") list[index] = after;
  }
  // An element that goes has no value afterwards.
  return list.filter((element) => element !== undefined);
}

/** The two lines of `up` after "Plan". `free` is the machine's free memory in bytes, where known. */
export function planLines(io: Pick<Io, "env">, plan: Plan, free: number | undefined): string[] {
  const missing = plan.programs.filter(({ present }) => !present);
  const download = missing.reduce((sum, { downloadBytes }) => sum + (downloadBytes ?? 0), 0);
  const disk = missing.reduce((sum, program) => sum + program.disk, 0) * 2 ** 20;
  const builds = missing.filter(({ build }) => build !== undefined);
  const minutes = Math.max(0, ...builds.map(({ build }) => build?.minutes ?? 0));
  const { change, remove } = plan.resources;
  const fetched = [
    download > 0 && `download ${bytes(download)}`,
    builds.length > 0 && `${count(builds.length, "build")} about ${Math.ceil(minutes)} min`,
  ].filter(Boolean);
  const memory = `memory ${bytes(plan.memory * 2 ** 20)}${free === undefined ? "" : ` of ${bytes(free)} free`}`;
  const storage = disk > 0 ? [`disk ${bytes(disk)}${fetched.length > 0 ? ` (${fetched.join(", ")})` : ""}`] : [];
  const made = [signed(plan.processes, "process", "processes"), signed(plan.databases, "database")];
  return [
    `Plan        ${[...made, `${change} to change`, `${remove} to remove`].filter(Boolean).join("   ")}`,
    `            ${[memory, ...storage].join(` ${symbols(io).separator} `)}`,
  ];
}

/** Kinds of resource whose input `version` is that of the program. */
const versioned = new Set(["devflow:index:Artifact", "devflow:index:Process"]);

export function nothingToDo({ resources }: Plan): boolean {
  return resources.add + resources.change + resources.remove === 0;
}

function changesOf(steps: Step[]): Changes {
  const of = (...ops: Operation[]) => steps.filter(({ op }) => ops.includes(op)).length;
  return { add: of("create"), change: of("update", "replace"), remove: of("delete") };
}

/** "+ 9 processes", "+ 1 - 2 databases"; empty when nothing happens to them. */
function signed({ add, change, remove }: Changes, one: string, many?: string): string {
  const signs = [add > 0 && `+ ${add}`, change > 0 && `~ ${change}`, remove > 0 && `- ${remove}`].filter(Boolean);
  if (signs.length === 0) return "";
  const noun = count(add + change + remove, one, many).replace(/^\d+ /, "");
  return `${signs.join(" ")} ${noun}`;
}
