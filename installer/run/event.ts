import { type Static, Type } from "typebox";

/** Progress of a long step, as `components/provider/host.ts` defines it. */
const Progress = Type.Object({
  phase: Type.String(),
  done: Type.Optional(Type.Number()),
  total: Type.Optional(Type.Number()),
  unit: Type.Optional(Type.Union([Type.Literal("bytes"), Type.Literal("steps")])),
  rate: Type.Optional(Type.Number()),
  eta: Type.Optional(Type.Number()),
  note: Type.Optional(Type.String()),
});

/**
 * One line of a run's `events.jsonl`: what happened to one resource. Terminal, dashboard and tests read the same lines.
 * None carries a secret.
 */
export const RunEvent = Type.Object({
  /** Milliseconds since 1970. */
  at: Type.Number(),
  /** `skipped`: not done because something it needs failed, or the run was stopped before its end. */
  state: Type.Union([
    Type.Literal("started"),
    Type.Literal("progress"),
    Type.Literal("done"),
    Type.Literal("failed"),
    Type.Literal("skipped"),
  ]),
  urn: Type.String(),
  operation: Type.String(),
  progress: Type.Optional(Progress),
  /** failed: the error; skipped: the reason, in one sentence. */
  message: Type.Optional(Type.String()),
  /** failed: what to do about it. */
  hint: Type.Optional(Type.String()),
  /** skipped: the resource whose failure is the reason. */
  because: Type.Optional(Type.String()),
});
export type RunEvent = Static<typeof RunEvent>;

/** One resource of the plan a run carries out. */
export const PlannedStep = Type.Object({
  urn: Type.String(),
  parent: Type.Optional(Type.String()),
  operation: Type.String(),
  /** False for a component, which groups resources and has no effect of its own. */
  custom: Type.Boolean(),
  /** Resources that must be there first. */
  dependencies: Type.Optional(Type.Array(Type.String())),
  /** Version of the program, for an artifact or a process. */
  version: Type.Optional(Type.String()),
  /** Address people open, for a site of the proxy. */
  url: Type.Optional(Type.String()),
  /** Minutes, for a program that has to be built here. */
  build: Type.Optional(Type.Number()),
});
export type PlannedStep = Static<typeof PlannedStep>;

/** Last part of a URN `urn:pulumi:stack::project::parent$type::name`. */
export function nameOf(urn: string): string {
  return urn.split("::").slice(3).join("::");
}

/** Type token without those of its parents. */
export function typeOf(urn: string): string {
  return urn.split("::")[2]?.split("$").at(-1) ?? "";
}
