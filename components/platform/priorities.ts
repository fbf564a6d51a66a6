import type { Output, ProviderResource } from "@pulumi/pulumi";
import { child } from "../component.ts";
import { type Rank, ranks } from "../primitives/rank.ts";
import { sdk } from "../sdk.ts";

const descriptions: Record<Rank, string> = {
  data: "Databases and stores: the last to give way",
  platform: "Services of the platform",
  runtime: "Parts that serve people's apps",
  runner: "Jobs of workflows: the first to give way",
};

/**
 * A class of the cluster for each rank. All of them are above the cluster's own default, which is 0: a tenant's programs make
 * room for the platform. Jobs take nobody's.
 */
export function priorityClasses(namespace: string, provider: ProviderResource): Record<Rank, Output<string>> {
  const { PriorityClass } = sdk.kubernetes().scheduling.v1;
  const made = [...ranks].reverse().map((rank, index): [Rank, Output<string>] => {
    const name = `${namespace}-${rank}`;
    const args = {
      metadata: { name, labels: { "app.kubernetes.io/part-of": "devflow" } },
      value: (index + 1) * 1000,
      preemptionPolicy: rank === "runner" ? "Never" : "PreemptLowerPriority",
      description: descriptions[rank],
    };
    return [rank, child(PriorityClass, `priority-${rank}`, args, undefined, undefined, { provider }).metadata.name];
  });
  return Object.fromEntries(made) as Record<Rank, Output<string>>;
}
