import { type Static, Type } from "typebox";
import type { Progress } from "../../components/provider/host.ts";
import { Change } from "./diff.ts";

export const operations = ["create", "update", "replace", "delete", "same", "read"] as const;
export type Operation = (typeof operations)[number];

const words = <Word extends string>(list: readonly Word[]) => Type.Unsafe<Word>(Type.Enum([...list]));

/** One resource's part in a run. The list of steps is the plan, and later the account of what was done. */
export const Step = Type.Object({
  urn: Type.String(),
  type: Type.String(),
  name: Type.String(),
  /** False for a component, which groups resources and has no effect of its own. */
  custom: Type.Boolean(),
  op: words(operations),
  /** Changed inputs; secrets and values that are not known yet are words. */
  diff: Type.Array(Change),
  /** The inputs that cannot be changed in place. */
  replaceKeys: Type.Array(Type.String()),
  parent: Type.Optional(Type.String()),
  dependencies: Type.Array(Type.String()),
  status: words(["planned", "running", "done", "failed", "skipped"]),
  /** skipped: the failed resource it waits for. */
  waitsFor: Type.Optional(Type.String()),
});
export type Step = Static<typeof Step>;

/** An error in events: `hint` says what to do. */
export const EventError = Type.Object({
  code: Type.Optional(Type.String()),
  message: Type.String(),
  hint: Type.Optional(Type.String()),
});
export type EventError = Static<typeof EventError>;

export const Counts = Type.Unsafe<Record<Operation, number>>(Type.Record(words(operations), Type.Integer()));
export type Counts = Static<typeof Counts>;

const at = Type.String();
/** What a run tells while it runs. JSON in full; nothing in it is secret. `at` is ISO 8601, `ms` milliseconds. */
export const EngineEvent = Type.Union([
  Type.Object({ kind: Type.Literal("started"), at, step: Step }),
  Type.Object({
    kind: Type.Literal("progress"),
    at,
    urn: Type.String(),
    name: Type.String(),
    progress: Type.Unsafe<Progress>(Type.Object({ phase: Type.String() })),
  }),
  Type.Object({ kind: Type.Literal("done"), at, step: Step, ms: Type.Number() }),
  Type.Object({ kind: Type.Literal("failed"), at, step: Step, error: EventError }),
  Type.Object({ kind: Type.Literal("skipped"), at, step: Step, reason: Type.String() }),
  /** What is really there differs from the state. */
  Type.Object({ kind: Type.Literal("drift"), at, urn: Type.String(), gone: Type.Boolean(), diff: Type.Array(Change) }),
  Type.Object({
    kind: Type.Literal("diagnostic"),
    at,
    severity: words(["info", "warning", "error"]),
    message: Type.String(),
    urn: Type.Optional(Type.String()),
  }),
  Type.Object({
    kind: Type.Literal("finished"),
    at,
    changes: Counts,
    failed: Type.Integer(),
    interrupted: Type.Boolean(),
  }),
]);
export type EngineEvent = Static<typeof EngineEvent>;
/** An event before it is stamped with its time. */
export type Told = EngineEvent extends infer Event ? (Event extends unknown ? Omit<Event, "at"> : never) : never;

export interface RunResult {
  steps: Step[];
  /** The stack's outputs; secrets and unknown values are words. */
  outputs: Record<string, unknown>;
  /** The outputs with secrets in the clear. */
  revealOutputs(): Record<string, unknown>;
  failed: { urn: string; error: Error }[];
  /** How many custom resources were (or would be) created, updated, … ; failed and skipped ones are not counted. */
  changes: Counts;
  /** True when it was stopped before it had done everything. */
  interrupted: boolean;
}
