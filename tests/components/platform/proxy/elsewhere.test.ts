import { spawn } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type OutgoingHttpHeaders, request } from "node:http";
import { request as secureRequest } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { expect, onTestFinished, test } from "vitest";
import { caddyfile } from "../../../../components/platform/proxy/caddyfile.ts";
import { program } from "../../../program.ts";
import { wholeNumbers } from "../../../seeded.ts";

const browser = { accept: "text/html,application/xhtml+xml" };

test("a name that is no site is answered 421 with the right address, for every method", async () => {
  const { port, metrics } = await proxy("off");
  const address = `http://localhost:${port}`;
  const names = ["127.0.0.1", "evil.com", "localhost.evil.com", "code.localhost", "[::1]", ...oddNames(40)];
  for (const at of [port, metrics]) {
    for (const method of ["GET", "POST", "PUT", "DELETE", "OPTIONS"]) {
      for (const name of names) {
        if (at === metrics && name === "127.0.0.1") continue;
        const { status, body } = await ask(at, { host: `${name}:${at}` }, method);
        expect([at === port, method, name, status]).toEqual([at === port, method, name, 421]);
        expect(JSON.parse(body).error).toMatchObject({
          code: "MISDIRECTED",
          message: expect.stringContaining(address),
        });
      }
    }
  }
  expect(await ask(port, { host: `localhost:${port}` }, "POST")).toMatchObject({ status: 200, body: "site" });
});

test("a page that is opened by the machine's number is sent to its name, with path and query", async () => {
  const { port } = await proxy("off");
  for (const host of [`127.0.0.1:${port}`, `[::1]:${port}`, "127.0.0.1"]) {
    const { status, location } = await ask(port, { host, ...browser }, "GET", "/hub/models?sort=name");
    expect([host, status, location]).toEqual([host, 307, `http://localhost:${port}/hub/models?sort=name`]);
  }
  expect((await ask(port, { host: "evil.com", ...browser })).status).toBe(421);
  expect((await ask(port, { host: "127.0.0.1", ...browser }, "POST")).status).toBe(421);
});

test("over TLS a wrong name gets the same answer, whatever the client names in its handshake", async () => {
  const { port } = await proxy("internal");
  // Its own authority signs the first certificate a moment after the start.
  await expect
    .poll(() => ask(port, { host: `localhost:${port}` }, "GET", "/", "localhost").catch(() => undefined))
    .toBeDefined();
  for (const [servername, host] of [
    ["localhost", "evil.com"],
    ["evil.com", "evil.com"],
    ["", `127.0.0.1:${port}`],
  ] as const) {
    const { status, body } = await ask(port, { host }, "POST", "/v1/models", servername);
    expect([servername, host, status]).toEqual([servername, host, 421]);
    expect(body).toContain(`https://localhost:${port}`);
  }
  const right = await ask(port, { host: `localhost:${port}` }, "GET", "/", "localhost");
  expect(right).toMatchObject({ status: 200, body: "site" });
});

/** The real program with the platform's configuration and one site. */
async function proxy(tls: "off" | "internal"): Promise<{ port: number; metrics: number }> {
  const folder = await mkdtemp(join(tmpdir(), "devflow-elsewhere-"));
  const [port, metrics] = [await freePort(), await freePort()];
  await mkdir(join(folder, "sites"));
  const scheme = tls === "off" ? "http" : "https";
  const site = `${scheme}://localhost:${port} {\n\timport common\n${tls === "off" ? "" : "\ttls internal\n"}\trespond "site"\n}\n`;
  await writeFile(join(folder, "sites", "platform.caddy"), site);
  const args = { domain: "localhost", bind: "127.0.0.1", port, tls, email: "", metricsPort: metrics } as const;
  const file = join(folder, "Caddyfile");
  await writeFile(
    file,
    caddyfile({
      trustedProxies: [],
      ...args,
      metricsBind: "127.0.0.1",
      data: folder,
      admin: join(folder, "admin.sock"),
    }),
  );
  const child = spawn(join(await program("caddy"), "bin/caddy"), ["run", "--adapter", "caddyfile", "--config", file], {
    env: { HOME: folder, XDG_DATA_HOME: folder, XDG_CONFIG_HOME: folder },
    stdio: ["ignore", "ignore", "pipe"],
  });
  let said = "";
  child.stderr.on("data", (more) => (said += more));
  onTestFinished(async () => {
    child.kill("SIGKILL");
    await rm(folder, { recursive: true, force: true });
  });
  for (let tries = 0; tries < 2000; tries++) {
    if (child.exitCode !== null) throw new Error(said);
    const { status } = await ask(metrics, { host: `127.0.0.1:${metrics}` }, "GET", "/healthz").catch(() => ({
      status: 0,
    }));
    if (status === 200) return { port, metrics };
    await pause(50);
  }
  throw new Error(said);
}

/** @param servername name in the TLS handshake; undefined: plain HTTP. */
function ask(port: number, headers: OutgoingHttpHeaders, method = "GET", path = "/", servername?: string) {
  return new Promise<{ status: number; body: string; location: string | undefined }>((resolve, reject) => {
    const options = { host: "127.0.0.1", port, path, method, headers, agent: false as const };
    const sent =
      servername === undefined
        ? request(options)
        : secureRequest({ ...options, servername, rejectUnauthorized: false });
    sent.once("error", reject);
    sent.once("response", (response) => {
      let body = "";
      response.setEncoding("utf8").on("data", (more) => (body += String(more)));
      response.once("end", () =>
        resolve({ status: response.statusCode ?? 0, body, location: response.headers.location }),
      );
    });
    sent.end();
  });
}

function oddNames(count: number): string[] {
  const random = wholeNumbers(421);
  return Array.from({ length: count }, () => {
    const part = () => Array.from({ length: 1 + random(12) }, () => "abcxyz0189-"[random(11)]).join("");
    return `${part()}.${part()}`;
  });
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}
