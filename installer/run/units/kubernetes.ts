import { PassThrough } from "node:stream";
import type { CoreV1Api, V1Pod } from "@kubernetes/client-node";
import { connect, refused } from "../../../components/provider/kubernetes/cluster.ts";
import type { ProcessState, ProcessStatus } from "../../../components/provider/process.ts";
import { type LineOptions, timed, type Units, type WorkloadEngine, wholeLines } from "./unit.ts";

/** The pods of a stack's own namespaces. */
export async function podUnits(engine: Extract<WorkloadEngine, { kind: "kubernetes" }>): Promise<Units> {
  const { client, config } = await connect(engine);
  const api = config.makeApiClient(client.CoreV1Api);
  const places = new Map<string, { namespace: string; container: string }>();
  return { list, lines, async [Symbol.asyncDispose]() {} };

  async function list(): Promise<ProcessStatus[]> {
    const all = await Promise.all(engine.namespaces.map((namespace) => podsOf(api, namespace)));
    // A job that has done its work is nothing that runs.
    const pods = all.flat().filter(({ status }) => status?.phase !== "Succeeded");
    const used = await memory();
    return pods.map((pod) => {
      const { name = "", namespace = "" } = pod.metadata ?? {};
      places.set(name, { namespace, container: pod.spec?.containers[0]?.name ?? "" });
      return statusOf(pod, used.get(name));
    });
  }

  /** Of clusters that measure their pods; most do. */
  async function memory(): Promise<Map<string, number>> {
    const metrics = new client.Metrics(config);
    const found = await Promise.all(
      engine.namespaces.map((namespace) => metrics.getPodMetrics(namespace).catch(() => ({ items: [] }))),
    );
    return new Map(
      found.flatMap(({ items }) =>
        items.map(({ metadata, containers }) => [
          metadata.name,
          containers.reduce((sum, { usage }) => sum + bytesOf(usage.memory), 0),
        ]),
      ),
    );
  }

  async function* lines(name: string, { last, since, follow, signal }: LineOptions) {
    const place = places.get(name);
    if (!place) throw new Error(`pod ${name} was never listed`);
    const stream = new PassThrough();
    const call = await new client.Log(config)
      .log(place.namespace, name, place.container, stream, {
        ...{ follow, timestamps: true },
        ...(since === undefined ? { tailLines: last } : { sinceTime: since }),
      })
      .catch((cause: unknown) => Promise.reject(refused(`read the output of ${name}`, cause)));
    const end = () => {
      call.abort();
      stream.destroy();
    };
    signal.addEventListener("abort", end, { once: true });
    try {
      for await (const line of wholeLines(stream)) {
        const found = timed(line);
        if (since === undefined || found.time > since) yield found;
      }
    } catch (error) {
      if (!signal.aborted) throw error;
    } finally {
      signal.removeEventListener("abort", end);
      end();
    }
  }
}

async function podsOf(api: CoreV1Api, namespace: string): Promise<V1Pod[]> {
  const { items } = await api
    .listNamespacedPod({ namespace })
    .catch((cause: unknown) => Promise.reject(refused(`list the pods of ${namespace}`, cause)));
  return items;
}

function statusOf(pod: V1Pod, memory: number | undefined): ProcessStatus {
  const { metadata, spec, status } = pod;
  const { name = "", namespace = "", labels = {} } = metadata ?? {};
  const [container] = status?.containerStatuses ?? [];
  const running = container?.state?.running;
  const ended = container?.lastState?.terminated ?? container?.state?.terminated;
  const image = spec?.containers[0]?.image ?? "";
  const startedAt = running?.startedAt && new Date(running.startedAt).toISOString();
  return {
    name,
    component: labels["app.kubernetes.io/component"] ?? labels["cnpg.io/cluster"] ?? name,
    version: /:([^:/@]+)(@.*)?$/.exec(image)?.[1] ?? "",
    state: stateOf(pod),
    pid: undefined,
    since: startedAt ?? (metadata?.creationTimestamp ? new Date(metadata.creationTimestamp).toISOString() : ""),
    startedAt,
    restarts: container?.restartCount ?? 0,
    lastExit: ended && {
      code: ended.exitCode,
      signal: null,
      at: ended.finishedAt ? new Date(ended.finishedAt).toISOString() : "",
    },
    reason: reasonOf(pod),
    lastLines: [],
    log: `kubectl -n ${namespace} logs ${name}`,
    ports: [],
    rss: memory,
    cpu: undefined,
    processes: running ? 1 : 0,
  };
}

function stateOf({ metadata, status }: V1Pod): ProcessState {
  const [container] = status?.containerStatuses ?? [];
  const waiting = container?.state?.waiting?.reason;
  if (metadata?.deletionTimestamp) return "stopping";
  if (isTrue(status, "Ready")) return "ready";
  if (waiting === "CrashLoopBackOff") return "crashloop";
  if (/BackOff$|^Err|Error$|^Invalid/.test(waiting ?? "") || status?.phase === "Failed") return "backoff";
  if (!container?.state?.running) return "waiting";
  // It was ready once when it has been so for longer than it takes to start; the cluster does not say it more exactly.
  return container.started === true ? "unready" : "starting";
}

function reasonOf({ status }: V1Pod): string | undefined {
  if (isTrue(status, "Ready")) return undefined;
  const [container] = status?.containerStatuses ?? [];
  const waiting = container?.state?.waiting;
  const scheduled = status?.conditions?.find(({ type, status }) => type === "PodScheduled" && status === "False");
  const ended = container?.lastState?.terminated ?? container?.state?.terminated;
  if (scheduled) return scheduled.message ?? scheduled.reason;
  if (ended?.reason === "OOMKilled") return "it was ended for using more memory than it may";
  if (waiting?.reason === "CrashLoopBackOff" && ended) return `it ended with code ${ended.exitCode}`;
  if (waiting) return [waiting.reason, waiting.message].filter(Boolean).join(": ").split("\n")[0];
  return status?.message ?? status?.conditions?.find(({ status }) => status === "False")?.message;
}

function isTrue(status: V1Pod["status"], condition: string): boolean {
  return status?.conditions?.some(({ type, status }) => type === condition && status === "True") ?? false;
}

/** Of a quantity as clusters write it: `12345Ki`. */
function bytesOf(quantity: string): number {
  const [, number = "0", unit = ""] = /^([0-9.]+)([A-Za-z]*)$/.exec(quantity) ?? [];
  const powers: Record<string, number> = { Ki: 2 ** 10, Mi: 2 ** 20, Gi: 2 ** 30, k: 1e3, M: 1e6, G: 1e9, m: 1e-3 };
  return Number(number) * (powers[unit] ?? 1);
}
