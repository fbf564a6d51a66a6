import { describe, expect, test } from "vitest";
import { declare, find, type Manifest, manifestsOf } from "./manifests.ts";

const everything = {
  "components.observability": true,
  "components.runtime": true,
  "components.timescale": true,
  "kubernetes.readLogs": true,
};

describe("a front door", () => {
  test("of Traefik listens on the ports of its entry points, any other on 80 and 443, and a setting goes before both", async () => {
    const ports = async (flags: object) => {
      const manifests = manifestsOf(await declare(flags as Record<string, unknown>));
      const { spec } = find(manifests, "Gateway", "devflow");
      return [...new Set(spec.listeners.map(({ port }: { port: number }) => port))];
    };
    expect(await ports({})).toEqual([8000, 8443]);
    expect(await ports({ "kubernetes.ingress.class": "eg" })).toEqual([80, 443]);
    const own = { "kubernetes.ingress.ports.http": 9080, "kubernetes.ingress.ports.https": 9443 };
    expect(await ports(own)).toEqual([9080, 9443]);
  });

  test("by Ingresses of nginx lets pushes of any size and hour-long streams through, with annotations of one's own on top", async () => {
    const own = { "nginx.ingress.kubernetes.io/proxy-read-timeout": "7200", "example.com/team": "platform" };
    const evaluation = await declare({
      "kubernetes.ingress.kind": "ingress",
      "kubernetes.ingress.class": "nginx",
      "kubernetes.ingress.annotations": own,
    });
    for (const name of ["platform", "code"]) {
      const { annotations } = find(manifestsOf(evaluation), "Ingress", name).metadata;
      expect(annotations).toMatchObject({
        "nginx.ingress.kubernetes.io/proxy-body-size": "0",
        "nginx.ingress.kubernetes.io/proxy-request-buffering": "off",
        "nginx.ingress.kubernetes.io/proxy-buffering": "off",
        ...own,
      });
    }
  });
});

describe("names are looked up", () => {
  const policies = async (flags: Record<string, unknown>) =>
    manifestsOf(await declare({ ...everything, ...flags })).filter(
      ({ kind, metadata }) => kind === "NetworkPolicy" && metadata.name === "allow-names",
    );

  test("at CoreDNS and at the caches on the nodes, from every namespace of the stack", async () => {
    const tenants = [{ name: "acme", cpu: 4, memory: 8, storage: 50 }];
    const found = await policies({ "kubernetes.tenants": tenants });
    expect(found.map(({ metadata }) => metadata.namespace).sort()).toEqual(["devflow", "devflow-acme", "devflow-logs"]);
    for (const { spec } of found) {
      expect(spec.egress[0].to.slice(1)).toEqual([
        { ipBlock: { cidr: "169.254.20.10/32" } },
        { ipBlock: { cidr: "169.254.25.10/32" } },
      ]);
    }
  });

  test("where a distribution has its name server elsewhere", async () => {
    const [policy] = await policies({
      "kubernetes.dns.namespace": "openshift-dns",
      "kubernetes.dns.port": 5353,
      "kubernetes.dns.addresses": ["fd00::a"],
    });
    const [{ to, ports }] = (policy as Manifest).spec.egress;
    expect(to).toMatchObject([
      { namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "openshift-dns" } } },
      { ipBlock: { cidr: "fd00::a/128" } },
    ]);
    expect(ports).toContainEqual({ port: 5353, protocol: "UDP" });
    expect(ports).toContainEqual({ port: 53, protocol: "TCP" });
  });
});

test("the reader of outputs is on every node, tainted ones too, and is the last to be evicted", async () => {
  const { spec } = find(manifestsOf(await declare(everything)), "DaemonSet", "log-reader").spec.template;
  expect(spec.tolerations).toEqual([{ operator: "Exists" }]);
  expect(spec.priorityClassName).toBe("system-node-critical");
});

test("the reader of outputs is of the SELinux type that is named, and of the engine's usual one else", async () => {
  const context = async (flags: object) =>
    find(manifestsOf(await declare({ ...everything, ...flags })), "DaemonSet", "log-reader").spec.template.spec
      .securityContext.seLinuxOptions;
  expect(await context({ "kubernetes.readLogsAs": "rke_logreader_t" })).toEqual({ type: "rke_logreader_t" });
  expect(await context({})).toBeUndefined();
});

test("PostgreSQL's instances and poolers get to an API of the cluster on a port of its own", async () => {
  const manifests = manifestsOf(await declare({ "kubernetes.apiPorts": [443, 16_443] }));
  for (const name of ["postgres", "postgres-pooler"]) {
    const { egress } = find(manifests, "NetworkPolicy", name).spec;
    expect(egress.at(-1)).toEqual({ ports: [443, 16_443].map((port) => ({ port, protocol: "TCP" })) });
  }
});

test("the superuser of PostgreSQL is let in by the pod's own loopback alone, where the cluster's API forwards to", async () => {
  const { spec } = find(manifestsOf(await declare()), "Cluster", "postgres");
  expect(spec.postgresql.pg_hba).toEqual([
    "host all postgres 127.0.0.1/32 scram-sha-256",
    "host all postgres ::1/128 scram-sha-256",
    "host all postgres all reject",
    "host replication postgres all reject",
  ]);
});

test("no PostgreSQL of a stack needs more shared memory than the 64 MB a container has", async () => {
  const manifests = manifestsOf(await declare(everything));
  const { command } = find(manifests, "StatefulSet", "timescale").spec.template.spec.containers[0];
  expect(command).toContain("dynamic_shared_memory_type=mmap");
  expect(command).toContain("max_locks_per_transaction=256");
  const files = manifests.filter(({ kind, metadata }) => kind === "Secret" && metadata.name.startsWith("runtime-db"));
  expect(JSON.stringify(files)).toContain("dynamic_shared_memory_type=mmap");
});
