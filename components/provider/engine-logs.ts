import { Type } from "typebox";
import { DevflowError } from "../error.ts";
import { dockerEngine } from "./docker/engine.ts";
import type { ResourceProvider } from "./provider.ts";

const Inputs = Type.Object({
  /** Address of the engine; absent: the usual one. */
  host: Type.Optional(Type.String()),
});
type Inputs = Type.Static<typeof Inputs>;

interface Outputs {
  /** Folder on the engine's machine that has one folder a container. */
  folder: string;
}

/** Where an engine keeps what containers write: another place for each rootless one, and for each that was moved. */
export const engineLogs: ResourceProvider<Inputs, Outputs> = {
  inputs: Inputs,
  replaceOn: ["host"],
  identify: ({ host }) => host ?? "engine",
  async create({ host }) {
    return { id: host ?? "engine", outputs: await find(host) };
  },
  update: (_id, { host }) => find(host),
  async read(_id, { host }, outputs) {
    // An engine that does not answer says nothing about where its files are.
    return find(host).catch(() => outputs);
  },
  async delete() {},
};

async function find(host: string | undefined): Promise<Outputs> {
  await using engine = dockerEngine(host);
  const version = await engine.call<{ Components?: { Name: string }[] }>("GET", "/version");
  if (version.Components?.some(({ Name }) => /podman/i.test(Name))) throw podman();
  const { DockerRootDir: root } = await engine.call<{ DockerRootDir: string }>("GET", "/info");
  return { folder: `${root}/containers` };
}

function podman(): DevflowError {
  return new DevflowError("UNSUPPORTED", "Podman keeps the output of containers in another form than Docker.", {
    hint: "Set docker.readLogs: false; `./devflow logs` reads it through the engine all the same.",
    docs: "onprem",
  });
}
