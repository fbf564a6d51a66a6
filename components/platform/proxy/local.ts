import type { ComponentResource } from "@pulumi/pulumi";
import { upstream } from "../../catalogue/index.ts";
import type { ProxyServer } from "../../primitives/route/index.ts";
import { Workload } from "../../primitives/workload/index.ts";
import type { ProxyArgs, ProxyOutputs } from "./index.ts";

/** Caddy under the supervisor, with a folder of sites that it loads without a restart. */
export function local(name: string, args: ProxyArgs, parent: ComponentResource): ProxyOutputs {
  const caddy = new Workload(
    name,
    {
      program: { upstream: "caddy" },
      data: true,
      files: (at) => ({
        Caddyfile: at.data().apply((data) => at.socket("proxy").apply((admin) => configuration(args, data, admin))),
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
  const { domain, port, tls } = args;
  // Sites are loaded by the running proxy, so they wait until it is ready.
  const { name: ready, locations } = caddy.outputs;
  const server: ProxyServer = {
    caddy: {
      config: ready.apply(() => locations.config("Caddyfile")),
      sites: locations.data("sites"),
      admin: locations.socket("proxy"),
    },
    domain,
    scheme: tls === "off" ? "http" : "https",
    port,
    tls,
  };
  return { server, metrics: ready.apply(() => `127.0.0.1:${args.metricsPort}`) };
}

function configuration(args: ProxyArgs, data: string, admin: string): string {
  return `{
	admin "unix/${admin}|0600"
	default_bind ${args.bind}
	persist_config off
	storage file_system "${data}/certificates"
	skip_install_trust
	grace_period 5s
	servers {
		metrics
		timeouts {
			read_header 10s
			idle 2m
		}
	}
${args.tls === "off" ? "\tauto_https off\n" : ""}${args.email ? `\temail ${args.email}\n` : ""}}

(common) {
	encode zstd gzip
	header {
		-Server
		X-Content-Type-Options nosniff
		Referrer-Policy strict-origin-when-cross-origin
	}
	handle_errors 502 503 504 {
		header Content-Type "text/html; charset=utf-8"
		header Retry-After 5
		respond \`<!doctype html><meta charset="utf-8"><meta name="viewport" content="width=device-width"><meta name="color-scheme" content="light dark"><meta http-equiv="refresh" content="5"><title>Starting</title><body style="font:14px system-ui;margin:4rem auto;max-width:32rem"><h1 style="font-size:1.25rem">This part of DevFlow is not answering</h1><p>It may still be starting. The page looks again every 5 seconds; <code>./devflow status</code> says more.</p>\` 503
	}
}

http://127.0.0.1:${args.metricsPort} {
	bind 127.0.0.1
	respond /healthz 200
	metrics /metrics
}

import "${data}/sites/*.caddy"
`;
}
