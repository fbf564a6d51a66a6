import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openRegistry } from "../../../installer/images/registry.ts";

/** Debian's name for the reference implementation of a registry, and the project's own. */
const program = ["docker-registry", "registry"].find((name) => spawnSync("which", [name]).status === 0);

export const whyNoRegistry = program ? undefined : "there is no docker-registry on PATH (Debian: docker-registry)";

export interface TestRegistry extends AsyncDisposable {
  /** `127.0.0.1:port` */
  address: string;
  stop(): Promise<void>;
}

/** A real registry on loopback with a folder of its own. `user` is the one name, with the password `secret`, that it lets in. */
export async function startRegistry(options: { user?: string } = {}): Promise<TestRegistry> {
  const folder = await mkdtemp(join(tmpdir(), "devflow-registry-"));
  const port = await freePort();
  const htpasswd = join(folder, "htpasswd");
  // bcrypt of "secret".
  await writeFile(htpasswd, `${options.user}:$2y$05$In9x7gVAjepEqaz4ikr35efpKmpQg1RF1khloFPIOveakzFNIEafi\n`);
  const auth = options.user ? `auth:\n  htpasswd:\n    realm: test\n    path: ${htpasswd}\n` : "";
  const config = join(folder, "config.yml");
  await writeFile(
    config,
    `version: 0.1\nlog: { level: error }\nstorage:\n  filesystem:\n    rootdirectory: ${folder}/data\nhttp:\n  addr: 127.0.0.1:${port}\n${auth}`,
  );
  const child = spawn(program ?? "", ["serve", config], { stdio: "ignore" });
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  const address = `127.0.0.1:${port}`;
  for (let tries = 0; ; tries++) {
    const answer = await fetch(`http://${address}/v2/`).catch(() => undefined);
    if (answer) break;
    if (tries > 2000) throw new Error("the registry did not start");
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  const stop = async () => {
    child.kill("SIGTERM");
    await ended;
  };
  return {
    address,
    stop,
    async [Symbol.asyncDispose]() {
      await stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Puts an image of two platforms into a registry and answers its digest. */
export async function putImage(
  address: string,
  repository: string,
  tag: string,
  text: string,
  env = {},
): Promise<string> {
  await using registry = openRegistry(address, env);
  const manifests = [];
  for (const architecture of ["amd64", "arm64"]) {
    const layer = Buffer.from(`${text} for ${architecture}`.repeat(1000));
    const config = Buffer.from(JSON.stringify({ os: "linux", architecture, rootfs: { type: "layers", diff_ids: [] } }));
    for (const blob of [layer, config]) await registry.putBlob(repository, digestOf(blob), blob.length, blob);
    const body = Buffer.from(
      JSON.stringify({
        schemaVersion: 2,
        mediaType: "application/vnd.docker.distribution.manifest.v2+json",
        config: {
          mediaType: "application/vnd.docker.container.image.v1+json",
          digest: digestOf(config),
          size: config.length,
        },
        layers: [
          {
            mediaType: "application/vnd.docker.image.rootfs.diff.tar.gzip",
            digest: digestOf(layer),
            size: layer.length,
          },
        ],
      }),
    );
    const manifest = {
      digest: digestOf(body),
      mediaType: "application/vnd.docker.distribution.manifest.v2+json",
      body,
    };
    await registry.putManifest(repository, manifest.digest, manifest);
    manifests.push({
      mediaType: manifest.mediaType,
      digest: manifest.digest,
      size: body.length,
      platform: { os: "linux", architecture },
    });
  }
  const mediaType = "application/vnd.docker.distribution.manifest.list.v2+json";
  const body = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType, manifests }));
  await registry.putManifest(repository, tag, { digest: digestOf(body), mediaType, body });
  return digestOf(body);
}

export function digestOf(bytes: Buffer): string {
  return `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer();
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}
