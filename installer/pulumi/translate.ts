import type * as automation from "@pulumi/pulumi/automation/index.js";
import { changes } from "../engine/diff.ts";
import { type Counts, type EngineEvent, type Operation, operations, type Step, type Told } from "../engine/events.ts";
import { urnName } from "../engine/urn.ts";
import type { Properties } from "../engine/values.ts";

type PulumiEvent = automation.EngineEvent;
type Metadata = NonNullable<PulumiEvent["resourcePreEvent"]>["metadata"];

/** A run of Pulumi's engine as the embedded one would tell it. */
export interface Translation {
  take(event: PulumiEvent): void;
  steps(): Step[];
  failed(): { urn: string; error: Error }[];
  changes(): Counts;
}

/**
 * Turns Pulumi's events into the installer's own, one run a translation.
 * @param preview nothing is done: steps stay planned, and no beginning or end is told
 */
export function translate(preview: boolean, onEvent: (event: EngineEvent) => void): Translation {
  const steps = new Map<string, Step>();
  const complaints = new Map<string, string[]>();
  const failed = new Map<string, string>();

  return {
    take(event) {
      if (event.resourcePreEvent) begin(event.resourcePreEvent.metadata);
      else if (event.resOutputsEvent) end(event.resOutputsEvent.metadata);
      else if (event.resOpFailedEvent) fail(event.resOpFailedEvent.metadata);
      else if (event.diagnosticEvent) diagnose(event.diagnosticEvent);
      else if (event.policyEvent) violate(event.policyEvent);
    },
    steps: () => [...steps.values()],
    failed: () => [...failed].map(([urn, message]) => ({ urn, error: new Error(message) })),
    changes: count,
  };

  function begin(metadata: Metadata): void {
    const step = stepOf(metadata);
    if (!step) return;
    steps.set(step.urn, step);
    if (preview || step.op === "same" || !step.custom) return;
    step.status = "running";
    tell({ kind: "started", step: structuredClone(step) });
  }

  function end(metadata: Metadata): void {
    const step = stepOf(metadata) && steps.get(metadata.urn);
    if (!step || step.status === "failed") return;
    // Inputs may have been unknown when it began.
    step.diff = diffOf(metadata);
    if (preview) return;
    step.status = "done";
    if (step.custom) tell({ kind: "done", step: structuredClone(step), ms: 0 });
  }

  function fail(metadata: Metadata): void {
    const step = stepOf(metadata) ?? steps.get(metadata.urn);
    if (!step) return;
    step.status = "failed";
    steps.set(step.urn, step);
    const message = complaints.get(step.urn)?.join("\n") || `${step.name} (${step.type}) failed`;
    failed.set(step.urn, message);
    tell({ kind: "failed", step: structuredClone(step), error: { code: "COMPONENT_FAILED", message, hint } });
  }

  function diagnose({ severity, message, urn, ephemeral }: NonNullable<PulumiEvent["diagnosticEvent"]>): void {
    // Pulumi's debugging messages spell out every property, secrets too.
    const level = levels[severity];
    const text = plain(message);
    if (!level || !text) return;
    if (ephemeral && urn) {
      tell({ kind: "progress", urn, name: urnName(urn), progress: { phase: text } });
      return;
    }
    if (severity === "error" && urn) complaints.set(urn, [...(complaints.get(urn) ?? []), text]);
    // An error of the program itself belongs to no step.
    if (severity === "error" && (!urn || /::pulumi:pulumi:Stack::/.test(urn))) failed.set(urn ?? "", text);
    tell({ kind: "diagnostic", severity: level, message: text, ...(urn && { urn }) });
  }

  function violate({ enforcementLevel, policyName, message, resourceUrn }: NonNullable<PulumiEvent["policyEvent"]>) {
    const text = `policy ${policyName}: ${plain(message)}`;
    const mandatory = enforcementLevel === "mandatory";
    if (mandatory) failed.set(resourceUrn ?? "", text);
    const severity = mandatory ? "error" : "warning";
    tell({ kind: "diagnostic", severity, message: text, ...(resourceUrn && { urn: resourceUrn }) });
  }

  function count(): Counts {
    const counts = Object.fromEntries(operations.map((op) => [op, 0])) as Counts;
    for (const { custom, op, status } of steps.values()) {
      if (custom && (status === "done" || status === "planned")) counts[op] += 1;
    }
    return counts;
  }

  function tell(event: Told): void {
    onEvent({ ...event, at: new Date().toISOString() } as EngineEvent);
  }
}

const hint = "Remove the cause and run the same command again: it goes on from here.";

const levels: Partial<Record<string, "info" | "warning" | "error">> = {
  info: "info",
  "info#err": "info",
  warning: "warning",
  error: "error",
};

/** Pulumi's operations as ours. Those of a replacement's inner steps but the first are part of it. */
const operationOf: Partial<Record<string, Operation>> = {
  same: "same",
  create: "create",
  update: "update",
  delete: "delete",
  read: "read",
  import: "create",
  "create-replacement": "replace",
  "import-replacement": "replace",
  "read-replacement": "read",
};

function stepOf(metadata: Metadata): Step | undefined {
  const { urn, type, op, keys } = metadata;
  const ours = operationOf[op];
  if (!ours || type === "pulumi:pulumi:Stack" || type.startsWith("pulumi:providers:")) return undefined;
  const state = metadata.new ?? metadata.old;
  return {
    urn,
    type,
    name: urnName(urn),
    custom: state?.custom ?? false,
    op: ours,
    diff: diffOf(metadata),
    replaceKeys: ours === "replace" ? (keys ?? []) : [],
    dependencies: [],
    status: "planned",
    ...(state?.parent && { parent: state.parent }),
  };
}

function diffOf({ op, old, new: next }: Metadata): Step["diff"] {
  if (op === "same" || op === "delete") return [];
  return changes(properties(op === "create" ? undefined : old?.inputs), properties(next?.inputs));
}

function properties(inputs: Record<string, unknown> | undefined): Properties {
  return (inputs ?? {}) as Properties;
}

/** Without Pulumi's own marks for colour, `<{%fg 1%}>`. */
function plain(message: string): string {
  return message.replaceAll(/<\{%.*?%\}>/g, "").trim();
}
