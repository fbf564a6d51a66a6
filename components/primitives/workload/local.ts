import { type ComponentResource, type Input, interpolate, type Output, output } from "@pulumi/pulumi";
import { addressOf } from "../../address.ts";
import { upstream } from "../../catalogue/index.ts";
import { child } from "../../component.ts";
import type { Reach } from "../../provider/reach/index.ts";
import { Artifact, Checkout, Files, type ProbeInput, Process, Volume, WebBuild } from "../../provider/resources.ts";
import { doorsOf } from "../calls.ts";
import type { Locations, WorkloadArgs, WorkloadOutputs } from "./index.ts";

/** Inputs of the resources a workload is made of on one machine, for `transform`. */
export interface LocalWorkloadChildren {
  process: ConstructorParameters<typeof Process>[1];
  files: ConstructorParameters<typeof Files>[1];
  volume: ConstructorParameters<typeof Volume>[1];
}

/** A native process under the supervisor. */
export function local(name: string, args: WorkloadArgs, parent: ComponentResource): WorkloadOutputs {
  if (args.members) throw new Error(`workload ${name} has members, which need machines of their own`);
  const unprivileged = args.refusesRoot ?? false;
  const command = args.command ?? noCommand(name);
  const program = obtainProgram();
  const at = locations();
  const files = renderFiles();
  const prepared = args.prepare?.(at, { parent }) ?? output(undefined);
  const everything = { ...at, config: (file?: string) => below(files?.path ?? output("."), file) };
  const process = startProcess();
  return {
    locations: everything,
    host: process.name.apply(() => bind()),
    ports: mapValues(args.ports, (port) => process.name.apply(() => port)),
    doors: doorsOf(name, args.ports),
    name: process.name,
    reach: process.name.apply((): Reach => ({ kind: "direct" })),
  };

  function obtainProgram() {
    if ("upstream" in args.program) {
      const { name: upstreamName, version } = upstream(args.program.upstream);
      const artifact = child(Artifact, name, { upstream: upstreamName, version }, parent);
      return {
        path: artifact.path,
        node: output(""),
        web: output(""),
        version: output(version),
        hash: output(version),
      };
    }
    const checkout = child(Checkout, name, { folders: ["glue-services", "docs"] }, parent);
    const { path: web } = child(WebBuild, name, { hash: checkout.hash }, parent);
    return { path: checkout.root, node: checkout.node, web, version: checkout.version, hash: checkout.hash };
  }

  function locations(): Locations {
    const volume = args.data
      ? child(Volume, name, { folder: name, unprivileged }, parent, args.transform?.volume)
      : undefined;
    return {
      listen: bind(),
      listens: [bind()],
      self: bind(),
      program: (file) => below(program.path, file),
      data: (file) => below(need(volume).path, file),
      socket: (file) => interpolate`${need(volume).sockets}/${file}.sock`,
      node: program.node,
      web: program.web,
    };
  }

  function need(volume: Volume | undefined): Volume {
    if (!volume) throw new Error(`workload ${name} asks for its data folder without data: true`);
    return volume;
  }

  function renderFiles() {
    const contents = args.files?.(at);
    return (
      contents && child(Files, name, { folder: name, files: contents, unprivileged }, parent, args.transform?.files)
    );
  }

  function startProcess() {
    return child(
      Process,
      name,
      {
        name,
        component: prepared.apply(() => args.component ?? name),
        version: program.version,
        command: output(command(everything)) as Output<string[]>,
        env: output({ ...args.env?.(everything), ...args.secretEnv?.(everything) }) as Output<Record<string, string>>,
        cwd: args.cwd?.(everything) ?? (args.data ? at.data() : at.program()),
        after: output(args.after ?? []),
        ready: probe(),
        stop: args.stop ?? { signal: "SIGTERM", deadline: 10_000 },
        refusesRoot: unprivileged,
        memory: args.memory,
        ports: Object.values({ ...args.ports, ...args.loopback }),
        configHash: interpolate`${program.hash}-${files?.hash ?? "none"}`,
      },
      parent,
      args.transform?.process,
    );
  }

  function probe(): Input<ProbeInput> {
    const timing = { timeout: 3000, interval: 5000, startTimeout: args.startTimeout ?? 60_000 };
    const { health } = args;
    if (typeof health === "function") {
      return { kind: "command", command: output(health(everything)) as Output<string[]>, ...timing };
    }
    if ("tcp" in health) return { kind: "tcp", host: bind(), port: portNamed(health.tcp), ...timing };
    return {
      kind: "http",
      url: `${addressOf({ scheme: "http", host: bind(), port: portNamed(health.port) })}${health.http}`,
      ...timing,
    };
  }

  function bind() {
    return args.bind ?? "127.0.0.1";
  }

  function portNamed(purpose: string): number {
    const port = args.ports[purpose];
    if (port === undefined) throw new Error(`workload ${name} has no port named ${purpose}`);
    return port;
  }
}

function noCommand(name: string): never {
  throw new Error(`workload ${name} has no command, which a native process needs`);
}

function below(folder: Output<string>, file?: string): Output<string> {
  return file === undefined ? folder : interpolate`${folder}/${file}`;
}

function mapValues<From, To>(record: Record<string, From>, to: (value: From) => To): Record<string, To> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, to(value)]));
}
