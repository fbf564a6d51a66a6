import { spawn } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished } from "vitest";
import { caddyfile } from "../../components/platform/proxy/caddyfile.ts";
import { program } from "../program.ts";
import { freePort } from "./postgres-server.ts";
/** The stack's proxy with its own configuration, and one site that leads to `upstream`. */
export async function stackProxy(upstream: number, trustedProxies: string[] = []): Promise<number> {
  const [port, metricsPort] = [await freePort(), await freePort()];
  const folder = await temporaryFolder();
  const main = caddyfile({
    ...{ domain: "localhost", port, tls: "off", email: "", metricsPort, trustedProxies },
    ...{ bind: "127.0.0.1", metricsBind: "127.0.0.1", data: folder, admin: join(folder, "admin.sock") },
  });
  await mkdir(join(folder, "sites"));
  const site = `http://localhost:${port} {\n\timport common\n\trespond /internal/* 404\n\treverse_proxy 127.0.0.1:${upstream}\n}\n`;
  await writeFile(join(folder, "sites/platform.caddy"), site);
  await caddy(folder, main, `http://127.0.0.1:${metricsPort}/healthz`);
  return port;
}

export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "devflow-caddy-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** Starts Caddy with a configuration. */
export async function caddy(folder: string, text: string, health: string): Promise<void> {
  const file = join(folder, "Caddyfile");
  await writeFile(file, text);
  const binary = join(await program("caddy"), "bin/caddy");
  const env = { HOME: folder, XDG_DATA_HOME: folder, XDG_CONFIG_HOME: folder };
  const stdio = process.env.SHOW_LOG ? "inherit" : "ignore";
  const child = spawn(binary, ["run", "--adapter", "caddyfile", "--config", file], { env, stdio });
  onTestFinished(async () => {
    child.kill("SIGTERM");
    if (child.exitCode === null) await new Promise((resolve) => child.once("exit", resolve));
  });
  const ok = () =>
    fetch(health).then(
      ({ ok: good }) => good,
      () => false,
    );
  await expect.poll(ok).toBe(true);
}
