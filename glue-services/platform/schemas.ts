import { type Static, Type } from "typebox";

const Nullable = <T extends ReturnType<typeof Type.Number | typeof Type.String>>(schema: T) =>
  Type.Union([schema, Type.Null()]);

/** How a component is, in the words people read: the worst of its processes decides. */
export const states = [
  "ready",
  "starting",
  "preparing",
  "waiting",
  "degraded",
  "failed",
  "stopped",
  "unknown",
] as const;
export const State = Type.Enum([...states]);
export type State = (typeof states)[number];

/** How far a long step is. */
export const Progress = Type.Object({
  /** Present participle: downloading, compiling, starting. */
  phase: Type.String(),
  /** 0 to 100; null when the end is not known. */
  percent: Nullable(Type.Number()),
  /** Seconds left, estimated. */
  eta: Nullable(Type.Number()),
  note: Nullable(Type.String()),
});
export type Progress = Static<typeof Progress>;

export const ProcessState = Type.Object({
  name: Type.String(),
  state: Type.String({
    description: "The supervisor's own word: waiting, starting, ready, unready, backoff, crashloop, stopping, stopped.",
  }),
  version: Type.String(),
  pid: Nullable(Type.Number()),
  since: Type.String({ description: "ISO 8601." }),
  restarts: Type.Number(),
  reason: Nullable(Type.String({ description: "Why it is not ready, in one sentence." })),
  ports: Type.Array(Type.Number()),
  memory: Nullable(Type.Number({ description: "Resident bytes." })),
  cpu: Nullable(Type.Number({ description: "Percent of one core." })),
});
export type ProcessState = Static<typeof ProcessState>;

export const ComponentStatus = Type.Object({
  name: Type.String(),
  state: State,
  version: Type.String(),
  address: Nullable(Type.String({ description: "What a person opens." })),
  reason: Nullable(Type.String()),
  since: Nullable(Type.String({ description: "ISO 8601." })),
  memory: Nullable(Type.Number({ description: "Resident bytes of all its processes." })),
  cpu: Nullable(Type.Number({ description: "Percent of one core." })),
  progress: Type.Union([Progress, Type.Null()]),
  processes: Type.Array(ProcessState),
});
export type ComponentStatus = Static<typeof ComponentStatus>;

/** The run of the engine that is under way, or the last one. */
export const Run = Type.Object({
  id: Type.String(),
  command: Type.String(),
  state: Type.Enum(["running", "succeeded", "failed", "interrupted"]),
  startedAt: Nullable(Type.String()),
  endedAt: Nullable(Type.String()),
  failed: Type.Array(Type.String(), { description: "Components that it could not bring up." }),
  steps: Type.Array(
    Type.Object({
      name: Type.String(),
      state: Type.Enum(["running", "done", "failed", "skipped"]),
      progress: Type.Union([Progress, Type.Null()]),
    }),
  ),
});
export type Run = Static<typeof Run>;

export const Status = Type.Object({
  state: State,
  version: Type.String(),
  url: Type.String(),
  checkedAt: Type.String({ description: "ISO 8601." }),
  supervisor: Type.Object({
    reachable: Type.Boolean(),
    reason: Nullable(Type.String({ description: "Why it did not answer." })),
  }),
  components: Type.Array(ComponentStatus),
  run: Type.Union([Run, Type.Null()]),
  totals: Type.Object({ memory: Type.Number(), cpu: Type.Number(), processes: Type.Number() }),
});
export type Status = Static<typeof Status>;

/** Strangers are told DevFlow's version alone, where the platform listens beyond its machine. */
export const Version = Type.Object({
  version: Type.String(),
  node: Type.Optional(Type.String()),
  startedAt: Type.Optional(Type.String()),
});
