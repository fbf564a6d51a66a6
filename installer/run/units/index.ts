import type { Units, WorkloadEngine } from "./unit.ts";

export * from "./unit.ts";

/** Loaded here, since most runs look at no engine. */
export async function unitsOf(engine: WorkloadEngine): Promise<Units> {
  return engine.kind === "docker"
    ? (await import("./docker.ts")).dockerUnits(engine)
    : (await import("./kubernetes.ts")).podUnits(engine);
}
