import { at, list, type Resource } from "./rule.ts";

/** A container of any engine, in the words of the rules. */
export interface Container {
  name: string;
  image: unknown;
  privileged: boolean;
  /** It shares a namespace of the machine: network, processes. */
  shares: string[];
  /** It can read the engine's socket, which is as good as being root on the machine. */
  engine: boolean;
  memoryLimit: unknown;
  /** Memory that it is sure of; an engine without such a thing has none. */
  memoryRequest: unknown;
  /** Variables that have a value in the object itself. */
  env: Record<string, unknown>;
}

/** The containers that a resource runs; none for one that runs none. */
export function containersOf({ type, name, inputs }: Pick<Resource, "type" | "name" | "inputs">): Container[] {
  if (type === "docker:index/container:Container") return [dockerContainer(name, inputs)];
  const spec = podSpec(type, inputs);
  if (spec === undefined) return [];
  const shares = ["hostNetwork", "hostPID", "hostIPC"].filter((key) => at(spec, key) === true);
  const engine = list(at(spec, "volumes")).some((volume) => isEngine(at(volume, "hostPath", "path")));
  const all = [...list(at(spec, "initContainers")), ...list(at(spec, "containers"))];
  return all.map((container) => ({
    name: String(at(container, "name") ?? name),
    image: at(container, "image"),
    privileged: at(container, "securityContext", "privileged") === true,
    shares,
    engine,
    memoryLimit: at(container, "resources", "limits", "memory"),
    memoryRequest: at(container, "resources", "requests", "memory"),
    env: Object.fromEntries(list(at(container, "env")).map((each) => [String(at(each, "name")), at(each, "value")])),
  }));
}

function dockerContainer(name: string, inputs: Record<string, unknown>): Container {
  const modes = ["networkMode", "pidMode", "ipcMode"];
  const places = [
    ...list(inputs.volumes).map((volume) => at(volume, "hostPath")),
    ...list(inputs.mounts).map((mount) => at(mount, "source")),
  ];
  return {
    name,
    image: inputs.image,
    privileged: inputs.privileged === true,
    shares: modes.filter((mode) => inputs[mode] === "host"),
    engine: places.some(isEngine),
    memoryLimit: inputs.memory,
    memoryRequest: undefined,
    env: Object.fromEntries(list(inputs.envs).map((each) => String(each).split(/=(.*)/s, 2) as [string, string])),
  };
}

function isEngine(path: unknown): boolean {
  return typeof path === "string" && /\/(docker|containerd|podman)\.sock$/.test(path);
}

/** Where each kind of object of a cluster keeps its pods' specification; undefined for one that has none. */
export function podSpec(type: string, inputs: Record<string, unknown>): unknown {
  if (!type.startsWith("kubernetes:")) return undefined;
  const kind = type.split(":").at(-1) ?? "";
  if (kind === "Pod") return inputs.spec;
  if (kind === "CronJob") return at(inputs, "spec", "jobTemplate", "spec", "template", "spec");
  if (["Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "Job"].includes(kind)) {
    return at(inputs, "spec", "template", "spec");
  }
  return undefined;
}
