import { type ComponentResource, CustomResource, interpolate, type Output, output } from "@pulumi/pulumi";
import { upstream } from "../../../components/catalogue/index.ts";
import { backupsRecipes } from "../../../components/platform/backups/index.ts";
import { logReaderRecipes } from "../../../components/platform/observability/log-reader/index.ts";
import { postgresRecipes } from "../../../components/platform/postgres/index.ts";
import { proxyRecipes } from "../../../components/platform/proxy/index.ts";
import { bucketRecipes } from "../../../components/primitives/bucket/index.ts";
import { doorsOf } from "../../../components/primitives/calls.ts";
import { credentialRecipes } from "../../../components/primitives/credential/index.ts";
import { databaseRecipes } from "../../../components/primitives/database/index.ts";
import { jobRecipes } from "../../../components/primitives/job/index.ts";
import { type RouteArgs, routeRecipes, routeUrl } from "../../../components/primitives/route/index.ts";
import { type Everywhere, type WorkloadArgs, workloadRecipes } from "../../../components/primitives/workload/index.ts";
import type { Reach } from "../../../components/provider/reach/index.ts";
import { assumedOutputs } from "../../../installer/declared/assumed.ts";
import { evaluate } from "../../../installer/engine/index.ts";
import { resolveSettings, type Settings } from "../../../stacks/config/index.ts";
import { platform } from "../../../stacks/platform.ts";

/** One primitive as a product asked for it, with every function called and every file rendered. */
export interface Recorded {
  type: string;
  name: string;
  // biome-ignore lint/suspicious/noExplicitAny: what a program was given, of any shape.
  inputs: any;
}

export interface Composition {
  settings: Settings;
  /** Primitives and wiring, in the order they are declared. */
  all: Recorded[];
  /** The workload of this name. */
  workload(name: string): Recorded["inputs"];
  of(type: string): Recorded[];
  errors: unknown[];
  outputs: Record<string, unknown>;
}

/**
 * What the products of a stack ask of the primitives, on a target that only writes it down: so a composition is tested by
 * itself, whatever the recipes of real targets make of it.
 */
export async function recordedStack(set: string[] = []): Promise<Composition> {
  const { settings } = resolveSettings({ flags: { "stack.kind": "onprem" }, set, user: "ada" });
  return recorded(settings, async () => platform(settings));
}

async function recorded(settings: Settings, program: () => Promise<Record<string, unknown>>): Promise<Composition> {
  record();
  const { goals, errors, outputs } = await evaluate({
    project: "devflow",
    stack: "test",
    config: { "devflow:target": "docker", "devflow:settings": JSON.stringify(settings) },
    program,
    outputsOf: assumedOutputs,
  });
  const all = goals
    .filter(({ custom }) => custom)
    .map(({ type, name, inputs }) => ({ type: type.replace(/^.*:/, ""), name, inputs: bare(inputs) as never }));
  return {
    settings,
    all,
    errors,
    outputs,
    of: (type) => all.filter((one) => one.type === type),
    workload(name) {
      const found = all.find((one) => one.type === "Workload" && one.name === name);
      if (!found)
        throw new Error(
          `no workload ${name} among ${all.filter((one) => one.type === "Workload").map((one) => one.name)}`,
        );
      return found.inputs;
    },
  };
}

/** Values without the marks of their secrets. */
function bare(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(bare);
  if (typeof value !== "object" || value === null) return value;
  if ("4dabf18193072939515e22adb298388d" in value && "value" in value) return bare(value.value);
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, bare(inner)]));
}

class Mark extends CustomResource {
  constructor(type: string, name: string, args: object, parent: ComponentResource) {
    super(`recorded:index:${type}`, name, args, { parent });
  }
}

const reach = output({ kind: "docker" as const, container: "here" }) as Output<Reach>;

function record(): void {
  workloadRecipes.docker = workload;
  postgresRecipes.docker = (name, args, parent) => {
    new Mark("Postgres", name, args, parent);
    const password = output("the superuser's password");
    const door = { workload: name, port: args.port };
    return {
      host: output(name),
      port: output(args.port),
      door,
      user: "postgres",
      password,
      process: output(name),
      reach,
    };
  };
  proxyRecipes.docker = (name, args, parent) => {
    new Mark("Proxy", name, args, parent);
    const { domain, port, tls } = args;
    return {
      server: {
        ...{ domain, port, tls, peers: [name], trustedProxies: args.trustedProxies },
        scheme: tls === "off" ? "http" : "https",
      },
      metrics: output(`${name}:${args.metricsPort}`),
    };
  };
  databaseRecipes.docker = (name, { server, ...args }, parent) => {
    new Mark("Database", name, args, parent);
    const { host, port } = server;
    const password = output(`password-of-${args.name}`);
    return {
      host: output(host),
      port: output(port),
      door: server.door,
      database: output(args.name),
      user: output(args.name),
      password,
      sslMode: output("disable"),
    };
  };
  backupsRecipes.docker = (name, { copies, ...args }, parent) => {
    new Mark("Backups", name, { ...args, copies: Object.keys(copies) }, parent);
    return {};
  };
  logReaderRecipes.docker = (name, args, parent) => {
    new Mark("LogReader", name, args, parent);
    return {};
  };
  bucketRecipes.docker = (name, { server, ...args }, parent) => {
    new Mark("Bucket", name, args, parent);
    const { endpoint, accessKey, secretKey } = server;
    return {
      endpoint: output(endpoint),
      region: output("us-east-1"),
      bucket: output(args.name),
      doors: server.door ? [server.door] : [],
      accessKey: output(accessKey),
      secretKey: output(secretKey),
    };
  };
  credentialRecipes.docker = (name, args, parent) => {
    new Mark("Credential", name, args, parent);
    const value = `${name}-`.padEnd(args.length ?? 43, "0123456789abcdef").slice(0, args.length ?? 43);
    return {
      value: output(args.alphabet === "hex" ? Buffer.from(value).toString("hex").slice(0, value.length) : value),
      previous: output(""),
    };
  };
  jobRecipes.docker = (name, { command, ...args }, parent) => {
    new Mark("Job", name, { ...args, command: command((file) => output(`/${file}`)) }, parent);
    return { done: output("done") };
  };
  routeRecipes.docker = (name: string, { proxy, ...args }: RouteArgs, parent: ComponentResource) => {
    new Mark("Route", name, args, parent);
    return { url: output(routeUrl(proxy, args.subdomain)) };
  };
}

function workload(name: string, args: WorkloadArgs, parent: ComponentResource) {
  const image = "upstream" in args.program ? upstream(args.program.upstream).image : undefined;
  const paths = image && "paths" in image ? image.paths : undefined;
  const data = image && "data" in image && image.data ? image.data : "/data";
  const below = (folder: string, file?: string) => output(file === undefined ? folder : `${folder}/${file}`);
  const at: Everywhere = {
    listen: "0.0.0.0",
    listens: ["0.0.0.0"],
    self: "127.0.0.1",
    program: (file = "") => output("service" in args.program ? `/app/${file}` : inImage(name, paths, file)),
    data: (file) => {
      if (!args.data) throw new Error(`workload ${name} asks for its data folder without data`);
      return below(data, file);
    },
    socket: (file) => below(data, `${file}.sock`),
    config: (file) => below("/etc/devflow", file),
    node: output("/usr/local/bin/node"),
    web: output("/app/dashboard"),
  };
  const { command, env, secretEnv, files, health, cwd, prepare: _, ...rest } = args;
  new Mark(
    "Workload",
    name,
    {
      ...rest,
      ...(command && { command: command(at) }),
      env: env?.(at) ?? {},
      secretEnv: secretEnv?.(at) ?? {},
      files: files?.(at) ?? {},
      health: typeof health === "function" ? { command: health(at) } : health,
      ...(cwd && { cwd: cwd(at) }),
    },
    parent,
  );
  return {
    locations: at,
    host: output(name),
    ports: Object.fromEntries(Object.entries(args.ports).map(([purpose, port]) => [purpose, output(port)])),
    doors: doorsOf(name, args.ports),
    name: interpolate`${name}`,
    reach,
  };
}

/** The same as on real targets: a path that the catalogue does not name is a mistake. */
function inImage(name: string, paths: Record<string, string> | undefined, file: string): string {
  if (!paths) return `/${file}`;
  const [key, path] =
    Object.entries(paths)
      .filter(([known]) => known === file || file.startsWith(`${known}/`))
      .sort(([one], [other]) => other.length - one.length)[0] ?? [];
  if (key === undefined) throw new Error(`the catalogue does not say where the image of ${name} keeps ${file}`);
  return `${path}${file.slice(key.length)}`;
}
