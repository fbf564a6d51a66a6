import { type ComponentResource, type Input, type Output, output } from "@pulumi/pulumi";
import { child } from "../../component.ts";
import type { Reach } from "../../provider/reach/index.ts";
import { ContainerFiles, ContainerReady, VolumeOwner } from "../../provider/resources.ts";
import { sdk } from "../../sdk.ts";
import { surroundings } from "../../surroundings.ts";
import { doorsOf } from "../calls.ts";
import { containerImage, dockerLogLabels, glueImage, labelled, labelsOf } from "../container.ts";
import { confine, insideName, insideNames, networksOf } from "../networks.ts";
import type { Everywhere, Locations, WorkloadArgs, WorkloadOutputs } from "./index.ts";

type ContainerArgs = import("@pulumi/docker").ContainerArgs;
type VolumeArgs = import("@pulumi/docker").VolumeArgs;

/** Inputs of the resources a workload is made of in Docker, for `transform`. */
export interface DockerWorkloadChildren {
  container: ContainerArgs;
  dataVolume: VolumeArgs;
}

/** Where rendered files are in every container. */
const configFolder = "/etc/devflow";

/** What a program that starts as root takes to give its data to its own user and to become it. */
const rootNeeds = ["CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_FOWNER", "CAP_SETGID", "CAP_SETUID"];

/** A container that may do as little as possible: its own user, nothing writable but its data, no capabilities. */
export function docker(name: string, args: WorkloadArgs, parent: ComponentResource): WorkloadOutputs {
  if (args.members) throw new Error(`workload ${name} has members, which need machines of their own`);
  const around = surroundings("docker");
  const { Container, Volume } = sdk.docker();
  const image = "upstream" in args.program ? containerImage(name, args.program.upstream, parent) : glueImage();
  const fullName = `${around.prefix}-${name}`;
  const host = around.host === undefined ? {} : { host: around.host };
  const by = around.provider && { provider: around.provider };
  const labels = labelsOf(around.prefix, args.component ?? name);
  const [user, group] = [image.user ?? 0, image.group ?? 0];
  const reader = args.leads ? { user: 0, group: 0 } : { user, group };
  around.calls.add(name, args.calls ?? []);
  if (args.confined) confine(name, args, parent);

  const at = locations();
  const everything: Everywhere = { ...at, config: (file) => output(below(configFolder, file)) };
  const prepared = args.prepare?.(at, { parent }) ?? output(undefined);
  const files = renderFiles();
  const data = args.data ? makeVolume() : undefined;
  const container = start();
  const reach: Output<Reach> = output([around.glue, container.urn]).apply(([relay]) => ({
    kind: "docker" as const,
    ...host,
    container: fullName,
    ...(relay && { relay }),
  }));
  const ready = gate();
  return {
    locations: everything,
    // Of no container: whoever is told of another one is not made anew with it. Who needs it to serve says so by `after`.
    host: output(name),
    ports: Object.fromEntries(Object.entries(args.ports).map(([purpose, port]) => [purpose, output(port)])),
    doors: doorsOf(name, args.ports),
    name: ready.apply(() => name),
    reach: output([reach, ready]).apply(([way]) => way as Reach),
  };

  function locations(): Locations {
    return {
      listen: args.inside ? insideName(name) : "0.0.0.0",
      listens: args.inside ? insideNames(name, args) : ["0.0.0.0"],
      self: own(),
      program: (file) => output(image.path(file)),
      data: (file) => output(below(ownData(), file)),
      socket: (file) => output(`${ownData()}/${file}.sock`),
      node: output(image.node ?? ""),
      web: output(image.web ?? ""),
    };
  }

  /** Under which it reaches itself. */
  function own(): string {
    return args.inside ? insideName(name) : "127.0.0.1";
  }

  function ownData(): string {
    if (!args.data) throw new Error(`workload ${name} asks for its data folder without data: true`);
    return image.data;
  }

  function renderFiles() {
    const { authorities } = around.outbound;
    const contents = {
      ...args.files?.(at),
      ...(args.outbound && authorities !== undefined && { "authorities.pem": authorities }),
    };
    if (Object.keys(contents).length === 0) return undefined;
    return child(
      ContainerFiles,
      name,
      { ...host, prefix: `${fullName}-config`, image: image.id, ...reader, labels, files: contents },
      parent,
    );
  }

  /** Kept when the component is switched off; `devflow destroy` removes it with the stack. */
  function makeVolume() {
    const volume = child(
      Volume,
      name,
      {
        name: `${fullName}-data`,
        labels: labelled({
          ...labels,
          "dev.devflow.workload": name,
          ...(args.losable !== undefined && { "dev.devflow.losable": args.losable }),
        }),
      },
      parent,
      args.transform?.dataVolume,
      // A volume cannot be labelled anew: another reason why it can be lost would replace what keeps data.
      { ...by, retainOnDelete: true, ignoreChanges: ["labels"] },
    );
    if (image.user === undefined) return { name: volume.name, given: volume.name };
    const owner = child(VolumeOwner, name, { ...host, volume: volume.name, image: image.id, user, group }, parent);
    return { name: volume.name, given: owner.id };
  }

  function start() {
    const memory = args.limits?.memory ?? args.memory * 2;
    const stop = args.stop ?? { signal: "SIGTERM" as const, deadline: 10_000 };
    const probe = healthcheck();
    const command = args.command && (output(args.command(everything)) as Output<string[]>);
    return child(
      Container,
      name,
      {
        name: fullName,
        image: image.id,
        ...(command && {
          entrypoints: command.apply((words) => words.slice(0, 1)),
          command: command.apply((words) => words.slice(1)),
        }),
        envs: environment(),
        hostname: name,
        ...(image.user !== undefined && { user: `${reader.user}:${reader.group}` }),
        workingDir: args.cwd?.(everything) ?? (args.data ? image.data : "/"),
        networksAdvanced: networksOf(name, args),
        volumes: [
          ...(data ? [{ volumeName: data.name, containerPath: image.data }] : []),
          ...(files ? [{ volumeName: files.volume, containerPath: configFolder, readOnly: true }] : []),
        ],
        tmpfs: temporary(),
        readOnly: true,
        capabilities: { drops: ["ALL"], ...rights() },
        securityOpts: ["no-new-privileges:true"],
        memory,
        memorySwap: memory,
        cpus: decimal((args.limits?.cpu ?? 1000) / 1000),
        restart: "unless-stopped",
        stopSignal: stop.signal,
        stopTimeout: Math.ceil(stop.deadline / 1000),
        destroyGraceSeconds: Math.ceil(stop.deadline / 1000),
        logDriver: "json-file",
        // Whose each line is stands beside it, for whoever reads the files.
        logOpts: { "max-size": "10m", "max-file": "5", labels: dockerLogLabels.join(","), tag: "{{.Name}}" },
        labels: wall().apply((own) => labelled({ ...labels, "dev.devflow.workload": name, ...own })),
        ...(probe && { healthcheck: probe, wait: true, waitTimeout: seconds(args.startTimeout ?? 60_000) }),
        mustRun: true,
      } satisfies ContainerArgs,
      parent,
      args.transform?.container,
      {
        ...by,
        // Both would have the same name, and the same data.
        deleteBeforeReplace: true,
        additionalSecretOutputs: ["envs"],
        // Whom it needs is waited for, and replaced without it: only what an input comes from takes a container along.
        dependsOn: output([prepared, data?.given, args.after ?? []]).apply(() => []),
      },
    );
  }

  /** What is open of it, and whom it may meet: for rules and for people, since an engine shows neither. */
  function wall(): Output<Record<string, string>> {
    return output(around.calls.all).apply((all): Record<string, string> => {
      const called = new Set(all.filter(({ from }) => from === name).map(({ to }) => to.workload));
      return {
        "dev.devflow.ports": Object.values(args.ports).join(","),
        "dev.devflow.calls": [...called].join(","),
        ...(args.confined && { "dev.devflow.confined": "true" }),
      };
    });
  }

  function rights(): { adds?: string[] } {
    if (args.leads) return { adds: [...rootNeeds, "CAP_KILL"] };
    return image.user === undefined ? { adds: rootNeeds } : {};
  }

  function environment(): Output<string[]> {
    const { outbound } = around;
    const trust = outbound.authorities !== undefined && {
      SSL_CERT_FILE: `${configFolder}/authorities.pem`,
      NODE_EXTRA_CA_CERTS: `${configFolder}/authorities.pem`,
    };
    return output({
      ...(args.outbound && { ...outbound.env, ...trust }),
      ...args.env?.(everything),
      ...args.secretEnv?.(everything),
    } as Record<string, Input<string>>).apply((all) =>
      Object.entries(all)
        .map(([key, value]) => `${key}=${value}`)
        .sort(),
    );
  }

  function temporary(): Record<string, string> {
    const owner = `uid=${user},gid=${group},mode=0755`;
    const folders = image.writable.filter((folder) => folder !== "/tmp");
    return { "/tmp": "size=64m,mode=1777", ...Object.fromEntries(folders.map((at) => [at, `size=64m,${owner}`])) };
  }

  /** Asked from within, where the image has something to ask with. */
  function healthcheck(): ContainerArgs["healthcheck"] {
    const timing = {
      interval: "10s",
      timeout: "5s",
      retries: 3,
      startPeriod: duration(seconds(args.startTimeout ?? 60_000)),
    };
    const { health } = args;
    if (typeof health === "function") {
      return { tests: output(health(everything)).apply((words) => ["CMD", ...words]), ...timing };
    }
    if ("tcp" in health || !image.probe) return undefined;
    const url = `http://${own()}:${portNamed(health.port)}${health.http}`;
    return { tests: ["CMD", ...image.probe.map((word) => word.replace("{url}", url))], ...timing };
  }

  /** Resolves when the container serves, however that is found out. Known in a preview, also of one that is replaced. */
  function gate(): Output<string> {
    const { health } = args;
    if (typeof health === "function" || ("http" in health && image.probe)) return container.urn;
    const port = portNamed("tcp" in health ? health.tcp : health.port);
    const path = "http" in health ? { path: health.http } : {};
    const timeout = args.startTimeout ?? 60_000;
    return child(ContainerReady, name, { reach, host: name, port, ...path, timeout, instance: container.id }, parent)
      .urn;
  }

  function portNamed(purpose: string): number {
    const port = args.ports[purpose];
    if (port === undefined) throw new Error(`workload ${name} has no port named ${purpose}`);
    return port;
  }
}

function below(folder: string, file?: string): string {
  return file === undefined ? folder : `${folder}/${file}`;
}

function seconds(milliseconds: number): number {
  return Math.ceil(milliseconds / 1000);
}

/** As the engine gives numbers back, so that a look at what is there finds no difference: `1.0`. */
function decimal(value: number): string {
  return Number.isInteger(value) ? `${value}.0` : String(value);
}

/** As the engine gives times back: `1m0s`. */
function duration(all: number): string {
  return all < 60 ? `${all}s` : `${Math.floor(all / 60)}m${all % 60}s`;
}
