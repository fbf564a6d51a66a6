import { execFileSync, spawn } from "node:child_process";
import { existsSync, realpathSync } from "node:fs";
import { dirname, join } from "node:path";
import { Agent, request } from "undici";
import { makeImage } from "./rootfs.ts";
import type { TestEngine } from "./test-engine.ts";

const root = join(import.meta.dirname, "..", "..", "..");

/**
 * Builds images/glue/Dockerfile itself, on base images of this machine's own Node and libraries. The build installs the
 * packages of the lockfile, for which it uses this machine's network and npm configuration.
 */
export async function buildGlueImage(engine: TestEngine, tag: string): Promise<void> {
  // An engine that is kept between runs keeps the image too: remove it there to have it built anew.
  if (process.env.DEVFLOW_TEST_DOCKER_HOST && (await engine.find(`/images/${tag}/json`))) return;
  await makeBases(engine);
  const context = ["package.json", "package-lock.json", ".npmrc", "LICENSE"];
  const folders = ["components", "configs", "docs", "glue-services", "images", "installer", "stacks"];
  const tar = spawn("tar", ["-C", root, "--exclude=node_modules", "-c", ...context, ...folders], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const buildargs = {
    NODE_IMAGE: "devflow-test/node:24",
    RUNTIME_IMAGE: "devflow-test/runtime:12",
    VERSION: "0.1.0",
    ...passed(),
  };
  const query = new URLSearchParams({
    t: tag,
    dockerfile: "images/glue/Dockerfile",
    networkmode: "host",
    buildargs: JSON.stringify(buildargs),
  });
  const { socketPath } = engine.address;
  const dispatcher = new Agent({ headersTimeout: 0, bodyTimeout: 0, connect: socketPath ? { socketPath } : {} });
  const { body } = await request(`${engine.address.origin}/build?${query}`, {
    dispatcher,
    method: "POST",
    headers: { "content-type": "application/x-tar" },
    body: tar.stdout,
  });
  const lines = (await body.text()).split("\r\n");
  await dispatcher.close();
  const failed = lines.find((line) => line.includes('"errorDetail"'));
  if (failed) throw new Error(`the image could not be built:\n${lines.slice(-25).join("\n")}`);
}

/** How this machine reaches its package registry; the predefined arguments of a build are in its environment. */
function passed(): Record<string, string> {
  const names = ["HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "no_proxy"];
  return Object.fromEntries(names.flatMap((name) => (process.env[name] ? [[name, process.env[name]]] : [])));
}

async function makeBases(engine: TestEngine): Promise<void> {
  const npm = dirname(dirname(realpathSync(execFileSync("which", ["npm"], { encoding: "utf8" }).trim())));
  const authorities = ["/etc/ssl/certs/ca-certificates.crt", process.env.NODE_EXTRA_CA_CERTS].filter(
    (path): path is string => path !== undefined && existsSync(path),
  );
  await makeImage(
    engine,
    "devflow-test/node:24",
    (rootfs) => {
      rootfs.addProgram(process.execPath, "/usr/local/bin/node");
      addOtherLibraries(rootfs.add);
      rootfs.add(npm, "/usr/local/lib/node_modules/npm");
      rootfs.write(
        "/usr/local/bin/npm",
        '#!/bin/sh\nexec /usr/local/bin/node /usr/local/lib/node_modules/npm/bin/npm-cli.js "$@"\n',
        0o755,
      );
      for (const path of authorities) rootfs.add(path, path);
    },
    ["ENV PATH=/usr/local/bin:/bin", ...authorities.slice(0, 1).map((path) => `ENV NODE_EXTRA_CA_CERTS=${path}`)],
  );
  await makeImage(
    engine,
    "devflow-test/runtime:12",
    (rootfs) => {
      rootfs.addLibrariesOf(process.execPath);
      addOtherLibraries(rootfs.add);
    },
    ["ENV PATH=/usr/local/bin:/bin"],
  );
}

/** Libraries that are loaded by name, as for looking up hosts, and those of native packages. */
function addOtherLibraries(add: (from: string, to: string) => void): void {
  for (const library of ["libnss_dns.so.2", "libnss_files.so.2", "libresolv.so.2", "librt.so.1", "libutil.so.1"]) {
    const path = ["/lib/x86_64-linux-gnu", "/lib/aarch64-linux-gnu", "/lib64"]
      .map((folder) => join(folder, library))
      .find(existsSync);
    if (path) add(realpathSync(path), path);
  }
}
