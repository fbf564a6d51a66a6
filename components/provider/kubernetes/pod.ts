import { setTimeout as sleep } from "node:timers/promises";
import type { V1Pod } from "@kubernetes/client-node";
import { DevflowError } from "../../error.ts";
import { connect, type InCluster, refused } from "./cluster.ts";

/** A pod that serves: any ready one of a workload, waited for while a roll-out has none. */
export async function readyPod(reach: InCluster, signal: AbortSignal, patience = 60_000) {
  const { client, config } = await connect(reach);
  const api = config.makeApiClient(client.CoreV1Api);
  const labelSelector = Object.entries(reach.selector)
    .map(([label, value]) => `${label}=${value}`)
    .join(",");
  const until = Date.now() + patience;
  for (;;) {
    signal.throwIfAborted();
    const { items } = await api
      .listNamespacedPod({ namespace: reach.namespace, labelSelector })
      .catch((cause: unknown) => Promise.reject(refused(`list the pods of ${reach.namespace}`, cause)));
    const name = items.find(isReady)?.metadata?.name;
    if (name !== undefined) return { client, config, name };
    if (Date.now() > until) throw noneReady(reach, labelSelector, items);
    await sleep(1000, undefined, { signal });
  }
}

function isReady({ metadata, status }: V1Pod): boolean {
  const ready = status?.conditions?.some(({ type, status }) => type === "Ready" && status === "True");
  return ready === true && metadata?.deletionTimestamp === undefined;
}

function noneReady({ namespace }: InCluster, selector: string, pods: V1Pod[]): DevflowError {
  const found = pods.map(({ metadata, status }) => `${metadata?.name} is ${waitingFor(status) ?? status?.phase}`);
  return new DevflowError(
    "COMPONENT_FAILED",
    `No pod of ${selector} in ${namespace} is ready: ${found.join(", ") || "there is none"}.`,
    { hint: `\`kubectl -n ${namespace} describe pods -l ${selector}\` says what it waits for.` },
  );
}

function waitingFor(status: V1Pod["status"]): string | undefined {
  return status?.containerStatuses?.map(({ state }) => state?.waiting?.reason).find((reason) => reason !== undefined);
}
