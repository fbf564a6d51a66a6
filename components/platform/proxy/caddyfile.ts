import { addressOf, isLocalhost } from "../../address.ts";
import type { ProxyArgs } from "./index.ts";

interface Place {
  /** Addresses that sites, and the proxy's own metrics, listen on. */
  bind: string;
  metricsBind: string;
  /** Its data folder and the socket of its admin API. */
  data: string;
  admin: string;
  /** Whether an engine hands connections on to it, which are those by TCP: HTTP/3 would be offered and not be there. */
  published?: boolean;
}

/** Only from these a request keeps what it says of its client; from anybody else Caddy says whom it sees. */
function trusted(proxies: readonly string[]): string {
  return proxies.length === 0 ? "" : `\t\ttrusted_proxies static ${proxies.join(" ")}\n\t\ttrusted_proxies_strict\n`;
}

/** Caddy's main configuration: what is the same for all sites, and the folder that these come from. */
export function caddyfile(args: Omit<ProxyArgs, "bind"> & Place): string {
  const { data, admin } = args;
  return `{
	admin "unix/${admin}|0600"
	default_bind ${args.bind}
	persist_config off
	storage file_system "${data}/certificates"
	skip_install_trust
	grace_period 5s
	servers {
		metrics
${args.published ? "\t\tprotocols h1 h2\n" : ""}${trusted(args.trustedProxies)}		timeouts {
			read_header 10s
			idle 2m
		}
	}
${args.tls === "off" ? "\tauto_https off\n" : `\tdefault_sni ${args.domain}\n`}${args.email ? `\temail ${args.email}\n` : ""}}

(common) {
	encode zstd gzip
	# Some programs prefer it to X-Forwarded-For, and this proxy does not set it: it would be the client's own word.
	request_header -X-Real-IP
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

http://${args.metricsBind === "127.0.0.1" ? "127.0.0.1" : ""}:${args.metricsPort} {
	bind ${args.metricsBind}
	respond /healthz 200
	metrics /metrics
}
${elsewhere(args)}
import "${data}/sites/*.caddy"
`;
}

/**
 * What answers a name that is no site. Without it Caddy says 200 with nothing to any of them, which a program takes for an
 * answer: the request came to the wrong place (RFC 9110, 15.5.20), and is told the right one.
 */
function elsewhere(args: Omit<ProxyArgs, "bind"> & Place): string {
  const { domain, port, tls, metricsPort, metricsBind } = args;
  const address = addressOf({ scheme: tls === "off" ? "http" : "https", host: domain, port });
  const error = {
    code: "MISDIRECTED",
    message: `Nothing is served under this name. The platform is at ${address}.`,
    hint: `Use ${address} as it stands: its name is part of the address.`,
  };
  const loopback = isLocalhost(domain) ? "127.0.0.1 [::1] ::1 0.0.0.0 localhost" : "";
  // A page that is opened by another name of this very machine is only a matter of the address bar.
  const page = `	@page {
		method GET HEAD
		header Accept *text/html*
		host ${loopback}
	}
	redir @page ${address}{uri} 307
`;
  const sites = tls === "auto" ? ["http://:80", "https://:443"] : [`${tls === "off" ? "http" : "https"}://:${port}`];
  const certificate = `	tls internal {
		on_demand
	}
`;
  return `(elsewhere) {
${loopback ? page : ""}	header Content-Type application/json
	header -Server
	respond \`${JSON.stringify({ error })}\` 421
}

${sites.map((site) => `${site} {\n${site.startsWith("https") ? certificate : ""}\timport elsewhere\n}\n`).join("\n")}${metricsBind === "127.0.0.1" ? `\nhttp://:${metricsPort} {\n\tbind 127.0.0.1\n\timport elsewhere\n}\n` : ""}`;
}
