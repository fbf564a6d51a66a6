import {
  type ComponentResource,
  type ComponentResourceOptions,
  interpolate,
  type Output,
  output,
} from "@pulumi/pulumi";
import { upstream } from "../../catalogue/index.ts";
import { child, Product } from "../../component.ts";
import type { Copies } from "../../platform/backups/copies.ts";
import type { Signals } from "../../platform/signals.ts";
import type { StorageOutputs } from "../../platform/storage/index.ts";
import { Bucket } from "../../primitives/bucket/index.ts";
import { doorAt } from "../../primitives/calls.ts";
import { credential } from "../../primitives/credential/index.ts";
import type { DatabaseServer } from "../../primitives/database/index.ts";
import { type ProxyServer, Route, routeUrl } from "../../primitives/route/index.ts";
import { everyHost, workloadHost } from "../../primitives/workload/host.ts";
import type { WorkloadOutputs } from "../../primitives/workload/index.ts";
import { SupabaseKeys } from "../../provider/wiring.ts";
import { secretsAround } from "../../surroundings.ts";
import { auth } from "./auth.ts";
import { database, type RuntimeSize } from "./database.ts";
import { type FunctionErrors, functions, insideUrl } from "./functions.ts";
import { gateway } from "./gateway.ts";
import { connectionsOf, partName, type Surrounding } from "./part.ts";
import { pooler } from "./pooler.ts";
import { realtime } from "./realtime.ts";
import { rest } from "./rest.ts";
import { pictures, storage } from "./storage.ts";
import { meta, studio } from "./studio.ts";

/** The backend of people's own apps: database, sign-in, REST, realtime, files, functions, Studio; on Supabase. */
export interface SupabaseArgs {
  proxy: ProxyServer;
  /** Where objects go; in a folder of its own without it. */
  storage: StorageOutputs | undefined;
  mail: Surrounding["mail"];
  redirects: Surrounding["redirects"];
  /** How large its database is. */
  size: RuntimeSize;
  /** Whether parts that can send their traces to the collector. */
  traced: boolean;
  /** What functions send their errors by; absent: there is no tracker. */
  errors: FunctionErrors | undefined;
}

export interface SupabaseOutputs {
  /** Address for people and for apps. */
  url: Output<string>;
  publishableKey: Output<string>;
  /** Marked secret. */
  secretKey: Output<string>;
  /** Password of the account `admin` of Studio. Marked secret. */
  studioPassword: Output<string>;
  /** For what measures it from outside. */
  database: DatabaseServer;
  copies: Copies;
}

export class Supabase extends Product<SupabaseArgs, SupabaseOutputs> {
  constructor(name: string, args: SupabaseArgs, options?: ComponentResourceOptions) {
    super("Supabase", compose, name, args, options);
  }
}

function compose(name: string, args: SupabaseArgs, parent: ComponentResource): SupabaseOutputs {
  const jwtSecret = credential("runtime/jwt-secret", { parent });
  const cryptoKey = credential("runtime/meta-key", { parent, length: 32, alphabet: "alphanumeric" });
  const studioPassword = credential("runtime/studio", { parent, length: 24, alphabet: "alphanumeric" });
  const keys = child(SupabaseKeys, name, { name: "runtime/api-keys", jwtSecret }, parent);
  secretsAround()?.set("runtime/api-keys", keptKeys(keys));
  const db = database(parent, args.size);
  const around: Surrounding = {
    ...{ parent, keys, jwtSecret, database: db, mail: args.mail, redirects: args.redirects },
    connections: connectionsOf(args.size.maxConnections),
    url: routeUrl(args.proxy, name),
    bucket: args.storage && objects(args.storage.server),
  };

  auth(around, args.traced);
  rest(around);
  realtime(around);
  const files = storage(around);
  if (around.bucket) pictures(around);
  const code = functions(around, insideUrl(), args.errors);
  pooler(around);
  meta(around, cryptoKey);
  const snippets = studio(around, { gateway: insideUrl(), cryptoKey });
  const door = gateway(around, studioPassword);

  const address = interpolate`${door.host}:${door.ports.http}`;
  const route = new Route(
    name,
    { proxy: args.proxy, subdomain: name, to: doorAt(insideUrl()), upstream: address },
    { parent },
  );
  return {
    url: route.outputs.url,
    publishableKey: keys.publishable,
    secretKey: keys.secret,
    studioPassword,
    database: db.server,
    copies: {
      [partName("db")]: { kind: "postgres", process: db.process, server: db.server },
      ...folder("functions", "edge-runtime", code, [".deno"]),
      ...folder("studio", "supabase-studio", snippets),
      // Elsewhere they are objects.
      ...(around.bucket ? {} : folder("storage", "supabase-storage", files)),
    },
  };

  function folder(of: string, upstream: string, { name: process }: WorkloadOutputs, leaveOut: string[] = []): Copies {
    const workload = partName(of);
    return { [workload]: { kind: "folder", process, workload, upstream, leaveOut } };
  }

  function objects(server: StorageOutputs["server"]) {
    const users = { usedBy: partName("storage"), handedTo: [partName("pictures")] };
    return new Bucket(name, { server, name: "devflow-runtime", ...users }, { parent }).outputs;
  }
}

/** The keys as the stack's store has them (components/provider/supabase-keys.ts), from what is told of them. */
function keptKeys({ publishable, secret, anonToken, serviceToken, signingKeys }: SupabaseKeys): Output<string> {
  const signing = signingKeys.apply((text) => {
    const [{ kid, kty, crv, x, y, d }] = JSON.parse(text) as [Record<string, string>];
    return { kid, key: { kty, crv, x, y, d } };
  });
  return output({ publishable, secret, anonToken, serviceToken, signing }).apply(
    ({ signing: { kid, key }, ...others }) => JSON.stringify({ kid, key, ...others }),
  );
}

/** What the runtime shows of itself; Realtime and the pooler show theirs only to who has a token that signs for it. */
export function runtimeSignals(database: DatabaseServer, { pictures }: { pictures: boolean }): Signals {
  const at = (part: string, program: string, port: string) => ({
    address: `${workloadHost(partName(part))}:${upstream(program).ports[port]}`,
    each: everyHost(partName(part)),
  });
  return {
    metrics: {
      "runtime-gateway": at("gateway", "envoy", "admin"),
      "runtime-auth": at("auth", "supabase-auth", "metrics"),
      "runtime-rest": at("rest", "postgrest", "admin"),
      ...(pictures && { "runtime-pictures": at("pictures", "imgproxy", "metrics") }),
      "runtime-meta": at("meta", "postgres-meta", "admin"),
    },
    databases: { runtime: database },
    probes: {
      realtime: `http://${workloadHost(partName("realtime"))}:${upstream("supabase-realtime").ports.http}/healthcheck`,
      pooler: `http://${workloadHost(partName("pooler"))}:${upstream("supavisor").ports.api}/api/health`,
      storage: `http://${workloadHost(partName("storage"))}:${upstream("supabase-storage").ports.http}/status`,
      studio: `http://${workloadHost(partName("studio"))}:${upstream("supabase-studio").ports.http}/api/platform/profile`,
    },
  };
}
