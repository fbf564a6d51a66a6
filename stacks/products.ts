import type { Output } from "@pulumi/pulumi";
import type { GiteaOutputs } from "../components/code/gitea.ts";
import type { ClientProgram, GlueOutputs } from "../components/platform/glue.ts";
import { graphSignals, Neo4j } from "../components/platform/graph/neo4j.ts";
import type { MetricsOutputs } from "../components/platform/metrics.ts";
import { Observability } from "../components/platform/observability/observability.ts";
import type { PostgresOutputs } from "../components/platform/postgres/index.ts";
import { joined, type Signals } from "../components/platform/signals.ts";
import type { StorageOutputs } from "../components/platform/storage/index.ts";
import type { ProxyServer } from "../components/primitives/route/index.ts";
import { type ComponentName, componentNames, type Settings } from "./config/index.ts";

/** What every stack has, for the products that stand on it. */
export interface Core {
  settings: Settings;
  /** Whether a product is part of the stack. */
  has: (name: ComponentName) => boolean;
  postgres: PostgresOutputs;
  proxy: ProxyServer;
  glue: GlueOutputs;
  storage: StorageOutputs | undefined;
  code: GiteaOutputs | undefined;
}

interface Made {
  outputs?: Record<string, Output<unknown>>;
  signals?: Signals;
}

/** The products that a stack can do without, each where it is switched on; in the order of their switches. */
export function products(core: Core): Required<Made> {
  const made = Object.entries(makers).flatMap(([name, make]) => (core.has(name as ComponentName) ? [make(core)] : []));
  return {
    outputs: Object.assign({}, ...made.map(({ outputs }) => outputs)),
    signals: joined(made.map(({ signals }) => signals)),
  };
}

const makers: Partial<Record<ComponentName, (core: Core) => Made>> = {
  graph: ({ settings }) => {
    new Neo4j("graph", settings.sizing.graph);
    return { signals: graphSignals("graph") };
  },
};

/** Logs, traces and dashboards of all of them. Answers the dashboards' address. */
export function observe(core: Core, metrics: MetricsOutputs, signals: Required<Signals>): Output<string> {
  const { settings, has, postgres, proxy, glue, storage } = core;
  const signOn = glue.clients.dashboards;
  if (!signOn) throw new Error("the dashboards have no client at the platform's sign-in");
  const { outputs } = new Observability("observability", {
    ...{ postgres, proxy, storage, signOn, signals },
    metrics: metrics.url,
    retention: settings.sizing.metrics.retention,
    products: componentNames.filter(has),
  });
  return outputs.url;
}

/** Programs that people come to by the platform's sign-in. */
export function clientPrograms(has: Core["has"]): Record<string, ClientProgram> {
  return {
    ...(has("observability") && {
      dashboards: { title: "Dashboards", subdomain: "dashboards", callback: "/login/generic_oauth" },
    }),
  };
}
