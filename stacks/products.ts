import type { Output } from "@pulumi/pulumi";
import { Timescale } from "../components/analytics/timescale.ts";
import { upstream } from "../components/catalogue/index.ts";
import type { GiteaOutputs } from "../components/code/gitea.ts";
import { Runner } from "../components/code/runner/runner.ts";
import type { Copies } from "../components/platform/backups/copies.ts";
import { errorSignals, Glitchtip, type GlitchtipOutputs } from "../components/platform/errors/glitchtip.ts";
import { type ExtraName, extraSignals, extras, UpstreamExtra } from "../components/platform/extras/extra.ts";
import type { ClientProgram, GlueOutputs } from "../components/platform/glue.ts";
import { graphSignals, Neo4j } from "../components/platform/graph/neo4j.ts";
import type { MetricsOutputs } from "../components/platform/metrics.ts";
import { Observability } from "../components/platform/observability/observability.ts";
import type { PostgresOutputs } from "../components/platform/postgres/index.ts";
import { searchSignals, Vespa } from "../components/platform/search/vespa.ts";
import { joined, type Signals } from "../components/platform/signals.ts";
import type { StorageOutputs } from "../components/platform/storage/index.ts";
import type { ProxyServer } from "../components/primitives/route/index.ts";
import { workloadHost } from "../components/primitives/workload/host.ts";
import { runtimeSignals, Supabase } from "../components/runtime/supabase/supabase.ts";
import { connectionsOf } from "./config/connections.ts";
import { type ComponentName, componentNames, type Settings } from "./config/index.ts";
import type { StackOutputs } from "./outputs.ts";
import type { Room } from "./room.ts";

/** What every stack has, for the products that stand on it. */
export interface Core {
  settings: Settings;
  /** What products take that no setting says. */
  room: Room;
  /** Whether a product is part of the stack. */
  has: (name: ComponentName) => boolean;
  postgres: PostgresOutputs;
  proxy: ProxyServer;
  glue: GlueOutputs;
  storage: StorageOutputs | undefined;
  code: GiteaOutputs | undefined;
  /** Before others, which send their errors to it. */
  tracker: GlitchtipOutputs | undefined;
}

interface Made {
  outputs?: Partial<StackOutputs>;
  signals?: Signals;
  copies?: Copies;
}

/** The products that a stack can do without, each where it is switched on; in the order of their switches. */
export function products(stack: Omit<Core, "tracker">): Required<Made> {
  const core = { ...stack, tracker: stack.has("errors") ? makeTracker(stack) : undefined };
  const made = Object.entries(makers).flatMap(([name, make]) => (core.has(name as ComponentName) ? [make(core)] : []));
  return {
    outputs: Object.assign({}, ...made.map(({ outputs }) => outputs)),
    signals: joined(made.map(({ signals }) => signals)),
    copies: Object.assign({}, ...made.map(({ copies }) => copies)),
  };
}

const makers: Partial<Record<ComponentName, (core: Core) => Made>> = {
  runner: ({ code, glue }) => {
    if (!code || !glue.code) return {};
    new Runner("runner", { code: { ...code, account: glue.code.account }, capacity: 1 });
    return { signals: { metrics: { runner: { address: at("runner", "gitea-runner", "metrics") } } } };
  },
  runtime: ({ proxy, storage, has, tracker, room, settings }) => {
    const { redirects, mail = has("mailpit") ? mailbox() : undefined } = settings.runtime;
    const errors = tracker && { dsn: tracker.functionsDsn, door: tracker.door };
    const { outputs } = new Supabase("runtime", {
      proxy,
      storage,
      mail,
      redirects,
      traced: has("observability"),
      errors,
      size: room.runtime,
    });
    return {
      outputs: { runtime: outputs.url },
      signals: runtimeSignals(outputs.database, { pictures: storage !== undefined }),
      copies: outputs.copies,
    };
  },
  timescale: ({ settings }) => {
    const { outputs } = new Timescale("timescale", settings.sizing.timescale);
    return { signals: { databases: { timescale: outputs.server } }, copies: outputs.copies };
  },
  search: ({ settings }) => {
    const { outputs } = new Vespa("search", settings.sizing.search);
    return { signals: searchSignals(outputs.nodes) };
  },
  graph: ({ settings }) => {
    const { outputs } = new Neo4j("graph", { ...settings.sizing.graph, ...dumps(settings) });
    return { signals: graphSignals("graph"), copies: outputs.copies };
  },
  errors: ({ tracker }) =>
    tracker
      ? {
          outputs: { errors: tracker.url, errorsDsn: tracker.dsn },
          signals: errorSignals("errors"),
          copies: tracker.copies,
        }
      : {},
  ...Object.fromEntries(
    (Object.keys(extras) as ExtraName[]).map((extra) => [
      extra,
      ({ proxy }: Core): Made => {
        const { outputs } = new UpstreamExtra(extra, { extra, proxy });
        return { signals: extraSignals(extra), copies: outputs.copies };
      },
    ]),
  ),
};

function makeTracker({ postgres, proxy, settings, has, room }: Omit<Core, "tracker">): GlitchtipOutputs {
  const mail = has("mailpit") ? `smtp://${mailbox().host}:${mailbox().port}` : undefined;
  const { name: organisation, administrator } = settings.organisation;
  return new Glitchtip("errors", {
    ...{ postgres, proxy, organisation, administrator: administrator.email, mail },
    connections: connectionsOf.errors,
    limit: room.errors,
  }).outputs;
}

function at(workload: string, program: string, port: string): string {
  return `${workloadHost(workload)}:${upstream(program).ports[port]}`;
}

/** Where disks are copied as they are at one moment, the graph need not be stopped for a dump. */
function dumps({ stack, backups }: Settings): { dumpAt?: string } {
  return stack.kind === "dedicated" ? {} : { dumpAt: backups.at };
}

/** Where mail goes while apps are tried out. */
function mailbox() {
  const port = upstream("mailpit").ports.smtp as number;
  const door = { workload: "mailpit", port };
  return { host: workloadHost("mailpit"), port, from: "runtime@localhost", door };
}

/** Logs, traces and dashboards of all of them. Answers the dashboards' address. */
export function observe(
  core: Omit<Core, "tracker">,
  metrics: MetricsOutputs,
  signals: Required<Signals>,
): Output<string> {
  const { settings, has, postgres, proxy, glue, storage, room } = core;
  const signOn = glue.clients.dashboards;
  if (!signOn) throw new Error("the dashboards have no client at the platform's sign-in");
  const { outputs } = new Observability("observability", {
    ...{ postgres, proxy, storage, signOn, signals },
    connections: connectionsOf.dashboards,
    memory: room,
    metrics,
    retention: settings.sizing.metrics.retention,
    reads: readsLogs(settings) ? settings.stack.kind : undefined,
    products: componentNames.filter(has),
  });
  return outputs.url;
}

/** A cluster may have an agent of its own, or let nobody see the files of its nodes. */
function readsLogs({ stack, docker, kubernetes }: Settings): boolean {
  return stack.kind === "onprem" ? docker.readLogs : kubernetes.readLogs;
}

/** Programs that people come to by the platform's sign-in. */
export function clientPrograms(has: Core["has"]): Record<string, ClientProgram> {
  return {
    ...(has("observability") && {
      dashboards: { title: "Dashboards", subdomain: "dashboards", callback: "/login/generic_oauth" },
    }),
  };
}
