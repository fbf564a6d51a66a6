import { join } from "node:path";
import type { ProgramBody, RunOptions } from "../../../installer/engine/index.ts";
import { openStore } from "../../../installer/engine/index.ts";
import type { WritePoint } from "../../../installer/engine/store.ts";
import { type Bench, bench } from "./bench.ts";

/** What is brought about from what: the version that is there before, and the run that is killed. */
export const scenarios = {
  "creating twenty resources": { before: undefined, mode: "up", version: 1 },
  "updating, replacing in both orders, deleting and creating": { before: 1, mode: "up", version: 2 },
  "destroying twenty resources": { before: 1, mode: "destroy", version: 1 },
} as const satisfies Record<string, { before: 1 | undefined; mode: RunOptions["mode"]; version: 1 | 2 }>;
export type ScenarioName = keyof typeof scenarios;

/** Runs a scenario with a call at every boundary of a step: its intent is written, its effect done, its result written. */
export async function runScenario(folder: string, name: ScenarioName, boundary: (at: string) => void): Promise<Bench> {
  const b = bench(folder);
  const { mode, version } = scenarios[name];
  // Before a line is written nothing is different from after the one before it.
  const observe = (point: WritePoint) => point !== "append" && boundary(point);
  const store = openStore({ file: b.state, keyFile: join(folder, "state.key"), observe });
  const hook = (point: "before" | "after", effect: string, id: string) =>
    point === "after" && boundary(`${effect} ${id}`);
  const result = await b.run(mode, lazily(version), {
    ...{ store, parallel: 1, refresh: false, providers: b.providers({ hook }) },
  });
  if (result.failed.length > 0) throw result.failed[0]?.error;
  return b;
}

/** Pulumi is loaded only by a run that needs it, since a process is started for every boundary. */
function lazily(version: 1 | 2): ProgramBody {
  return async () => (await import("./twenty.ts")).program(version)();
}
