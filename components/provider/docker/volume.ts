import { randomBytes } from "node:crypto";
import { type Entry, pack, unpack } from "./archive.ts";
import { type DockerEngine, EngineRefusal } from "./engine.ts";

/** Where a volume's files are while it is worked on. */
const folder = "/volume";

/**
 * The engine has no way to the files of a volume but through a container, so one is made that is never started, of an
 * image that is there anyway.
 */
export async function withVolume<Result>(
  engine: DockerEngine,
  { volume, image }: { volume: string; image: string },
  work: (files: VolumeFiles) => Promise<Result>,
): Promise<Result> {
  const { Id: id } = await engine.call<{ Id: string }>("POST", `/containers/create?name=${carrierName(volume)}`, {
    Image: image,
    // Images without a program of their own need some word here; it is never run.
    Entrypoint: ["/none"],
    Cmd: [],
    Labels: { "dev.devflow.carrier": volume },
    HostConfig: { NetworkMode: "none", Mounts: [{ Type: "volume", Source: volume, Target: folder }] },
  });
  try {
    return await work(filesOf(engine, id));
  } finally {
    // What is left after a crash is removed by its label when the stack goes.
    await engine.call("DELETE", `/containers/${id}?force=true`).catch(() => {});
  }
}

export interface VolumeFiles {
  /** Writes files and folders, with owners and modes; what is there of the same name is replaced. */
  write(entries: Entry[]): Promise<void>;
  /** Files by path relative to the volume; undefined when there is no such folder in it. */
  read(path?: string): Promise<Map<string, string> | undefined>;
}

function filesOf(engine: DockerEngine, container: string): VolumeFiles {
  return {
    async write(entries) {
      // Into the folder itself: its own entry would be that of the mount point, which an archive cannot change.
      const answer = await engine.bytes(
        "PUT",
        `/containers/${container}/archive?path=/`,
        await pack(entries.map(below)),
      );
      answer.resume();
    },
    async read(path = "") {
      const at = encodeURIComponent(`${folder}/${path}`);
      try {
        const archive = await engine.bytes("GET", `/containers/${container}/archive?path=${at}`);
        const files = await unpack(archive);
        return new Map([...files].map(([name, content]) => [name.replace(/^[^/]*\//, ""), content]));
      } catch (error) {
        if (error instanceof EngineRefusal && error.status === 404) return undefined;
        throw error;
      }
    },
  };
}

function below(entry: Entry): Entry {
  return { ...entry, path: `${folder.slice(1)}/${entry.path}`.replace(/\/$/, "") };
}

function carrierName(volume: string): string {
  return `${volume}-carrier-${randomBytes(4).toString("hex")}`;
}
