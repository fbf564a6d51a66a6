import {
  type ComponentResource,
  type ComponentResourceOptions,
  interpolate,
  jsonStringify,
  type Output,
  output,
} from "@pulumi/pulumi";
import { Product } from "../component.ts";
import { doorAt } from "../primitives/calls.ts";
import { credential, rotatingCredential } from "../primitives/credential/index.ts";
import { Database } from "../primitives/database/index.ts";
import { type ProxyServer, Route, routeUrl } from "../primitives/route/index.ts";
import { workloadHost } from "../primitives/workload/host.ts";
import { type Locations, Workload } from "../primitives/workload/index.ts";
import type { PostgresOutputs } from "./postgres/index.ts";
import { rangesOf } from "./reachable.ts";

/** The glue services of this checkout in one process, behind the platform's own address. */
export interface GlueArgs {
  /** Kind of stack; where strangers share the hosts, some things are not allowed. */
  kind: "local" | "onprem" | "saas" | "dedicated";
  port: number;
  postgres: PostgresOutputs;
  proxy: ProxyServer;
  /** Most processes of it at a time, and most connections that other programs take of the same server. */
  connections: { hosts: number; others: number };
  /** MiB the process may use for JavaScript objects. */
  maxOldSpace: number;
  /** The services' sections of devflow.yaml, by name. */
  settings: Readonly<Record<string, unknown>>;
  /** Hosts and ranges of private networks that these settings let the services call. */
  reaches: readonly string[];
  /** Resident MiB that the services add to their process. */
  memory: number;
  /** Resources that the machine has for the services, by name, for a stack on this machine. @default none */
  machine?: MachineResources;
  /** Addresses of other products that the services call, by the name of the resource. @default none */
  upstreams?: Readonly<Record<string, string>>;
  /** What texts are embedded with: what the services' image carries, or what a file says as soon as it is there. @default nothing */
  embeddings?: "image" | { file: string };
  /** Git hosting as the platform reaches it and is reached by it, where it is part of the stack. */
  code: { url: string; hooksAt: string } | undefined;
  /** Other programs that people come to by the platform's sign-in, by the id of their client. @default none */
  clients?: Record<string, ClientProgram>;
  /** What the answers say of the first person, for the welcome form. @default it is asked for */
  first?: { organisation?: string; email?: string };
  /** Where traces go (OTLP over HTTP); absent: nowhere. */
  traces?: string;
}

/** A program that lets people in by the platform's sign-in, as its OpenID Connect client. */
export interface ClientProgram {
  title: string;
  /** Host name below the platform's domain. */
  subdomain: string;
  /** Path on it that sign-in comes back to. */
  callback: string;
}

/** What such a program needs. Addresses for people are public; those it asks itself are inside of the stack. */
export interface ClientSignOn {
  clientId: string;
  /** Marked secret. */
  clientSecret: Output<string>;
  authorizeUrl: string;
  tokenUrl: string;
  userinfoUrl: string;
  /** Group of those who administer the platform. */
  administrators: string;
}

/** Paths of one's own machine. */
export interface MachineResources {
  /** Folder of the runs, and socket of the supervisor. */
  runs: string;
  supervisor: string;
  /** Files of the platform's own secrets and of the names of generated ones. */
  platformSecrets: { file: string; index: string };
}

/** What a program needs to let people in who are signed in at the platform. */
export interface SignOn {
  /** Address of the OpenID Connect discovery document. */
  discoveryUrl: Output<string>;
  clientId: string;
  /** Marked secret. */
  clientSecret: Output<string>;
  /** Group of those who administer the platform. */
  administrators: string;
  /** Account that the platform keeps in the program for itself, with a password marked secret. */
  account: { username: string; password: Output<string> };
}

export interface GlueOutputs {
  /** Address for people. */
  url: Output<string>;
  /** `host:port` behind the proxy. */
  address: Output<string>;
  /** For Git hosting. */
  code: SignOn | undefined;
  /** For the other programs, by the id of their client. */
  clients: Record<string, ClientSignOn>;
}

export class Glue extends Product<GlueArgs, GlueOutputs> {
  constructor(name: string, args: GlueArgs, options?: ComponentResourceOptions) {
    super("Glue", compose, name, args, options);
  }
}

/** Resident MiB of the process without any service. */
const hostMemory = 116;

/** MiB that the process which embeds texts takes at most: Node, the runtime and the model. */
const embeddingMemory = 320;

/**
 * MiB that the two processes which read files take at most, each with 112 for its program: as the heap is large, but enough
 * for a page of 1 MB, which takes 190 MiB more while it is read, and no more than the largest file needs.
 */
const readingMemory = (maxOldSpace: number) => Math.min(928, Math.max(672, Math.floor(maxOldSpace * 1.5) + 160));

/** Group of those who administer the platform, as its sign-in names it. */
const administrators = "devflow:administrators";

function compose(name: string, args: GlueArgs, parent: ComponentResource): GlueOutputs {
  const database = new Database(
    "platform",
    { server: args.postgres, name: "platform", extensions: ["vector"], makesRoles: true },
    { parent },
  );
  const { host, port, user, password } = database.outputs;
  const signOn = args.code && codeSignOn();
  const clients = Object.fromEntries(Object.keys(args.clients ?? {}).map((id) => [id, clientSignOn(id)]));
  const called = [args.code?.url, args.traces, ...Object.values(args.upstreams ?? {})].filter(
    (url) => url !== undefined,
  );
  const service = new Workload(
    name,
    {
      program: { service: "host" },
      steady: true,
      data: "cache",
      losable: "usage on its way and what is made again; all else is in the database",
      files: (at) => ({
        pgpass: interpolate`${host}:${port}:*:${user}:${password}\n`,
        "services.json": jsonStringify({ resources: resources(at), settings: args.settings }),
        "master.key": masterKeys(),
      }),
      command: (at) => [
        at.node,
        `--max-old-space-size=${args.maxOldSpace}`,
        "--disable-warning=ExperimentalWarning",
        at.program("glue-services/host/server.ts"),
      ],
      env: (at) => ({
        NODE_ENV: "production",
        DEVFLOW_KIND: args.kind,
        HOST: at.listen,
        PORT: String(args.port),
        PGHOST: host,
        PGPORT: interpolate`${port}`,
        PGUSER: user,
        // Encrypted, by a certificate that Node does not know.
        ...(args.postgres.tls && { PGSSLMODE: "no-verify" }),
        PGDATABASE: database.outputs.database,
        PGPASSFILE: at.config("pgpass"),
        DATABASE_HOSTS: String(args.connections.hosts),
        DATABASE_OTHERS: String(args.connections.others),
        PUBLIC_URL: routeUrl(args.proxy, ""),
        DEVFLOW_FRONT_DOOR: args.proxy.peers.join(","),
        ...(args.proxy.trustedProxies.length > 0 && { DEVFLOW_TRUSTED_PROXIES: args.proxy.trustedProxies.join(",") }),
        SERVICES_CONFIG: at.config("services.json"),
        ...(args.traces !== undefined && { OTEL_EXPORTER_OTLP_ENDPOINT: args.traces, OTEL_SERVICE_NAME: name }),
        NODE_COMPILE_CACHE: at.data("compile-cache"),
      }),
      ports: { http: args.port },
      health: { http: "/readyz", port: "http" },
      stop: { signal: "SIGTERM", deadline: 15_000 },
      // Model and runtime are loaded when the first text is embedded.
      memory: hostMemory + args.memory + (args.embeddings ? 110 : 0),
      // Its heap, what Node takes beside it, and what works in processes of its own.
      limits: {
        // By which it is counted how busy it is: one that serves a few people stays below it.
        sure: 500,
        memory: args.maxOldSpace + 192 + readingMemory(args.maxOldSpace) + (args.embeddings ? embeddingMemory : 0),
      },
      queue: {
        database: database.outputs,
        query:
          "SELECT count(*) FROM graphile_worker.jobs WHERE run_at <= now() AND locked_at IS NULL AND attempts < max_attempts",
        each: 25,
      },
      // Models, mail, and what people connect.
      outbound: true,
      reaches: rangesOf(args.reaches),
      calls: [database.outputs.door, ...called.map(doorAt)],
      // It reads and calls what people name: their servers, pages and feeds.
      confined: true,
      after: [args.postgres.process],
    },
    { parent },
  );
  const address = interpolate`${service.outputs.host}:${service.outputs.ports.http}`;
  const route = new Route(
    name,
    { proxy: args.proxy, subdomain: "", to: { workload: name, port: args.port }, upstream: address },
    { parent },
  );
  return { url: route.outputs.url, address, code: signOn, clients };

  /** One a line, the current one first. */
  function masterKeys(): Output<string> {
    const { value, previous } = rotatingCredential("platform/master-key", { parent });
    return output([value, previous]).apply((keys) => keys.flatMap((key) => (key ? [`${key}\n`] : [])).join(""));
  }

  function codeSignOn(): SignOn {
    return {
      // Known to the proxy from the first; asked for only when somebody signs in.
      discoveryUrl: output(`${routeUrl(args.proxy, "")}/api/auth/.well-known/openid-configuration`),
      clientId: "code",
      clientSecret: credential("identity/code-client", { parent }),
      administrators,
      account: {
        username: "devflow",
        password: credential("code/administrator", { parent, length: 24, alphabet: "alphanumeric" }),
      },
    };
  }

  function clientSignOn(id: string): ClientSignOn {
    const inside = `http://${workloadHost(name)}:${args.port}/api/auth/oauth2`;
    return {
      clientId: id,
      clientSecret: credential(`identity/${id}-client`, { parent }),
      authorizeUrl: `${routeUrl(args.proxy, "")}/api/auth/oauth2/authorize`,
      tokenUrl: `${inside}/token`,
      userinfoUrl: `${inside}/userinfo`,
      administrators,
    };
  }

  function otherClients() {
    return Object.entries(args.clients ?? {}).map(([id, { title, subdomain, callback }]) => ({
      id,
      name: title,
      secret: clients[id]?.clientSecret,
      redirectUris: [`${routeUrl(args.proxy, subdomain)}${callback}`],
      postLogoutRedirectUris: [`${routeUrl(args.proxy, subdomain)}/`],
      pkce: true,
    }));
  }

  /** Each under the name by which declarations of services need it. */
  function resources(at: Locations) {
    const { embeddings, machine } = args;
    return {
      ...machine,
      ...args.upstreams,
      dataFolder: at.data(),
      masterKeys: "./master.key",
      // Where the stack is driven from elsewhere, they are what its own container keeps.
      platformSecrets: machine?.platformSecrets ?? { file: at.data("platform.env") },
      docs: at.program("docs"),
      webApp: at.web,
      readingMemory: readingMemory(args.maxOldSpace),
      ...(embeddings && {
        embeddings: embeddings === "image" ? at.program("embeddings/artifacts.json") : embeddings.file,
      }),
      signOn: signOnOfPeople(),
      ...(signOn && args.code && { gitHosting: gitHosting(args.code, signOn) }),
    };
  }

  function gitHosting({ url, hooksAt }: NonNullable<GlueArgs["code"]>, { account }: SignOn) {
    return {
      url,
      hooksAt,
      publicUrl: routeUrl(args.proxy, "code"),
      user: account.username,
      password: account.password,
    };
  }

  function signOnOfPeople() {
    const signing = rotatingCredential("identity/signing", { parent });
    return {
      secret: signing.value,
      formerSecret: signing.previous,
      ...(args.first && { first: args.first }),
      clients: [...(signOn ? [gitClient(signOn)] : []), ...otherClients()],
    };
  }

  function gitClient({ clientId, clientSecret }: SignOn) {
    const publicUrl = routeUrl(args.proxy, "code");
    return {
      id: clientId,
      name: "Git hosting",
      secret: clientSecret,
      redirectUris: [`${publicUrl}/user/oauth2/devflow/callback`],
      postLogoutRedirectUris: [`${publicUrl}/`],
      // Gitea cannot do it as a client.
      pkce: false,
    };
  }
}
