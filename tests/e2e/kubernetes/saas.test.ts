import { readFileSync } from "node:fs";
import { type AddressInfo, connect, createServer, type Server } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parse } from "yaml";
import { Job } from "../../../components/primitives/job/index.ts";
import { execute, open } from "../../../components/provider/reach/index.ts";
import { evaluateOn } from "../../contract/surroundings.ts";
import { declare, find, type Manifest, manifestsOf } from "../../stacks/saas/manifests.ts";
import { type ApiObject, Cluster, isReady } from "./cluster.ts";
import { type ControlPlane, startControlPlane } from "./control-plane.ts";
import { customDefinitions } from "./definitions.ts";
import { builtPrograms } from "./programs.ts";

const built = await builtPrograms();
if ("missing" in built) {
  console.warn(`Not run: ${built.missing.join(", ")} not built; \`npm run e2e:kubernetes:build\` does it once.`);
}

const settings = {
  "kubernetes.ha": true,
  "kubernetes.tenants": [{ name: "acme", cpu: 2, memory: 4, storage: 10 }],
  "kubernetes.reachable": ["10.20.0.0/16"],
  "kubernetes.secretStore": "vault",
  "backups.destination": "s3://example-backups/devflow",
};

describe.skipIf("missing" in built)("a stack of kind saas on a real API server", () => {
  let plane: ControlPlane;
  let cluster: Cluster;
  let manifests: Manifest[];
  let echo: Server;

  beforeAll(async () => {
    if ("missing" in built) return;
    echo = createServer((socket) => socket.pipe(socket));
    await new Promise<void>((resolve) => echo.listen(0, "127.0.0.1", resolve));
    plane = await startControlPlane(built, { port: (echo.address() as AddressInfo).port });
    cluster = new Cluster(plane.kubeconfig);
    await cluster.addNodes(8, 16);
    const storage = join(built.kwok, "share/stages/volume/fast/storage-class.yaml");
    await cluster.apply(parse(readFileSync(storage, "utf8")) as ApiObject);
    for (const definition of await customDefinitions()) await cluster.define(definition as ApiObject);
    manifests = manifestsOf(await declare(settings));
  });
  afterAll(async () => {
    await plane?.[Symbol.asyncDispose]();
    echo?.close();
  });

  function setSchedulable(name: string, schedulable: boolean): Promise<ApiObject> {
    const node = { apiVersion: "v1", kind: "Node", metadata: { name } };
    return cluster.apply({ ...node, spec: { unschedulable: !schedulable } });
  }

  const deployment = () => cluster.read("apps/v1", "Deployment", "platform", "devflow");
  const podsOf = async (name: string) =>
    (await cluster.core.listNamespacedPod({ namespace: "devflow", labelSelector: `app.kubernetes.io/name=${name}` }))
      .items;

  test("every object is accepted by server-side apply", async () => {
    const refused: string[] = [];
    for (const manifest of manifests) {
      await cluster
        .apply(manifest as ApiObject)
        .catch((error: Error) => refused.push(`${manifest.kind} ${manifest.metadata.name}: ${error.message}`));
    }
    expect(refused).toEqual([]);
    expect(new Set(manifests.map(({ kind }) => kind)).size).toBeGreaterThan(18);
  });

  test("a field that does not exist is not accepted, nor is one of an operator's kind", async () => {
    const service = find(manifests, "Service", "code");
    await expect(cluster.apply({ ...service, spec: { ...service.spec, prots: [] } } as ApiObject)).rejects.toThrow(
      /prots/,
    );
    const postgres = find(manifests, "Cluster", "postgres");
    await expect(cluster.apply({ ...postgres, spec: { ...postgres.spec, instnaces: 1 } } as ApiObject)).rejects.toThrow(
      /instnaces/,
    );
  });

  test("a second apply changes nothing", async () => {
    const moving = new Set(["Deployment", "StatefulSet", "HorizontalPodAutoscaler", "PodDisruptionBudget"]);
    for (const manifest of manifests.filter(({ kind }) => !moving.has(kind))) {
      const { apiVersion, kind, metadata } = manifest;
      const before = await cluster.read(apiVersion, kind, metadata.name, metadata.namespace);
      const after = await cluster.apply(manifest as ApiObject);
      expect([kind, metadata.name, after.metadata?.generation]).toEqual([
        kind,
        metadata.name,
        before.metadata?.generation,
      ]);
    }
  });

  test("every workload becomes ready under restricted pod security, with its volumes bound", async () => {
    for (const { apiVersion, kind, metadata } of manifests) {
      if (kind !== "Deployment" && kind !== "StatefulSet") continue;
      await cluster.until(
        `readiness of ${metadata.name}`,
        () => cluster.read(apiVersion, kind, metadata.name, metadata.namespace),
        ({ spec, status }) => status?.readyReplicas === (spec.replicas ?? 1) && status.readyReplicas > 0,
      );
    }
    const claims = await cluster.core.listNamespacedPersistentVolumeClaim({ namespace: "devflow" });
    expect(claims.items.map(({ status }) => status?.phase)).toEqual(claims.items.map(() => "Bound"));
    const wanted = manifests.filter(({ kind }) => kind === "PersistentVolumeClaim");
    expect(claims.items.map(({ metadata }) => metadata?.name).sort()).toEqual(
      wanted.map(({ metadata }) => metadata.name).sort(),
    );
  });

  test("a pod that is not restricted is refused", async () => {
    const container = { name: "app", image: "example.com/app:1" };
    const pod = { apiVersion: "v1", kind: "Pod", metadata: { name: "loose", namespace: "devflow" } };
    await expect(cluster.apply({ ...pod, spec: { containers: [container] } })).rejects.toThrow(/violates PodSecurity/);
  });

  test("the autoscaler has raised the services to two, on two nodes", async () => {
    await cluster.until("two pods", deployment, ({ status }) => status?.availableReplicas === 2);
    const nodes = (await podsOf("platform")).map(({ spec }) => spec?.nodeName);
    expect(new Set(nodes).size).toBe(2);
    const scaler = await cluster.read("autoscaling/v2", "HorizontalPodAutoscaler", "platform", "devflow");
    expect(scaler.status.desiredReplicas).toBe(2);
  });

  test("a new version comes without a moment of fewer pods, and the autoscaler keeps the number", async () => {
    const wanted = structuredClone(find(manifests, "Deployment", "platform"));
    wanted.spec.template.spec.containers[0].image = "registry.example.com/devflow/glue:0.2.0";
    const applied = await cluster.apply(wanted as ApiObject);
    const available: number[] = [];
    await cluster.until(
      "the new version",
      async () => {
        const found = await deployment();
        available.push(found.status?.availableReplicas ?? 0);
        return found;
      },
      ({ status }) =>
        status?.observedGeneration >= Number(applied.metadata?.generation) &&
        status.updatedReplicas === 2 &&
        status.replicas === 2 &&
        status.availableReplicas === 2,
    );
    expect(Math.min(...available)).toBeGreaterThanOrEqual(2);
    const images = (await podsOf("platform")).map(({ spec }) => spec?.containers[0]?.image);
    expect(new Set(images)).toEqual(new Set(["registry.example.com/devflow/glue:0.2.0"]));
  });

  test("a rotated key brings new pods", async () => {
    const before = await podsOf("code");
    const wanted = structuredClone(find(manifests, "StatefulSet", "code"));
    wanted.spec.template.metadata.annotations["devflow.dev/config"] = "another";
    await cluster.apply(wanted as ApiObject);
    await cluster.until(
      "another pod",
      () => podsOf("code"),
      (pods) => pods[0]?.metadata?.uid !== before[0]?.metadata?.uid && isReady(pods[0]?.status?.conditions),
    );
  });

  test("the budget lets one pod be evicted at a time", async () => {
    // With nowhere to put another pod, nothing makes up for the first one that goes.
    for (const { metadata } of (await cluster.core.listNode()).items) await setSchedulable(`${metadata?.name}`, false);
    const [one, other] = await podsOf("platform");
    await cluster.until(
      "one allowed disruption",
      () => cluster.read("policy/v1", "PodDisruptionBudget", "platform", "devflow"),
      ({ status }) => status?.disruptionsAllowed === 1,
    );
    const evict = (pod: typeof one) => {
      const [name, namespace] = [pod?.metadata?.name ?? "", "devflow"];
      return cluster.core.createNamespacedPodEviction({ name, namespace, body: { metadata: { name, namespace } } });
    };
    await evict(one);
    await expect(evict(other)).rejects.toThrow(/429|disruption budget/);
    for (const { metadata } of (await cluster.core.listNode()).items) await setSchedulable(`${metadata?.name}`, true);
    await cluster.until("two pods again", deployment, ({ status }) => status?.availableReplicas === 2);
  });

  test("a job runs to its end, and another trigger is another job", async () => {
    const jobOf = async (trigger: string): Promise<ApiObject> => {
      const { goals } = await evaluateOn("kubernetes", () => {
        new Job("migrate", { upstream: "caddy", command: (at) => [at("bin/caddy"), "version"], triggers: [trigger] });
      });
      const [job] = manifestsOf({ goals, outputs: {}, errors: [] });
      if (!job) throw new Error("there is no job");
      return { ...job, metadata: { ...job.metadata, namespace: "devflow" } } as ApiObject;
    };
    const [first, second] = [await jobOf("1"), await jobOf("2")];
    expect(first.metadata?.name).not.toBe(second.metadata?.name);
    await cluster.apply(first);
    await cluster.until(
      "the end of the job",
      () => cluster.read("batch/v1", "Job", `${first.metadata?.name}`, "devflow"),
      ({ status }) => status?.succeeded === 1,
    );
  });

  test("a tenant cannot take more than its part, nor open a door of its own", async () => {
    const namespace = "devflow-acme";
    const security = { runAsNonRoot: true, runAsUser: 1000, seccompProfile: { type: "RuntimeDefault" } };
    const container = {
      name: "app",
      image: "example.com/app:1",
      securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } },
    };
    const pod = (name: string, cpu: string) => ({
      ...{ apiVersion: "v1", kind: "Pod", metadata: { name, namespace } },
      spec: {
        securityContext: security,
        containers: [{ ...container, resources: { requests: { cpu }, limits: { cpu } } }],
      },
    });
    await cluster.apply(pod("small", "1"));
    const small = await cluster.core.readNamespacedPod({ name: "small", namespace });
    expect(small.spec?.containers[0]?.resources?.limits?.memory).toBe("512Mi");
    await expect(cluster.apply(pod("large", "1500m"))).rejects.toThrow(/exceeded quota/);
    const service = { type: "NodePort", ports: [{ port: 80 }], selector: { app: "app" } };
    const door = { apiVersion: "v1", kind: "Service", metadata: { name: "door", namespace }, spec: service };
    await expect(cluster.apply(door)).rejects.toThrow(/exceeded quota/);
  });

  describe("wiring by the API", () => {
    const never = new AbortController().signal;
    const reach = () => ({
      kind: "kubernetes" as const,
      kubeconfig: plane.kubeconfig,
      namespace: "devflow",
      selector: { "app.kubernetes.io/name": "storage" },
      container: "storage",
    });

    test("a forwarded port carries what is said both ways", async () => {
      await using way = await open(reach(), { host: "storage", port: 4405 }, never);
      const answers = await Promise.all(
        Array.from({ length: 4 }, async (_, index) => {
          const message = Buffer.alloc(200_000, index);
          const socket = connect(way);
          socket.write(message);
          let length = 0;
          for await (const chunk of socket) {
            length += (chunk as Buffer).length;
            if (length >= message.length) break;
          }
          return length;
        }),
      );
      expect(answers).toEqual([200_000, 200_000, 200_000, 200_000]);
    });

    test("a program gets all of its input, and its exit code comes back", async () => {
      const execution = { timeout: 30_000, signal: never };
      const input = "line\n".repeat(10_000);
      // kwok never tells a program that its input has ended, as a real kubelet does, so this one knows how much comes.
      const command = ["sh", "-c", 'head -c "$1" | wc -l', "sh", String(input.length)];
      expect(await execute(reach(), { ...execution, command, input })).toBe("10000\n");
      await expect(execute(reach(), { ...execution, command: ["sh", "-c", "echo oh no >&2; exit 7"] })).rejects.toThrow(
        /exit status 7\):\noh no/,
      );
    });

    test("who has no right to it is told which one", async () => {
      await expect(open({ ...reach(), context: "nobody" }, { host: "storage", port: 1 }, never)).rejects.toMatchObject({
        message: expect.stringContaining("Could not list the pods of devflow: pods is forbidden"),
        hint: expect.stringContaining("pods/portforward"),
      });
    });
  });

  test("the same platform with Ingresses is accepted too, beside the first", async () => {
    const ingresses = manifestsOf(
      await declare({
        "kubernetes.namespace": "second",
        "kubernetes.size": "large",
        "kubernetes.keda": true,
        "kubernetes.ingress.kind": "ingress",
        "kubernetes.ingress.class": "nginx",
      }),
    );
    for (const manifest of ingresses) await cluster.apply(manifest as ApiObject);
    // As many as routes, without the one that leads from HTTP to HTTPS: that is the controller's.
    const routes = manifests.filter(({ kind }) => kind === "HTTPRoute").length - 1;
    expect(ingresses.filter(({ kind }) => kind === "Ingress")).toHaveLength(routes);
  });

  test("when the namespaces go, everything goes", async () => {
    const ours = await cluster.core.listNamespace({ labelSelector: "app.kubernetes.io/part-of=devflow" });
    const names = ours.items.map(({ metadata }) => metadata?.name ?? "");
    expect(names).toEqual(expect.arrayContaining(["devflow", "devflow-acme", "devflow-logs", "second"]));
    for (const name of names) await cluster.core.deleteNamespace({ name });
    await cluster.until(
      "an empty cluster",
      async () => (await cluster.core.listNamespace()).items.map(({ metadata }) => metadata?.name ?? ""),
      (left) => !left.some((name) => names.includes(name)),
      180,
    );
    await sleep(1000);
    expect((await cluster.core.listPodForAllNamespaces()).items).toEqual([]);
  });
});
