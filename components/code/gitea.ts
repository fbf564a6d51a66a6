import { isIP } from "node:net";
import {
  type ComponentResource,
  type ComponentResourceOptions,
  interpolate,
  type Output,
  output,
} from "@pulumi/pulumi";
import { portSuffix } from "../address.ts";
import { upstream } from "../catalogue/index.ts";
import { child, Product } from "../component.ts";
import type { Copies } from "../platform/backups/copies.ts";
import type { SignOn } from "../platform/glue.ts";
import type { PostgresOutputs } from "../platform/postgres/index.ts";
import type { StorageOutputs } from "../platform/storage/index.ts";
import { Bucket, type BucketOutputs } from "../primitives/bucket/index.ts";
import { type Door, doorAt } from "../primitives/calls.ts";
import { credential } from "../primitives/credential/index.ts";
import { Database, type DatabaseOutputs } from "../primitives/database/index.ts";
import { type ProxyServer, Route, routeUrl } from "../primitives/route/index.ts";
import { type Locations, Workload } from "../primitives/workload/index.ts";
import type { Reach } from "../provider/reach/index.ts";
import { GiteaAdministrator, GiteaSignOn } from "../provider/resources.ts";
import type { Settled } from "../settled.ts";
import { look } from "./look.ts";
import { landing, people } from "./people.ts";
import { webhooks } from "./webhooks.ts";

/** Git hosting: repositories, pull requests, packages, on Gitea. */
export interface GiteaArgs {
  port: number;
  postgres: PostgresOutputs;
  proxy: ProxyServer;
  /** Where large files go; they stay in the data folder without it. */
  storage: StorageOutputs | undefined;
  signOn: SignOn;
  /** Address by which it tells the platform of pushes. */
  platform: string;
  /** MiB the process tries to stay below. */
  memoryLimit: number;
  /** Connections it may hold to the database. */
  maxConnections: number;
}

export interface GiteaOutputs {
  /** Address for people and for git. */
  url: Output<string>;
  /** `host:port` behind the proxy. */
  address: Output<string>;
  door: Door;
  /** How the resources that set it up get to it; resolves when its administrator can sign in. */
  reach: Output<Reach>;
  copies: Copies;
  /** Bearer token that its metrics ask for. Marked secret. */
  metricsToken: Output<string>;
}

export class Gitea extends Product<GiteaArgs, GiteaOutputs> {
  constructor(name: string, args: GiteaArgs, options?: ComponentResourceOptions) {
    super("Gitea", compose, name, args, options);
  }
}

function compose(name: string, args: GiteaArgs, parent: ComponentResource): GiteaOutputs {
  const keys = generateKeys();
  const { outputs: database } = new Database(name, { server: args.postgres, name: "gitea", pooled: true }, { parent });
  const bucket =
    args.storage &&
    new Bucket(name, { server: args.storage.server, name: "devflow-code", usedBy: name }, { parent }).outputs;
  const url = routeUrl(args.proxy, "code");
  const customised = inFolder("custom", look(routeUrl(args.proxy, "")));
  const server = startServer();
  const address = interpolate`${server.outputs.host}:${server.outputs.ports.http}`;
  const administrator = createAccount();
  addSignOn();
  const door = { workload: name, port: args.port };
  const route = new Route(name, { proxy: args.proxy, subdomain: "code", to: door, upstream: address }, { parent });
  const reach = output([server.outputs.reach, administrator.id]).apply(([way]) => way as Reach);
  return { url: route.outputs.url, address, door, reach, metricsToken: keys.metrics, copies: copies() };

  function copies(): Copies {
    const { name: process } = server.outputs;
    // Its queues are half written at any moment; what waited in them is lost, and its hooks and checks run again by hand.
    return { [name]: { kind: "folder", process, workload: name, upstream: "gitea", leaveOut: ["queues"] } };
  }

  function generateKeys() {
    const key = (purpose: string) => credential(`code/${purpose}`, { parent });
    return {
      secret: key("secret-key"),
      internal: key("internal-token"),
      oauth: key("oauth-jwt-secret"),
      lfs: key("lfs-jwt-secret"),
      metrics: key("metrics-token"),
    };
  }

  function startServer() {
    return new Workload(
      name,
      {
        program: { upstream: "gitea" },
        data: true,
        files: (at) => ({ "app.ini": configuration(at), ...customised }),
        command: (at) => [
          at.program("bin/gitea"),
          ...["web", "--config", at.config("app.ini"), "--work-path", at.data()],
        ],
        env: (at) => ({
          HOME: at.data("home"),
          GITEA_WORK_DIR: at.data(),
          GITEA_CUSTOM: at.config("custom"),
          // The image names a folder that its own entry point makes; and what is uploaded may be larger than /tmp.
          TMPDIR: at.data(),
          GOMEMLIMIT: `${args.memoryLimit}MiB`,
        }),
        ports: { http: args.port },
        health: { http: "/api/healthz", port: "http" },
        startTimeout: 180_000,
        stop: { signal: "SIGTERM", deadline: 30_000 },
        memory: upstream("gitea").memory.expected,
        // Git runs beside it, in the same container.
        limits: { memory: args.memoryLimit + 256 },
        refusesRoot: true,
        // Mirrors, webhooks, and the packages of others.
        outbound: true,
        calls: [database.door, ...(bucket?.doors ?? []), doorAt(args.platform)],
        after: [args.postgres.process, ...(args.storage?.process ? [args.storage.process] : [])],
      },
      { parent },
    );
  }

  /** The platform's own; people are not known here until they come from the platform. */
  function createAccount() {
    const { program, data, config } = server.outputs.locations;
    return child(
      GiteaAdministrator,
      name,
      {
        url: interpolate`http://${address}`,
        reach: server.outputs.reach,
        program: program("bin/gitea"),
        config: config("app.ini"),
        workPath: data(),
        username: args.signOn.account.username,
        email: `${args.signOn.account.username}@noreply.${args.proxy.domain}`,
        password: args.signOn.account.password,
      },
      parent,
      undefined,
      { dependsOn: server },
    );
  }

  function addSignOn() {
    const { discoveryUrl, clientId, clientSecret, administrators } = args.signOn;
    child(
      GiteaSignOn,
      name,
      { database, reach: args.postgres.reach, name: "devflow", discoveryUrl, clientId, clientSecret, administrators },
      parent,
      undefined,
      { dependsOn: server },
    );
  }

  function configuration(at: Locations): Output<string> {
    return output({ ...keys, database, bucket, data: at.data(), program: at.program("share") }).apply((values) =>
      render({
        ...values,
        listen: at.listen,
        url,
        port: args.port,
        maxConnections: args.maxConnections,
        platform: args.platform,
        proxies: proxiesOf(args.proxy),
        domain: new URL(url).hostname,
      }),
    );
  }
}

function inFolder(folder: string, files: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(files).map(([path, text]) => [`${folder}/${path}`, text]));
}

interface Values {
  listen: string;
  secret: string;
  internal: string;
  oauth: string;
  lfs: string;
  metrics: string;
  database: Settled<DatabaseOutputs>;
  bucket: Settled<BucketOutputs> | undefined;
  data: string;
  program: string;
  url: string;
  domain: string;
  port: number;
  maxConnections: number;
  platform: string;
  proxies: { trusted: string[]; most: number };
}

/** Ranges that container engines take networks' addresses from. */
const privateNetworks = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7"];

/**
 * Whose word about people's addresses Gitea's log and its list of sessions believe, and how many of them a request may
 * come through. Gitea looks no names up, so a proxy that is known by its name is trusted by where containers are. It also
 * believes `X-Real-IP`, which the load balancer of a cloud hands on as the client sent it: there nobody is trusted.
 */
function proxiesOf({ peers, trustedProxies, balancer }: ProxyServer): Values["proxies"] {
  if (balancer) return { trusted: ["127.0.0.0/8", "::1/128"], most: 1 };
  const ranges = peers.filter((peer) => isIP(peer.split("/")[0] ?? "") !== 0);
  const nearest = ranges.length === peers.length ? ranges : [...ranges, ...privateNetworks];
  return { trusted: [...nearest, ...trustedProxies], most: 1 + trustedProxies.length };
}

function render(values: Values): string {
  const { database, bucket, data } = values;
  return `APP_NAME = DevFlow Code
RUN_MODE = prod
WORK_PATH = ${data}

[server]
PROTOCOL = http
HTTP_ADDR = ${values.listen}
HTTP_PORT = ${values.port}
DOMAIN = ${values.domain}
ROOT_URL = ${values.url}/
LOCAL_ROOT_URL = http://127.0.0.1:${values.port}/
STATIC_ROOT_PATH = ${values.program}
APP_DATA_PATH = ${data}/data
DISABLE_SSH = true
OFFLINE_MODE = true
${landing}
LFS_START_SERVER = true
LFS_JWT_SECRET = ${values.lfs}

[database]
DB_TYPE = postgres
HOST = ${database.host}:${database.port}
NAME = ${database.database}
USER = ${database.user}
PASSWD = "${database.password}"
SSL_MODE = ${database.sslMode}
MAX_OPEN_CONNS = ${values.maxConnections}
MAX_IDLE_CONNS = 5
CONN_MAX_LIFETIME = 10m

[security]
INSTALL_LOCK = true
COOKIE_REMEMBER_NAME = gitea_incredible${portSuffix(values.url)}
CSRF_COOKIE_NAME = _csrf${portSuffix(values.url)}
SECRET_KEY = ${values.secret}
INTERNAL_TOKEN = ${values.internal}
PASSWORD_HASH_ALGO = argon2
REVERSE_PROXY_LIMIT = ${values.proxies.most}
REVERSE_PROXY_TRUSTED_PROXIES = ${values.proxies.trusted.join(",")}
DISABLE_QUERY_AUTH_TOKEN = true

[oauth2]
JWT_SECRET = ${values.oauth}

${people}
${webhooks(values.platform)}
[repository]
ROOT = ${data}/repositories

[log]
MODE = console
LEVEL = Info

[metrics]
ENABLED = true
TOKEN = ${values.metrics}

[indexer]
ISSUE_INDEXER_TYPE = db

[queue]
TYPE = level
DATADIR = ${data}/queues

[cache]
ADAPTER = memory

[session]
PROVIDER = db
COOKIE_NAME = i_like_gitea${portSuffix(values.url)}

[cron.update_checker]
ENABLED = false

[actions]
ENABLED = true

[other]
SHOW_FOOTER_VERSION = false
${bucket ? objectStorage(bucket) : ""}`;
}

function objectStorage(bucket: Settled<BucketOutputs>): string {
  return `
[storage]
STORAGE_TYPE = minio
MINIO_ENDPOINT = ${bucket.endpoint.replace(/^https?:\/\//, "")}
MINIO_USE_SSL = ${bucket.endpoint.startsWith("https:")}
MINIO_ACCESS_KEY_ID = ${bucket.accessKey}
MINIO_SECRET_ACCESS_KEY = ${bucket.secretKey}
MINIO_BUCKET = ${bucket.bucket}
MINIO_LOCATION = ${bucket.region}
`;
}
