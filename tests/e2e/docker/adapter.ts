import { Type } from "typebox";
import { dockerEngine, EngineRefusal } from "../../../components/provider/docker/engine.ts";
import type { ProviderTable, ResourceProvider } from "../../../components/provider/provider.ts";

/**
 * The Docker provider's resources on a real engine, for the embedded engine: each registration's very inputs become calls
 * of the engine's API, as the provider of Pulumi makes them. Only the inputs that DevFlow gives are known; another one is
 * an error, so that none is silently left out.
 */
export function dockerAdapter(host: string): ProviderTable {
  const engine = () => dockerEngine(host);

  const network: ResourceProvider<Inputs, Inputs> = {
    inputs: Type.Any(),
    replaceOn: networkInputs,
    async create(inputs) {
      await using api = engine();
      const { name, driver, internal, options, ipamConfigs, labels } = only(inputs, networkInputs);
      const found = await api.find<{ Id: string }>(`/networks/${name}`);
      const { Id: id } =
        found ??
        (await api.call<{ Id: string }>("POST", "/networks/create", {
          Name: name,
          Driver: driver,
          Internal: internal,
          Options: options ?? {},
          CheckDuplicate: true,
          Labels: labelsOf(labels),
          ...(ipamConfigs !== undefined && {
            IPAM: {
              Driver: "default",
              Config: (ipamConfigs as { subnet: string }[]).map(({ subnet }) => ({ Subnet: subnet })),
            },
          }),
        }));
      return { id, outputs: inputs };
    },
    async read(id, inputs) {
      await using api = engine();
      return (await api.find(`/networks/${id}`)) ? inputs : undefined;
    },
    async delete(id) {
      await using api = engine();
      await gone(api.call("DELETE", `/networks/${id}`));
    },
  };

  const volume: ResourceProvider<Inputs, Inputs> = {
    inputs: Type.Any(),
    replaceOn: ["name"],
    async create(inputs) {
      await using api = engine();
      const { name, labels } = only(inputs, ["name", "labels"]);
      await api.call("POST", "/volumes/create", { Name: name, Labels: labelsOf(labels) });
      return { id: String(name), outputs: inputs };
    },
    async read(id, inputs) {
      await using api = engine();
      return (await api.find(`/volumes/${id}`)) ? inputs : undefined;
    },
    async delete(id) {
      await using api = engine();
      await gone(api.call("DELETE", `/volumes/${id}`));
    },
  };

  const image: ResourceProvider<Inputs, Inputs> = {
    inputs: Type.Any(),
    replaceOn: ["name", "triggers"],
    async create(inputs) {
      await using api = engine();
      const { name } = only(inputs, ["name", "keepLocally", "triggers", "imageId"]);
      const found = await api.find<{ Id: string }>(`/images/${name}/json`);
      if (!found) throw new Error(`the engine has no image ${name}, and nothing is pulled here`);
      return { id: `${found.Id}${name}`, outputs: { ...inputs, imageId: found.Id } };
    },
    async read(_id, inputs, outputs) {
      await using api = engine();
      const found = await api.find<{ Id: string }>(`/images/${inputs.name}/json`);
      return found?.Id === outputs.imageId ? outputs : undefined;
    },
    async delete() {},
  };

  const container: ResourceProvider<Inputs, Inputs> = {
    inputs: Type.Any(),
    replaceOn: containerInputs,
    deleteBeforeReplace: true,
    async create(inputs, { signal }) {
      await using api = engine();
      const given = only(inputs, containerInputs);
      // One that was made and did not become healthy: the provider's state knows it, this one's does not.
      if (await api.find(`/containers/${given.name}/json`)) {
        await api.call("DELETE", `/containers/${given.name}?force=true`);
      }
      const [first, ...others] = given.networksAdvanced as { name: string; aliases?: string[] }[];
      const { Id: id } = await api.call<{ Id: string }>(
        "POST",
        `/containers/create?name=${given.name}`,
        bodyOf(given, first),
      );
      for (const { name, aliases } of others) {
        await api.call("POST", `/networks/${name}/connect`, {
          Container: id,
          EndpointConfig: { Aliases: aliases ?? [] },
        });
      }
      await api.call("POST", `/containers/${id}/start`);
      if (given.wait) await healthy(id, Number(given.waitTimeout), signal);
      return { id, outputs: inputs };
    },
    async read(id, inputs) {
      await using api = engine();
      const found = await api.find<{ State: { Running: boolean } }>(`/containers/${id}/json`);
      return found?.State.Running ? inputs : undefined;
    },
    async delete(id, { destroyGraceSeconds }) {
      await using api = engine();
      await gone(api.call("POST", `/containers/${id}/stop?t=${destroyGraceSeconds}`));
      await gone(api.call("DELETE", `/containers/${id}?force=true`));
    },
  };

  async function healthy(id: string, timeout: number, signal: AbortSignal): Promise<void> {
    await using api = engine();
    for (const deadline = Date.now() + timeout * 1000; ; ) {
      signal.throwIfAborted();
      const { State: state } = await api.call<{
        State: { Status: string; Health?: { Status: string; Log: unknown[] } };
      }>("GET", `/containers/${id}/json`);
      if (state.Health?.Status === "healthy") return;
      if (state.Status === "exited" || Date.now() > deadline) {
        throw new Error(`container ${id} is not healthy: ${JSON.stringify(state).slice(0, 1000)}`);
      }
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  }

  return {
    "docker:index/network:Network": network,
    "docker:index/volume:Volume": volume,
    "docker:index/remoteImage:RemoteImage": image,
    "docker:index/container:Container": container,
    "pulumi:providers:docker": {
      inputs: Type.Any(),
      async create() {
        return { id: "engine", outputs: {} };
      },
      async update() {
        return {};
      },
      async delete() {},
    },
  };
}

type Inputs = Record<string, unknown>;

const networkInputs = ["name", "driver", "internal", "options", "ipamConfigs", "labels"];
const containerInputs = [
  ...["name", "image", "entrypoints", "command", "envs", "hostname", "user", "workingDir", "networksAdvanced"],
  ...["volumes", "tmpfs", "readOnly", "capabilities", "securityOpts", "memory", "memorySwap", "cpus", "restart"],
  ...["stopSignal", "stopTimeout", "destroyGraceSeconds", "logDriver", "logOpts", "labels", "healthcheck", "wait"],
  ...["waitTimeout", "mustRun", "ports"],
];

/** @throws Error for an input that the adapter does not know */
function only(inputs: Inputs, known: string[]): Inputs {
  const strange = Object.keys(inputs).filter((key) => inputs[key] !== undefined && !known.includes(key));
  if (strange.length > 0) throw new Error(`the adapter does not know ${strange.join(", ")}`);
  return inputs;
}

function bodyOf(given: Inputs, first: { name: string; aliases?: string[] } | undefined): object {
  const capabilities = given.capabilities as { drops?: string[]; adds?: string[] };
  const ports = (given.ports ?? []) as { internal: number; external: number; ip: string }[];
  const health = given.healthcheck as Record<string, string & string[]> | undefined;
  return {
    Image: given.image,
    Hostname: given.hostname,
    ...(given.entrypoints !== undefined && { Entrypoint: given.entrypoints }),
    ...(given.command !== undefined && { Cmd: given.command }),
    Env: given.envs,
    User: given.user ?? "",
    WorkingDir: given.workingDir,
    StopSignal: given.stopSignal,
    StopTimeout: given.stopTimeout,
    Labels: labelsOf(given.labels),
    ExposedPorts: Object.fromEntries(ports.map(({ internal }) => [`${internal}/tcp`, {}])),
    ...(health && {
      Healthcheck: {
        Test: health.tests,
        Interval: nanoseconds(health.interval),
        Timeout: nanoseconds(health.timeout),
        StartPeriod: nanoseconds(health.startPeriod),
        Retries: Number(health.retries),
      },
    }),
    HostConfig: {
      NetworkMode: first?.name,
      Binds: (given.volumes as { volumeName: string; containerPath: string; readOnly?: boolean }[]).map(
        ({ volumeName, containerPath, readOnly }) => `${volumeName}:${containerPath}:${readOnly ? "ro" : "rw"}`,
      ),
      Tmpfs: given.tmpfs,
      ReadonlyRootfs: given.readOnly,
      CapDrop: capabilities.drops ?? [],
      CapAdd: capabilities.adds ?? [],
      SecurityOpt: given.securityOpts,
      Memory: Number(given.memory) * 2 ** 20,
      MemorySwap: Number(given.memorySwap) * 2 ** 20,
      NanoCpus: Number(given.cpus) * 1e9,
      RestartPolicy: { Name: given.restart },
      LogConfig: { Type: given.logDriver, Config: given.logOpts },
      PortBindings: Object.fromEntries(
        ports.map(({ internal, external, ip }) => [`${internal}/tcp`, [{ HostIp: ip, HostPort: String(external) }]]),
      ),
    },
    NetworkingConfig: { EndpointsConfig: first ? { [first.name]: { Aliases: first.aliases ?? [] } } : {} },
  };
}

function labelsOf(labels: unknown): Record<string, string> {
  return Object.fromEntries(
    ((labels ?? []) as { label: string; value: string }[]).map(({ label, value }) => [label, value]),
  );
}

function nanoseconds(duration: string | undefined): number {
  const [, minutes = "0", seconds = "0"] = /^(?:(\d+)m)?(\d+)s$/.exec(duration ?? "") ?? [];
  return (Number(minutes) * 60 + Number(seconds)) * 1e9;
}

async function gone(call: Promise<unknown>): Promise<void> {
  await call.catch((error: unknown) => {
    if (!(error instanceof EngineRefusal) || ![304, 404].includes(error.status)) throw error;
  });
}
