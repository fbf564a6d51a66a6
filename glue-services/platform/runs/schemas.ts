import { type Static, Type } from "typebox";
import { Progress } from "../schemas.ts";

const Time = Type.Union([Type.String({ description: "ISO 8601." }), Type.Null()]);
const Text = Type.Union([Type.String(), Type.Null()]);

export const RunState = Type.Enum(["running", "succeeded", "failed", "interrupted"]);

/** One resource of a run. */
export const RunStep = Type.Object({
  name: Type.String(),
  /** Last part of the resource's type: Process, Artifact, PostgresDatabase. */
  kind: Type.String(),
  operation: Type.String({ description: "create, update, replace, delete or same." }),
  state: Type.Enum(["waiting", "running", "done", "failed", "skipped", "unchanged"]),
  startedAt: Time,
  endedAt: Time,
  progress: Type.Union([Progress, Type.Null()]),
  message: Text,
  hint: Text,
});
export type RunStep = Static<typeof RunStep>;

/** The resources of one component. */
export const RunComponent = Type.Object({
  name: Type.String(),
  version: Text,
  state: Type.Enum(["waiting", "running", "done", "failed", "skipped", "unchanged"]),
  startedAt: Time,
  endedAt: Time,
  steps: Type.Array(RunStep),
});
export type RunComponent = Static<typeof RunComponent>;

const Changes = Type.Object({
  create: Type.Integer(),
  update: Type.Integer(),
  replace: Type.Integer(),
  delete: Type.Integer(),
  same: Type.Integer(),
});

const summary = {
  id: Type.String(),
  command: Type.String({ description: "up, down, destroy." }),
  state: RunState,
  version: Text,
  startedAt: Time,
  endedAt: Time,
  changes: Changes,
  steps: Type.Object({ done: Type.Integer(), total: Type.Integer() }),
  error: Type.Union([
    Type.Object({ component: Type.String(), step: Type.String(), message: Type.String(), hint: Text }),
    Type.Null(),
  ]),
};
export const RunSummary = Type.Object(summary);
export type RunSummary = Static<typeof RunSummary>;

export const RunDetail = Type.Object({ ...summary, components: Type.Array(RunComponent) });
export type RunDetail = Static<typeof RunDetail>;
