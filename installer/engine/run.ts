import { DevflowError } from "../../components/error.ts";
import type { Host } from "../../components/provider/host.ts";
import type { ProviderTable } from "../../components/provider/provider.ts";
import type { Provider } from "./decide.ts";
import {
  type Counts,
  type EngineEvent,
  type EventError,
  operations,
  type RunResult,
  type Step,
  type Told,
} from "./events.ts";
import { errorCode } from "./files.ts";
import type { Limit } from "./limit.ts";
import type { Redactor } from "./redact.ts";
import type { Resource } from "./resource.ts";
import type { Ledger } from "./store.ts";
import { stackUrn, urnName } from "./urn.ts";
import { type Json, mask, type Properties, revealAll } from "./values.ts";

/** All that one run knows; made by `runProgram`, shared by the steps. */
export interface Run {
  stack: string;
  project: string;
  /** Nothing is done, only said. */
  dry: boolean;
  /** Each resource is looked at before it is decided about. */
  refresh: boolean;
  providers: ProviderTable;
  host: Host;
  ledger: Ledger;
  limit: Limit;
  secrets: Redactor;
  /** Aborted: nothing new is started. */
  signal: AbortSignal;
  /** Aborted: what is under way is to stop too. */
  hardSignal: AbortSignal;
  onEvent(event: EngineEvent): void;
  /** Answers StackReference. */
  readStack(name: string): Promise<Properties | undefined>;

  steps: Step[];
  failed: { urn: string; error: Error }[];
  interrupted: boolean;
  outputs: Properties;
  /** URNs the program has declared so far. */
  declared: Set<string>;
  /** URNs that failed or were skipped: what points at them is skipped. */
  broken: Set<string>;
  /** URNs that this run changes (or, in a preview, would change). */
  changing: Set<string>;
  /** Resources that have to be replaced since what they are made from is deleted first, with the inputs that say so. */
  mustReplace: Map<string, string[]>;
  /** Those of them that are deleted already. */
  goneFirst: Map<string, Promise<Resource | undefined>>;
  /** `<urn> <id>` of those replaced in this run: their deletion at the end is part of the replace step. */
  ownLeftovers: Set<string>;
}

export function tell(run: Run, event: Told): void {
  run.onEvent({ ...event, at: new Date().toISOString() } as EngineEvent);
}

export function diagnose(run: Run, severity: "info" | "warning" | "error", message: string, urn?: string) {
  tell(run, { kind: "diagnostic", severity, message: run.secrets.text(message), ...(urn ? { urn } : {}) });
}

type StepOptions = Pick<Step, "urn" | "type" | "custom" | "op"> & Partial<Step>;

export function newStep(run: Run, options: StepOptions): Step {
  const step: Step = {
    name: urnName(options.urn),
    diff: [],
    replaceKeys: [],
    dependencies: [],
    status: "planned",
    ...options,
  };
  run.steps.push(step);
  return step;
}

export function stepOf(run: Run, { urn, type, custom, parent, dependencies }: Resource, op: Step["op"]): Step {
  return newStep(run, { urn, type, custom, op, dependencies, ...(parent === undefined ? {} : { parent }) });
}

export function done(run: Run, step: Step, since: number): void {
  step.status = run.dry ? "planned" : "done";
  if (step.op !== "same" && step.op !== "read") run.changing.add(step.urn);
  if (!run.dry && step.custom) tell(run, { kind: "done", step: copy(step), ms: Math.round(performance.now() - since) });
}

export function skip(run: Run, step: Step, waitsFor: string | undefined): void {
  step.status = "skipped";
  if (waitsFor !== undefined) step.waitsFor = waitsFor;
  run.broken.add(step.urn);
  const reason = waitsFor === undefined ? "the run was interrupted" : `it waits for ${urnName(waitsFor)}`;
  tell(run, { kind: "skipped", step: copy(step), reason });
}

export function fail(run: Run, step: Step, thrown: unknown): void {
  if (thrown === interruption) {
    run.interrupted = true;
    skip(run, step, undefined);
    return;
  }
  step.status = "failed";
  run.broken.add(step.urn);
  const error = run.secrets.error(run.hardSignal.aborted ? stopped(step, thrown) : named(step, thrown));
  run.interrupted ||= run.hardSignal.aborted;
  run.failed.push({ urn: step.urn, error });
  tell(run, { kind: "failed", step: copy(step), error: eventError(error) });
}

/** What ended outside any step: the program itself. */
export function failProgram(run: Run, thrown: unknown): void {
  const error = run.secrets.error(thrown);
  run.failed.push({ urn: stackUrn(run.stack, run.project), error });
  tell(run, { kind: "diagnostic", severity: "error", message: error.message, urn: stackUrn(run.stack, run.project) });
}

/** Thrown where a step that has not started finds the run interrupted. */
export const interruption = Symbol("interrupted");

/** @throws DevflowError UNSUPPORTED for a type no provider is there for. */
export function providerOf(run: Run, type: string): Provider {
  const provider = run.providers[type];
  if (provider) return provider;
  throw new DevflowError("UNSUPPORTED", `The embedded engine has no provider for resources of the type ${type}.`, {
    hint: "Run this stack with Pulumi's own engine, or with the version of DevFlow that made the resource.",
  });
}

export function resultOf(run: Run): RunResult {
  const changes = Object.fromEntries(operations.map((op) => [op, 0])) as Counts;
  for (const { custom, op, status } of run.steps) {
    if (custom && (status === "done" || status === "planned")) changes[op] += 1;
  }
  const { steps, failed, interrupted, outputs } = run;
  tell(run, { kind: "finished", changes, failed: failed.length, interrupted });
  const masked = run.secrets.value(mask(outputs)) as Properties;
  return { steps, failed, interrupted, changes, outputs: masked, revealOutputs: () => revealAll(outputs) };
}

export function redactDiff(run: Run, diff: Step["diff"]): Step["diff"] {
  return run.secrets.value(diff as Json) as Step["diff"];
}

// --- internal ---

/** Whatever a provider throws once it has been told to stop, it threw for that. */
function stopped({ name, type }: Step, cause: unknown): DevflowError {
  const hint = "Run the same command again: it goes on from here.";
  return new DevflowError("INTERRUPTED", `${name} (${type}) was stopped in the middle.`, { hint, cause });
}

/** The error with the resource's name. A provider's plain error becomes one that a person can act on. */
function named({ name, type }: Step, thrown: unknown): Error {
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  const full = /^[ :]/.test(message.startsWith(name) ? message.slice(name.length) : "")
    ? message
    : `${name} (${type}): ${message}`;
  if (thrown instanceof DevflowError) {
    return new DevflowError(thrown.code, full, { hint: thrown.hint, docs: thrown.docs, cause: thrown.cause });
  }
  if (errorCode(thrown) === "ENOSPC") {
    return new DevflowError("DISK_FULL", full, {
      hint: "Free some space and run the same command again.",
      cause: thrown,
    });
  }
  const hint = "Remove the cause and run the same command again: it goes on from here.";
  return new DevflowError("COMPONENT_FAILED", full, { hint, cause: thrown });
}

function eventError(error: Error): EventError {
  if (!(error instanceof DevflowError)) return { message: error.message };
  return { code: error.code, message: error.message, hint: error.hint };
}

/** Events are told of a step as it was then. */
function copy(step: Step): Step {
  return structuredClone(step);
}
