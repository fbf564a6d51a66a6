import { beforeAll, describe, expect, test } from "vitest";
import { sizeNames } from "../../../stacks/config/schema/kubernetes.ts";
import { declare, find, type Manifest, manifestsOf } from "./manifests.ts";

const products = ["search", "graph", "timescale", "runtime", "runner", "errors", "observability", "storage"];
const extras = ["cache", "mailpit"];
const everything = Object.fromEntries([...products, ...extras].map((name) => [`components.${name}`, true]));

const keepsData = [
  ...["runtime-db", "timescale", "metrics", "logs", "traces", "code", "storage", "errors", "graph", "search"],
];

const kinds = ["Deployment", "StatefulSet", "DaemonSet"];
const podOf = ({ kind, spec }: Manifest) => (kind === "CronJob" ? spec.jobTemplate.spec : spec).template.spec;

describe("H7: where a node is short of memory", () => {
  let manifests: Manifest[];
  beforeAll(async () => {
    const evaluation = await declare({ ...everything, "backups.destination": "s3://example-backups/devflow" });
    expect(evaluation.errors).toEqual([]);
    manifests = manifestsOf(evaluation);
  });

  test("what keeps data is sure of all the memory it may take", () => {
    for (const name of keepsData) {
      const [container] = podOf(find(manifests, "StatefulSet", name)).containers;
      expect([name, container.resources.requests.memory]).toEqual([name, container.resources.limits.memory]);
    }
    const { resources } = find(manifests, "Cluster", "postgres").spec;
    expect(resources.requests.memory).toBe(resources.limits.memory);
  });

  test("data goes after the platform, the platform after people's apps, and these after jobs, which take nobody's room", () => {
    const classes = manifests.filter(({ kind }) => kind === "PriorityClass");
    const values = Object.fromEntries(classes.map(({ metadata, value }) => [metadata.name, value]));
    const order = ["devflow-data", "devflow-platform", "devflow-runtime", "devflow-runner"];
    expect(Object.keys(values).sort((one, other) => values[other] - values[one])).toEqual(order);
    expect(Math.min(...Object.values<number>(values))).toBeGreaterThan(0);
    expect(find(manifests, "PriorityClass", "devflow-runner").preemptionPolicy).toBe("Never");
  });

  test("every pod says of which rank it is", () => {
    const ranks: Record<string, string> = {
      ...Object.fromEntries(keepsData.map((name) => [name, "data"])),
      ...{ runner: "runner", mailpit: "runtime", "log-reader": "node" },
    };
    const pods = manifests.filter(({ kind }) => [...kinds, "CronJob"].includes(kind));
    for (const one of pods) {
      const { name } = one.metadata;
      const rank = ranks[name] ?? (name.startsWith("runtime-") ? "runtime" : "platform");
      const wanted = rank === "node" ? "system-node-critical" : `devflow-${rank}`;
      expect([name, podOf(one).priorityClassName]).toEqual([name, wanted]);
    }
    expect(find(manifests, "Cluster", "postgres").spec.priorityClassName).toBe("devflow-data");
    expect(find(manifests, "Pooler", "postgres-pooler").spec.template.spec.priorityClassName).toBe("devflow-data");
  });
});

describe("H7: volumes", () => {
  const claims = async (flags: Record<string, unknown>) => {
    const { errors, ...evaluation } = await declare({ ...everything, ...flags });
    expect(errors).toEqual([]);
    const manifests = manifestsOf({ errors, ...evaluation });
    const found = manifests.filter(({ kind }) => kind === "PersistentVolumeClaim");
    const sizes = Object.fromEntries(
      found.map(({ metadata, spec }) => [metadata.name, Number.parseInt(spec.resources.requests.storage, 10)]),
    );
    const { storage, walStorage } = find(manifests, "Cluster", "postgres").spec;
    return { sizes, postgres: [storage.size, walStorage.size] };
  };

  test("grow with the size where people's data is, and are as small for everybody where there is none", async () => {
    const [small, medium, large] = await Promise.all(
      sizeNames.map(async (size) => (await claims({ "kubernetes.size": size })).sizes),
    );
    for (const name of keepsData.map((one) => `${one}-data`)) {
      expect([name, Number(medium?.[name]) > Number(small?.[name])]).toEqual([name, true]);
      expect([name, Number(large?.[name]) > Number(medium?.[name])]).toEqual([name, true]);
    }
    for (const name of ["cache", "mailpit", "runtime-studio"].map((one) => `${one}-data`)) {
      expect([name, small?.[name], medium?.[name], large?.[name]]).toEqual([name, 10, 10, 10]);
    }
  });

  test("are as large as a setting says, whatever the size, also each node's of a search of several", async () => {
    const { sizes, postgres } = await claims({
      "kubernetes.ha": true,
      "kubernetes.volumes.runtime-db": 300,
      "kubernetes.volumes.search": 70,
      "kubernetes.volumes.postgres": 900,
    });
    expect(sizes).toMatchObject({ "runtime-db-data": 300, "data-search-content-0": 70, "data-search-content-1": 70 });
    expect(sizes).toMatchObject({ "data-search-0": 10, "data-search-config-2": 10 });
    expect(postgres).toEqual(["900Gi", "5Gi"]);
  });

  test("report 8: of sets with members have a template that no size changes, which a cluster would refuse", async () => {
    const templates = await Promise.all(
      sizeNames.map(async (size) => {
        const manifests = manifestsOf(
          await declare({ "components.search": true, "kubernetes.ha": true, "kubernetes.size": size }),
        );
        const sets = ["search", "search-config", "search-content"].map((name) => find(manifests, "StatefulSet", name));
        return JSON.stringify(sets.map(({ spec }) => spec.volumeClaimTemplates));
      }),
    );
    expect(templates[0]).toContain("ReadWriteOnce");
    expect(new Set(templates).size).toBe(1);
  });
});

describe("H8: when a node is lost", () => {
  const stateless = ["gateway", "auth", "rest", "storage", "pictures", "meta"].map((part) => `runtime-${part}`);

  test("a second one of whatever keeps no data goes on, on another node", async () => {
    const manifests = manifestsOf(await declare({ ...everything, "kubernetes.ha": true }));
    for (const name of [...stateless, "dashboards", "collector"]) {
      const { spec } = find(manifests, "Deployment", name);
      expect([name, spec.replicas]).toEqual([name, 2]);
      const [byNode] = spec.template.spec.topologySpreadConstraints;
      expect(byNode).toMatchObject({
        topologyKey: "kubernetes.io/hostname",
        labelSelector: { matchLabels: { "app.kubernetes.io/name": name } },
      });
      expect(find(manifests, "PodDisruptionBudget", name).spec.maxUnavailable).toBe(1);
    }
    const pooler = find(manifests, "Pooler", "postgres-pooler").spec;
    const label = { matchLabels: { "cnpg.io/poolerName": "postgres-pooler" } };
    expect(pooler.instances).toBe(2);
    expect(pooler.template.spec.topologySpreadConstraints[0].labelSelector).toEqual(label);
    expect(find(manifests, "PodDisruptionBudget", "postgres-pooler").spec).toMatchObject({
      maxUnavailable: 1,
      selector: label,
    });
  });

  test("is one of each where none may be lost; and what must not run twice never does, not in a rollout either", async () => {
    const manifests = manifestsOf(await declare(everything));
    for (const name of stateless) expect(find(manifests, "Deployment", name).spec.replicas).toBe(1);
    const highly = manifestsOf(await declare({ ...everything, "kubernetes.ha": true }));
    for (const name of ["runtime-realtime", "runtime-pooler"]) {
      for (const all of [manifests, highly]) {
        const { spec } = find(all, "Deployment", name);
        expect([spec.replicas, spec.strategy]).toEqual([1, { type: "Recreate" }]);
      }
    }
  });

  test("Prometheus asks each of several by itself, by a name that has all of their addresses", async () => {
    const manifests = manifestsOf(await declare({ ...everything, "kubernetes.ha": true }));
    const text = find(manifests, "Secret", "metrics-config").stringData["prometheus.yml"];
    for (const name of ["platform", "runtime-gateway", "dashboards", "collector"]) {
      expect(text).toContain(`- ${name}-pods\n`);
      expect(find(manifests, "Service", `${name}-pods`).spec).toMatchObject({
        clusterIP: "None",
        publishNotReadyAddresses: true,
        selector: { "app.kubernetes.io/name": name },
      });
    }
  });
});
