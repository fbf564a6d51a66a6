import { interpolate } from "@pulumi/pulumi";
import { isLocalhost } from "../components/address.ts";
import { Gitea } from "../components/code/gitea.ts";
import { Embeddings } from "../components/hub/embeddings.ts";
import type { Copies } from "../components/platform/backups/copies.ts";
import { Backups } from "../components/platform/backups/index.ts";
import { Glue } from "../components/platform/glue.ts";
import { Metrics } from "../components/platform/metrics.ts";
import { collectorUrl, observabilitySignals } from "../components/platform/observability/observability.ts";
import { Postgres } from "../components/platform/postgres/index.ts";
import { ReverseProxy } from "../components/platform/proxy/index.ts";
import { searchUrl } from "../components/platform/search/vespa.ts";
import { joined, type Signals } from "../components/platform/signals.ts";
import { Storage } from "../components/platform/storage/index.ts";
import { VolumeWatch } from "../components/platform/volume-watch/index.ts";
import { everyHost, workloadHost } from "../components/primitives/workload/host.ts";
import { type ComponentName, componentNames, runs, type Settings, schemaAt } from "./config/index.ts";
import { sharesOf } from "./connections.ts";
import type { StackOutputs } from "./outputs.ts";
import { portsFrom } from "./ports.ts";
import { type Core, clientPrograms, observe, products } from "./products.ts";
import { versionsOf } from "./programs.ts";
import { type Room, usualRoom } from "./room.ts";
import { servicesOf } from "./services.ts";

/** Where the machine keeps what the platform's status page shows. */
export interface Machine {
  runs: string;
  supervisor: string;
  /** Files of the platform's own secrets and of the names of generated ones. */
  secrets: { platform: string; index: string };
  /** File that says where the artifacts of local embeddings are, once they are there. */
  embeddings: string;
}

/**
 * The platform's products, wired to one another: the same on every target. What a target's components stand on (a
 * network, a namespace, an account) is made by the kind of stack that calls this, within its surroundings.
 */
export function platform(
  settings: Settings,
  { machine, room = usualRoom }: { machine?: Machine; room?: Room } = {},
): StackOutputs {
  const { sizing } = settings;
  const has = (name: ComponentName) => runs(name, settings);
  const ports = portsFrom(settings.network.port);
  const postgres = new Postgres("postgres", { port: ports.postgres, ...sizing.postgres });
  const proxy = new ReverseProxy("proxy", proxyArgs(settings, ports.proxyMetrics));
  const hooksAt = `http://${workloadHost("platform")}:${ports.platform}`;
  const glue = new Glue("platform", {
    kind: settings.stack.kind,
    port: ports.platform,
    postgres: postgres.outputs,
    proxy: proxy.outputs.server,
    connections: sharesOf(settings),
    maxOldSpace: sizing.platform.maxOldSpace,
    ...servicesOf(settings),
    ...(machine && { machine: machineResources(machine) }),
    ...(has("embeddings") && { embeddings: machine ? { file: machine.embeddings } : "image" }),
    upstreams: {
      // They fill the search server when that is there, and do without it until then.
      ...(has("search") && { searchServer: searchUrl("search") }),
      // On one's own machine the supervisor says where it is.
      ...(has("metrics") && !machine && { metricsServer: `http://${workloadHost("metrics")}:${ports.metrics}` }),
    },
    code: has("code") ? { url: `http://${workloadHost("code")}:${ports.code}`, hooksAt } : undefined,
    clients: clientPrograms(has),
    ...firstPerson(settings),
    ...(has("observability") && { traces: collectorUrl() }),
  });
  if (machine && has("embeddings")) new Embeddings("embeddings");
  const storage = has("storage") ? new Storage("storage", { ports: ports.storage, memory: room.storage }) : undefined;
  const code = glue.outputs.code
    ? new Gitea("code", {
        port: ports.code,
        postgres: postgres.outputs,
        proxy: proxy.outputs.server,
        storage: storage?.outputs,
        signOn: glue.outputs.code,
        platform: hooksAt,
        ...sizing.code,
      })
    : undefined;
  const core: Omit<Core, "tracker"> = {
    settings,
    room,
    has,
    postgres: postgres.outputs,
    proxy: proxy.outputs.server,
    glue: glue.outputs,
    storage: storage?.outputs,
    code: code?.outputs,
  };
  const others = products(core);
  const copies: Copies = {
    ...postgres.outputs.copies,
    ...proxy.outputs.copies,
    ...code?.outputs.copies,
    ...others.copies,
    ...storage?.outputs.copies,
  };
  const signals = joined([ownSignals(), others.signals, has("observability") ? observabilitySignals() : undefined]);
  const metrics = has("metrics")
    ? new Metrics("metrics", {
        port: ports.metrics,
        ...sizing.metrics,
        targets: signals.metrics,
        askedBy: machine ? [] : ["platform"],
        products: componentNames.filter(has),
        copies: settings.stack.kind === "local" ? [] : Object.keys(copies),
        archived: postgres.outputs.measured?.archived ?? false,
        receives: has("observability"),
        volumes: watchesVolumes(settings),
      })
    : undefined;
  if (metrics && watchesVolumes(settings)) new VolumeWatch("volume-watch", { metrics: metrics.outputs });
  const dashboards = metrics && has("observability") ? observe(core, metrics.outputs, signals) : undefined;

  // The embedded engine's stack is copied by a command, while its processes are stopped.
  if (settings.stack.kind !== "local")
    new Backups("backups", {
      ...settings.backups,
      copies: settings.backups.logs ? copies : withoutLogs(copies),
      ...(metrics && { metrics: metrics.outputs }),
    });

  return {
    ...versionsOf(has),
    platform: glue.outputs.url,
    issuer: interpolate`${glue.outputs.url}/api/auth`,
    database: { host: postgres.outputs.host, port: postgres.outputs.port },
    ...(code && { code: code.outputs.url }),
    ...(metrics && { metrics: metrics.outputs.url }),
    ...(dashboards && { dashboards }),
    ...others.outputs,
  };

  /** Some may be long in coming, so their targets do not wait until they serve. */
  function ownSignals(): Signals {
    const at = (name: string, port: number) => `${workloadHost(name)}:${port}`;
    return {
      metrics: {
        ...(postgres.outputs.measured && { postgres: postgres.outputs.measured.target }),
        proxy: { address: at("proxy", ports.proxyMetrics) },
        platform: { address: at("platform", ports.platform), path: "/internal/metrics", each: everyHost("platform") },
        ...(storage?.outputs.metrics && { storage: { address: at("storage", ports.storage.metrics) } }),
        ...(code && { code: { address: at("code", ports.code), token: code.outputs.metricsToken } }),
      },
      databases: { postgres: postgres.outputs },
    };
  }
}

function machineResources({ runs, supervisor, secrets }: Machine) {
  return { runs, supervisor, platformSecrets: { file: secrets.platform, index: secrets.index } };
}

/** A machine's one disk is looked at by the program of the backups. */
function watchesVolumes({ stack, kubernetes }: Settings): boolean {
  return (stack.kind === "saas" || stack.kind === "dedicated") && kubernetes.watchVolumes;
}

/** They are kept for some weeks only, and nothing else depends on them. */
function withoutLogs(copies: Copies): Copies {
  const leaveOut = ["devflow-logs", "devflow-traces"];
  return Object.fromEntries(
    Object.entries(copies).map(([name, copy]) => [name, copy.kind === "buckets" ? { ...copy, leaveOut } : copy]),
  );
}

/** Certificates by ACME need the standard ports; everything else stays on the configured one. */
function proxyArgs({ network }: Settings, metricsPort: number) {
  const { domain, bind, trustedProxies, email = "" } = network;
  const tls = network.tls === "auto" && isLocalhost(domain) ? "off" : network.tls;
  return { domain, bind, port: tls === "auto" ? 443 : network.port, tls, email, metricsPort, trustedProxies };
}

/** What was answered about the first organisation and person; a default is nobody's answer. */
function firstPerson({ organisation: { name, administrator } }: Settings) {
  const usual = schemaAt(["organisation", "name"])?.default;
  const first = {
    ...(name !== usual && { organisation: name }),
    // Without an answer it is admin@ and the domain.
    ...(!administrator.email.startsWith("admin@") && { email: administrator.email }),
  };
  return Object.keys(first).length > 0 ? { first } : {};
}
