import { describe, expect, it } from "vitest";
import { declared } from "../../../installer/declared/declared.ts";
import type { Evaluation } from "../../../installer/engine/index.ts";
import { exampleSettings } from "../../../installer/pulumi/examples.ts";
import { sizeNames } from "../../../stacks/config/schema/kubernetes.ts";
import { profileNames } from "../../../stacks/config/schema.ts";
import { type Cluster, clusterOf } from "./cluster.ts";
import { engineOf } from "./engine.ts";
import { tableOf } from "./table.ts";

const everything = ["search", "graph", "runtime", "runner", "timescale", "observability", "errors", "embeddings"]
  .concat("cache", "mailpit", "uptime")
  .map((name) => `components.${name}=true`);
const tenant = 'kubernetes.tenants=[{"name":"acme","cpu":4,"memory":8,"storage":50}]';
const company = 'kubernetes.reachable=["10.20.0.0/16"]';

async function evaluated(kind: "onprem" | "saas" | "dedicated", set: string[]): Promise<Evaluation> {
  const evaluation = await declared(exampleSettings(kind, set));
  expect(evaluation.errors).toEqual([]);
  return evaluation;
}

/** What runs what people wrote, or goes where people say. */
const confined = ["platform", "runner", "runtime-db", "runtime-functions", "runtime-pictures", "uptime"];

/** Whom nothing confined may ever reach, whatever else it is given. */
const inner = [
  ...["logs", "traces", "metrics", "runtime-meta", "runtime-studio", "search-config", "search-content", "graph"],
  ...["timescale", "cache", "log-reader", "postgres-relay"],
];

function promises(cluster: Cluster): void {
  for (const from of confined.filter((name) => cluster.callers.includes(name))) {
    const reached = cluster.callees.filter(({ name, ports }) => {
      // The platform shows numbers of its components.
      if (from === "platform" && name === "metrics") return false;
      return inner.includes(name) && ports.some((port) => cluster.connects(from, name, port));
    });
    expect([from, reached.map(({ name }) => name)]).toEqual([from, []]);
  }
  for (const from of ["runner", "runtime-functions"].filter((name) => cluster.callers.includes(name))) {
    for (const to of ["storage", "postgres", "platform", "dashboards", "collector", "search"]) {
      const found = cluster.callees.find(({ name }) => name === to);
      const open = found?.ports.filter((port) => cluster.connects(from, to, port)) ?? [];
      expect([from, to, open]).toEqual([from, to, []]);
    }
  }
}

/** Doors that a workload is told of: an address in its files or its environment, or a host in a variable of its own. */
function namedBy(cluster: Cluster, workload: string): { to: string; ports: number[] }[] {
  const portsOf = (to: string) => cluster.callees.find(({ name }) => name === to)?.ports ?? [];
  return (cluster.told.get(workload) ?? []).flatMap((text) => {
    const addresses = [...text.matchAll(/(?<![\w.-])([a-z][a-z0-9-]*(?:\.[a-z][a-z0-9-]*)*):(\d{2,5})\b/g)].map(
      ([, host = "", port]) => ({ to: cluster.workloadAt(host), port: Number(port) }),
    );
    const host = cluster.workloadAt(/^\w*HOST(?:NAME)?=([\w.-]+)$/.exec(text)?.[1] ?? "");
    return [
      ...addresses.flatMap(({ to, port }) =>
        to !== undefined && portsOf(to).includes(port) ? [{ to, ports: [port] }] : [],
      ),
      ...(host === undefined ? [] : [{ to: host, ports: portsOf(host) }]),
    ].filter(({ to }) => to !== workload);
  });
}

/** What a workload is told to call it can call: nothing that it needs was forgotten. */
function isComplete(cluster: Cluster): void {
  const told = cluster.callers.flatMap((from) => namedBy(cluster, from).map((named) => ({ from, ...named })));
  expect(told.length).toBeGreaterThan(0);
  const missing = told
    .filter(({ from, to, ports }) => !ports.some((port) => cluster.connects(from, to, port)))
    .map(({ from, to, ports }) => `${from} is told of ${to}:${ports} and cannot connect to it`);
  expect([...new Set(missing)]).toEqual([]);
}

function table({ callers, callees, connects, groups }: Cluster): string {
  return tableOf(callers, callees, connects, groups);
}

describe("who reaches whom in a cluster", () => {
  it.each([
    ["saas", "saas", ["kubernetes.ha=false", tenant, company]],
    ["saas with ha", "saas-ha", ["kubernetes.ha=true", tenant, company]],
    ["dedicated", "dedicated", ["kubernetes.ha=false", tenant]],
    ["dedicated with ha", "dedicated-ha", ["kubernetes.ha=true", tenant]],
  ] as const)(
    "%s, by every policy at once: each pair of workloads on each port",
    async (_, golden, set) => {
      const kind = golden.startsWith("saas") ? "saas" : "dedicated";
      const cluster = clusterOf(await evaluated(kind, [...set, ...everything, "kubernetes.size=small"]));
      promises(cluster);
      isComplete(cluster);
      await expect(table(cluster)).toMatchFileSnapshot(`golden/${golden}.txt`);
      for (const size of sizeNames.filter((name) => name !== "small")) {
        const other = clusterOf(await evaluated(kind, [...set, ...everything, `kubernetes.size=${size}`]));
        expect(table(other), size).toBe(table(cluster));
      }
    },
    120_000,
  );

  it("is a part of that for a stack with less, by Ingresses and with KEDA too", async () => {
    const whole = clusterOf(await evaluated("saas", ["kubernetes.ha=false", tenant, company, ...everything]));
    for (const set of [[], ["kubernetes.ingress.kind=ingress", "kubernetes.keda=true"], ["components.runtime=false"]]) {
      const cluster = clusterOf(await evaluated("saas", ["kubernetes.ha=false", tenant, ...set]));
      promises(cluster);
      isComplete(cluster);
      for (const { name, ports } of cluster.callees) {
        const also = whole.callees.find((one) => one.name === name)?.ports ?? [];
        for (const port of ports.filter((one) => also.includes(one))) {
          const more = cluster.callers.filter(
            (from) => cluster.connects(from, name, port) && !whole.connects(from, name, port),
          );
          expect([name, port, more]).toEqual([name, port, []]);
        }
      }
    }
  }, 60_000);
});

describe("who reaches whom on an appliance", () => {
  it.each(profileNames)("of profile %s, by its networks alone", async (profile) => {
    const engine = engineOf(await evaluated("onprem", [`profile=${profile}`]));
    promises(engine);
    isComplete(engine);
    await expect(table(engine)).toMatchFileSnapshot(`golden/onprem-${profile}.txt`);
  });

  it("with every component", async () => {
    const engine = engineOf(await evaluated("onprem", everything));
    promises(engine);
    isComplete(engine);
    await expect(table(engine)).toMatchFileSnapshot("golden/onprem-everything.txt");
  });
});
