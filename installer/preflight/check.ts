import { type Static, Type } from "typebox";
import type { HomePaths, StackPaths } from "../../components/provider/paths.ts";
import type { Platform } from "../../components/provider/platform.ts";
import type { Settings } from "../../stacks/config/schema.ts";
import type { Facts } from "./facts.ts";

/** What one check found. `fail` stops an `up`, `warn` does not, `skipped` says that the question does not arise here. */
export const CheckResult = Type.Object(
  {
    /** Stable; scripts may rely on it. */
    name: Type.String({ pattern: "^[a-z][a-z0-9-]*$" }),
    title: Type.String(),
    /** What goes wrong when this is not in order. */
    why: Type.String(),
    status: Type.Union([Type.Literal("ok"), Type.Literal("warn"), Type.Literal("fail"), Type.Literal("skipped")]),
    /** What was found, in one sentence without a full stop. */
    result: Type.String(),
    /** What to do; a command where there is one. */
    fix: Type.Optional(Type.String()),
    /** The numbers behind the sentence. */
    data: Type.Optional(Type.Unknown()),
    /** A change of the settings that settles the matter. */
    change: Type.Optional(Type.Object({ path: Type.String(), value: Type.Unknown() })),
    durationMs: Type.Integer({ minimum: 0 }),
  },
  { additionalProperties: false },
);
export type CheckResult = Static<typeof CheckResult>;

/** The part of a result that a check answers itself. */
export type Finding = Omit<CheckResult, "name" | "title" | "why" | "durationMs">;

export interface PreflightInput {
  settings: Settings;
  paths: StackPaths;
  home: HomePaths;
  /** Folder of this checkout. */
  root: string;
  platform: Platform;
  needs: Needs;
  /** What our own running processes hold already: neither a conflict nor needed once more. */
  owned: { ports: number[]; pids: number[] };
}

export interface Needs {
  /** MiB of all programs of the profile together. */
  memory: number;
  /** Bytes that will be written: `cache` is 0 when every program is there already. */
  disk: { cache: number; data: number };
  ports: { component: string; port: number }[];
}

/** What a check works on: the question and the machine it is asked of. */
export interface CheckInput extends PreflightInput {
  facts: Facts;
}

export interface Check {
  name: string;
  title: string;
  why: string;
  /** Milliseconds it may take, for one that asks far away. @default the preflight's own limit */
  limit?: number;
  run(input: CheckInput, signal: AbortSignal): Promise<Finding>;
}
