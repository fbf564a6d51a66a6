import type { ComponentResource } from "@pulumi/pulumi";
import { upstream } from "../../catalogue/index.ts";
import type { ProxyServer } from "../../primitives/route/index.ts";
import { Workload } from "../../primitives/workload/index.ts";
import { caddyfile } from "./caddyfile.ts";
import type { ProxyArgs, ProxyOutputs } from "./index.ts";

/** Caddy under the supervisor, with a folder of sites that it loads without a restart. */
export function local(name: string, args: ProxyArgs, parent: ComponentResource): ProxyOutputs {
  const caddy = new Workload(
    name,
    {
      program: { upstream: "caddy" },
      data: true,
      files: (at) => ({
        Caddyfile: at
          .data()
          .apply((data) =>
            at.socket("proxy").apply((admin) => caddyfile({ ...args, metricsBind: "127.0.0.1", data, admin })),
          ),
      }),
      command: (at) => [
        ...[at.program("bin/caddy"), "run", "--adapter", "caddyfile", "--config"],
        at.config("Caddyfile"),
      ],
      // Certificates and the last configuration belong to the stack, not to whoever runs it.
      env: (at) => ({ XDG_DATA_HOME: at.data(), XDG_CONFIG_HOME: at.data(), HOME: at.data() }),
      ports: { public: args.port, metrics: args.metricsPort, ...(args.tls === "auto" && { acme: 80 }) },
      health: { http: "/healthz", port: "metrics" },
      memory: upstream("caddy").memory.expected,
    },
    { parent },
  );
  const { domain, port, tls, trustedProxies } = args;
  // Sites are loaded by the running proxy, so they wait until it is ready.
  const { name: ready, locations } = caddy.outputs;
  const server: ProxyServer = {
    caddy: {
      workload: name,
      config: ready.apply(() => locations.config("Caddyfile")),
      sites: locations.data("sites"),
      admin: locations.socket("proxy"),
    },
    peers: ["127.0.0.0/8", "::1"],
    trustedProxies,
    domain,
    scheme: tls === "off" ? "http" : "https",
    port,
    tls,
  };
  return { server, metrics: ready.apply(() => `127.0.0.1:${args.metricsPort}`) };
}
