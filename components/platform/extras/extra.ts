import {
  type ComponentResource,
  type ComponentResourceOptions,
  type Input,
  interpolate,
  type Output,
  output,
} from "@pulumi/pulumi";
import { upstream } from "../../catalogue/index.ts";
import { Product } from "../../component.ts";
import { credential } from "../../primitives/credential/index.ts";
import { type ProxyServer, Route } from "../../primitives/route/index.ts";
import { workloadHost } from "../../primitives/workload/host.ts";
import { Workload, type WorkloadArgs } from "../../primitives/workload/index.ts";
import type { Copies } from "../backups/copies.ts";
import type { Signals } from "../signals.ts";

type Parts = Partial<
  Pick<
    WorkloadArgs,
    "command" | "env" | "files" | "data" | "rank" | "health" | "startTimeout" | "outbound" | "confined"
  >
>;

/** An upstream program that a stack can have besides, off until it is switched on. */
interface Extra {
  /** Catalogue name. */
  upstream: string;
  /** Port that people come to by the proxy; absent: programs only. */
  web?: string;
  /** Path on it that tells whether it answers, for measuring from outside; absent: it does not speak HTTP. */
  probe?: string;
  /** Whether a nightly copy is made of its data. @default false: it can be lost */
  copied?: boolean;
  workload(secret: (purpose: string) => Output<string>): Parts;
}

/** By switch. Another one is a row here, a file of the catalogue and a switch. */
export const extras = {
  cache: {
    upstream: "valkey",
    workload: (secret) => ({
      data: true,
      // What it forgets is asked for again.
      rank: "platform",
      files: (at) => ({
        "valkey.conf": interpolate`bind ${at.listen}
port ${upstream("valkey").ports.redis}
dir ${at.data()}
requirepass ${secret("password")}
maxmemory 64mb
maxmemory-policy allkeys-lru
save 900 1
`,
        password: secret("password"),
      }),
      command: (at) => [at.program("bin/valkey-server"), at.config("valkey.conf")],
      // It listens before it has read what it kept, and serves nobody until then. Its client knows the older name only.
      health: (at) => [
        ...["/bin/sh", "-c", '[ "$(REDISCLI_AUTH=$(cat "$1") "$0" -h 127.0.0.1 -p "$2" ping)" = PONG ]'],
        ...[at.program("bin/valkey-cli"), at.config("password"), String(upstream("valkey").ports.redis)],
      ],
    }),
  },
  mailpit: {
    upstream: "mailpit",
    web: "http",
    probe: "/readyz",
    workload: (secret) => ({
      data: true,
      // Mail of apps that are tried out.
      rank: "runtime",
      files: () => ({ people: interpolate`admin:${secret("password")}\n` }),
      command: (at) => [at.program("bin/mailpit")],
      env: (at) => ({
        MP_DATABASE: at.data("mail.db"),
        MP_MAX_MESSAGES: "1000",
        MP_UI_BIND_ADDR: `${at.listen}:${upstream("mailpit").ports.http}`,
        MP_SMTP_BIND_ADDR: `${at.listen}:${upstream("mailpit").ports.smtp}`,
        MP_UI_AUTH_FILE: at.config("people"),
        MP_DISABLE_VERSION_CHECK: "true",
      }),
      health: { http: "/readyz", port: "http" },
    }),
  },
  uptime: {
    upstream: "uptime-kuma",
    copied: true,
    web: "http",
    probe: "/",
    workload: () => ({
      data: true,
      env: (at) => ({ DATA_DIR: at.data(), UPTIME_KUMA_PORT: String(upstream("uptime-kuma").ports.http) }),
      health: { tcp: "http" },
      // It asks what people tell it to.
      outbound: true,
      confined: true,
    }),
  },
} satisfies Record<string, Extra>;
export type ExtraName = keyof typeof extras;

export interface ExtraArgs {
  extra: ExtraName;
  proxy: ProxyServer;
}

export interface ExtraOutputs {
  /** Address for people, else for programs: `host:port`. */
  address: Output<string>;
  /** What of it a nightly copy is made of. */
  copies: Copies;
}

export class UpstreamExtra extends Product<ExtraArgs, ExtraOutputs> {
  constructor(name: string, args: ExtraArgs, options?: ComponentResourceOptions) {
    super("UpstreamExtra", compose, name, args, options);
  }
}

function compose(name: string, args: ExtraArgs, parent: ComponentResource): ExtraOutputs {
  const extra: Extra = extras[args.extra];
  const { ports, memory, health } = upstream(extra.upstream);
  const secret = (purpose: string) =>
    credential(`${args.extra}/${purpose}`, { parent, length: 24, alphabet: "alphanumeric" });
  const gate = "port" in health ? { tcp: health.port } : { tcp: Object.keys(ports)[0] ?? "" };
  const server = new Workload(
    name,
    {
      program: { upstream: extra.upstream },
      ports,
      health: gate,
      memory: memory.expected,
      limits: { memory: memory.expected * 4 },
      ...(extra.copied ? {} : { losable: "it holds nothing that is missed" }),
      ...extra.workload(secret),
    },
    { parent },
  );
  const port = extra.web ?? Object.keys(ports)[0] ?? "";
  const address: Input<string> = interpolate`${server.outputs.host}:${server.outputs.ports[port]}`;
  const copies: Copies = extra.copied
    ? { [name]: { kind: "folder", process: server.outputs.name, workload: name, upstream: extra.upstream } }
    : {};
  if (extra.web === undefined) return { address: output(address), copies };
  const to = { workload: name, port: ports[port] as number };
  const route = new Route(name, { proxy: args.proxy, subdomain: name, to, upstream: address }, { parent });
  return { address: route.outputs.url, copies };
}

/** None of them measures itself without a password of its own. */
export function extraSignals(name: ExtraName): Signals {
  const { upstream: program, web = "", probe }: Extra = extras[name];
  if (probe === undefined) return {};
  return { probes: { [name]: `http://${workloadHost(name)}:${upstream(program).ports[web]}${probe}` } };
}
