import type { ComponentResource } from "@pulumi/pulumi";
import { upstream } from "../../catalogue/index.ts";
import type { ProxyServer } from "../../primitives/route/index.ts";
import { workloadHost } from "../../primitives/workload/host.ts";
import { Workload } from "../../primitives/workload/index.ts";
import type { Copies } from "../backups/copies.ts";
import { caddyfile } from "./caddyfile.ts";
import type { ProxyArgs, ProxyOutputs } from "./index.ts";

/** Caddy in the only container with published ports. Its sites are files of its data, loaded without a restart. */
export function docker(name: string, args: ProxyArgs, parent: ComponentResource): ProxyOutputs {
  const { domain, port, tls, metricsPort, trustedProxies } = args;
  const published = tls === "auto" ? [80, 443] : [port];
  const caddy = new Workload(
    name,
    {
      program: { upstream: "caddy" },
      data: true,
      files: (at) => ({
        Caddyfile: at.data().apply((data) =>
          at.socket("proxy").apply((admin) =>
            // The address of the machine is the engine's matter; the container listens on all of its own.
            caddyfile({ ...args, bind: at.listen, metricsBind: at.listen, data, admin, published: true }),
          ),
        ),
      }),
      command: (at) => [
        ...[at.program("bin/caddy"), "run", "--adapter", "caddyfile", "--config"],
        at.config("Caddyfile"),
      ],
      env: (at) => ({ XDG_DATA_HOME: at.data(), XDG_CONFIG_HOME: at.data(), HOME: at.data() }),
      ports: { metrics: metricsPort, ...Object.fromEntries(published.map((each) => [`public-${each}`, each])) },
      health: { http: "/healthz", port: "metrics" },
      memory: upstream("caddy").memory.expected,
      // Everything goes through it: large downloads that it compresses and hundreds of streams are many buffers at a time.
      limits: { memory: 256 },
      outbound: true,
      transform: {
        container: (container) => {
          container.ports = published.map((each) => ({ internal: each, external: each, ip: args.bind }));
          // The image's program is marked to take it, and refuses to start where it may not.
          container.capabilities = { drops: ["ALL"], adds: ["CAP_NET_BIND_SERVICE"] };
        },
      },
    },
    { parent },
  );
  const { name: ready, host, locations, reach } = caddy.outputs;
  const server: ProxyServer = {
    caddy: {
      workload: name,
      config: ready.apply(() => locations.config("Caddyfile")),
      sites: locations.data("sites"),
      admin: locations.socket("proxy"),
      program: locations.program("bin/caddy"),
      reach,
    },
    // Its container and no other of the network, some of which run what people wrote.
    peers: [workloadHost(name)],
    trustedProxies,
    domain,
    scheme: tls === "off" ? "http" : "https",
    port,
    tls,
  };
  const copies: Copies = { [name]: { kind: "folder", process: ready, workload: name, upstream: "caddy" } };
  return { server, copies, metrics: host.apply((at) => `${at}:${metricsPort}`) };
}
