import { at, list, type Resource, type Rule } from "../rule.ts";

const claimType = "kubernetes:core/v1:PersistentVolumeClaim";
const volumeType = "docker:index/volume:Volume";

/** What keeps data is copied every night, or says why it can be lost. */
export const copies: Rule = {
  name: "copies-every-night",
  description: "Every volume has a nightly copy, is on disks that are copied whole, or says why it can be lost.",
  all(resources) {
    // AWS Backup copies every disk by its tag.
    if (resources.some(({ type }) => type === "aws:backup/plan:Plan")) return [];
    const copied = new Set(resources.flatMap(copiesOf));
    return resources.flatMap((resource) => {
      const workload = workloadOf(resource);
      if (workload === undefined || copied.has(workload)) return [];
      return [{ urn: resource.urn, message: `Nothing copies what ${workload} keeps, and it does not say why not.` }];
    });
  },
};

/** The workload whose data a volume holds; undefined for one that can be lost, and for what is no volume. */
function workloadOf({ type, inputs }: Resource): string | undefined {
  if (type === claimType) {
    if (at(inputs, "metadata", "annotations", "devflow.dev/losable") !== undefined) return undefined;
    return String(at(inputs, "metadata", "name")).replace(/-data$/, "");
  }
  if (type !== volumeType || labelOf(inputs, "dev.devflow.losable") !== undefined) return undefined;
  return labelOf(inputs, "dev.devflow.workload") ?? String(inputs.name);
}

/** Names of the workloads that a resource copies. */
function copiesOf({ type, inputs }: Resource): string[] {
  if (type === "kubernetes:batch/v1:CronJob") {
    const copied = at(inputs, "metadata", "labels", "devflow.dev/copies");
    return typeof copied === "string" ? [copied] : [];
  }
  return type === "docker:index/container:Container" ? (labelOf(inputs, "dev.devflow.copies") ?? "").split(",") : [];
}

function labelOf(inputs: Record<string, unknown>, name: string): string | undefined {
  const found = list(inputs.labels).find((label) => at(label, "label") === name);
  return found === undefined ? undefined : String(at(found, "value"));
}
