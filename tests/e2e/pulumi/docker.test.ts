import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { cpSync, mkdirSync, realpathSync, symlinkSync, writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { LocalWorkspace, type Stack } from "@pulumi/pulumi/automation/index.js";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { upstream } from "../../../components/catalogue/index.ts";
import { dockerEngine } from "../../../components/provider/docker/engine.ts";
import { homePaths } from "../../../components/provider/paths.ts";
import { resolveSettings } from "../../../stacks/config/index.ts";
import { program } from "../../program.ts";
import { freeBlock } from "../stack.ts";

const needed = ["pulumi", "pulumi-resource-docker", "dockerd", "containerd", "iptables", "busybox"];
const missing = needed.filter((name) => spawnSync("which", [name]).status !== 0);
const reason = missing.length > 0 ? `not on PATH: ${missing.join(", ")}` : process.getuid?.() ? "it wants root" : "";
if (reason) console.warn(`Pulumi is not tried on Docker here: ${reason}.`);

/** Our recipes for Docker by Pulumi's own engine and its provider, on an engine of the test's own. */
describe.skipIf(reason !== "")("Pulumi's engine on Docker", () => {
  let folder: string;
  let daemon: ChildProcess;
  let stack: Stack;
  let port: number;
  const host = () => `unix://${folder}/docker.sock`;
  const container = "devflow-outside-proxy";

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "devflow-pulumi-"));
    daemon = await startDocker();
    await loadCaddy();
    port = await freeBlock();
    stack = await openProject();
  });
  afterAll(async () => {
    const ended = new Promise((resolve) => daemon?.once("exit", resolve));
    if (daemon?.kill("SIGTERM")) await ended;
    // The engine leaves it mounted, and Node's rm never comes back from a folder with a mount in it.
    spawnSync("umount", [join(folder, "exec", "netns", "default")]);
    await rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 500 });
  });

  test("Pulumi makes networks, volumes, files and the container, which becomes healthy", async () => {
    const { summary } = await stack.up().catch(async (error: unknown) => {
      throw new Error(`${await logs()}\n${error}`);
    });
    expect(summary.result).toBe("succeeded");
    expect(await inspect()).toMatchObject({
      State: { Health: { Status: "healthy" } },
      HostConfig: { ReadonlyRootfs: true },
    });
  });

  test("a second up on Docker changes nothing", async () => {
    const { summary } = await stack.up({ refresh: true });
    expect(Object.keys(summary.resourceChanges ?? {})).toEqual(["same"]);
  });

  test("a container that somebody took away is made again, and nothing else", async () => {
    await using engine = dockerEngine(host());
    await engine.call("DELETE", `/containers/${container}?force=true`);
    const { summary } = await stack.up({ refresh: true });
    expect(summary.resourceChanges?.update ?? 0).toBe(0);
    expect(summary.resourceChanges?.create ?? 0).toBeGreaterThan(0);
    expect(await inspect()).toMatchObject({ State: { Running: true } });
  });

  test("destroy leaves no container and no network of the stack", async () => {
    const { summary } = await stack.destroy();
    expect(summary.result).toBe("succeeded");
    expect(await inspect()).toBeUndefined();
    await using engine = dockerEngine(host());
    const networks = await engine.call<{ Name: string }[]>("GET", "/networks");
    expect(networks.filter(({ Name }) => Name.startsWith("devflow-outside"))).toEqual([]);
  });

  async function logs(): Promise<string> {
    await using engine = dockerEngine(host());
    const parts: Buffer[] = [];
    for await (const part of await engine.bytes("GET", `/containers/${container}/logs?stdout=1&stderr=1`))
      parts.push(part);
    return `${Buffer.concat(parts).toString("utf8")}\n${JSON.stringify(await inspect())}`;
  }

  async function inspect(): Promise<object | undefined> {
    await using engine = dockerEngine(host());
    return engine.find<object>(`/containers/${container}/json`);
  }

  async function startDocker(): Promise<ChildProcess> {
    const at = (name: string) => join(folder, name);
    const made = spawn(
      "dockerd",
      [
        ...["--host", host(), "--data-root", at("data"), "--exec-root", at("exec")],
        ...["--pidfile", at("dockerd.pid"), "--bridge", "none"],
      ],
      { stdio: "ignore" },
    );
    for (;;) {
      await using engine = dockerEngine(host());
      if (await engine.find("/info").catch(() => undefined)) return made;
      if (made.exitCode !== null) throw new Error("dockerd did not start");
      await new Promise((resolve) => setTimeout(resolve, 300));
    }
  }

  /** The upstream's image under its own name, made of the same program and busybox: nothing is pulled. */
  async function loadCaddy(): Promise<void> {
    const { image } = upstream("caddy");
    if ("none" in image) throw new Error("Caddy has no image");
    const root = join(folder, "rootfs");
    for (const each of ["bin", "tmp", "etc", "usr/bin"]) mkdirSync(join(root, each), { recursive: true });
    cpSync(realpathSync("/usr/bin/busybox"), join(root, "bin/busybox"));
    const { stdout: applets } = spawnSync("busybox", ["--list"], { encoding: "utf8" });
    for (const applet of applets.split("\n").filter((name) => name && name !== "busybox")) {
      symlinkSync("busybox", join(root, "bin", applet));
    }
    cpSync(join(await program("caddy"), "bin/caddy"), join(root, "usr/bin/caddy"));
    writeFileSync(join(root, "etc/passwd"), "root:x:0:0::/:/bin/sh\n");
    const tar = spawnSync("tar", ["-C", root, "--owner=0", "--group=0", "-c", "."], { maxBuffer: 2 ** 28 });
    await using engine = dockerEngine(host());
    const query = `fromSrc=-&repo=${image.registries[0]}&tag=${image.tag}`;
    const answer = await engine.bytes("POST", `/images/create?${query}`, tar.stdout);
    for await (const _ of answer);
  }

  async function openProject(): Promise<Stack> {
    const checkout = join(import.meta.dirname, "..", "..", "..");
    const flags = {
      ...{ "stack.name": "outside", "stack.kind": "onprem", "network.port": port, "docker.host": host() },
    };
    const { settings } = resolveSettings({ flags, env: {}, cwd: folder });
    const project = join(folder, "project");
    mkdirSync(join(folder, "state"));
    mkdirSync(project);
    writeFileSync(
      join(project, "Pulumi.yaml"),
      JSON.stringify({
        name: "devflow",
        main: join(import.meta.dirname, "programs", "proxy.ts"),
        runtime: { name: "nodejs", options: { typescript: false } },
        plugins: { providers: [{ name: "devflow", path: join(checkout, "components", "provider") }] },
      }),
    );
    const env = {
      PULUMI_BACKEND_URL: `file://${folder}/state`,
      PULUMI_CONFIG_PASSPHRASE: "of the test",
      DEVFLOW_HOME: join(folder, "home"),
      DEVFLOW_CACHE: homePaths().cache,
      PATH: `${process.execPath.replace(/\/node$/, "")}:${process.env.PATH}`,
    };
    const made = await LocalWorkspace.createOrSelectStack({ stackName: "outside", workDir: project }, { envVars: env });
    await made.setAllConfig({
      "devflow:target": { value: "docker" },
      "devflow:settings": { value: JSON.stringify(settings) },
    });
    return made;
  }
});
