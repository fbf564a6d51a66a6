import { mkdir, utimes, writeFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer as listenSocket } from "node:net";
import { dirname } from "node:path";
import { describe, expect, test } from "vitest";
import { stackPaths } from "../../../components/provider/paths.ts";
import { clock } from "../../../installer/preflight/checks/clock.ts";
import { dns } from "../../../installer/preflight/checks/dns.ts";
import { leftovers } from "../../../installer/preflight/checks/leftovers.ts";
import { loopback } from "../../../installer/preflight/checks/loopback.ts";
import { names } from "../../../installer/preflight/checks/names.ts";
import { network } from "../../../installer/preflight/checks/network.ts";
import { proxy } from "../../../installer/preflight/checks/proxy.ts";
import { user } from "../../../installer/preflight/checks/user.ts";
import { heldPort, inputFor, run, temporaryFolder } from "./machine.ts";

const folder = "/nowhere";
const domain = "dev.example.com";
const hour = 3_600_000;

describe("clock", () => {
  test("this machine's clock is in order", async () => {
    expect((await run(clock, { folder })).status).toBe("ok");
  });

  test("a year that cannot be warns, and fails on a real domain", async () => {
    const now = () => Date.UTC(1970, 0, 2);
    const local = await run(clock, { folder }, { now });
    expect(local).toMatchObject({ status: "warn", result: "the clock says 1970-01-02T00:00:00.000Z, which cannot be" });
    expect(local.fix).toMatch(/^sudo /);
    expect((await run(clock, { folder, domain }, { now })).status).toBe("fail");
  });

  test("a clock behind the files of the checkout is told with the difference", async () => {
    const finding = await run(clock, { folder }, { now: () => Date.UTC(2025, 5, 1) });
    expect(finding.status).toBe("warn");
    expect(finding.result).toMatch(
      /at least \d+ d(?: \d+ h)? behind: it says 2025-06-01T00:00:00.000Z, but .* was written later/,
    );
  });

  test("a clock behind the stack's last run is told with the file", async () => {
    await using temporary = await temporaryFolder();
    const { paths } = inputFor({ folder: temporary.path });
    await mkdir(dirname(paths.state), { recursive: true });
    await writeFile(paths.state, "{}");
    const later = new Date(Date.now() + 3 * hour);
    await utimes(paths.state, later, later);
    const finding = await run(clock, { folder: temporary.path });
    expect(finding.result).toContain("the clock is at least 3 h behind");
    expect(finding.result).toContain(paths.state);
  });

  test("on a real domain a server's Date header is compared, and a mute server is no matter", async () => {
    const shifted = (by: number) => (_: IncomingMessage, response: ServerResponse) => {
      response.setHeader("date", new Date(Date.now() + by).toUTCString());
      response.end();
    };
    const ask = async (by: number, named: string) => {
      const server = createServer(shifted(by));
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
      const { port } = server.address() as { port: number };
      const finding = await run(clock, { folder, domain: named }, { timeSource: `http://127.0.0.1:${port}/` });
      server.close();
      return finding;
    };
    const ahead = await ask(-2 * hour, domain);
    expect(ahead).toMatchObject({ status: "fail" });
    expect(ahead.result).toMatch(/^the clock is (2 h|1 h 59 min|2 h 0 min) ahead/);
    expect((await ask(2 * hour, domain)).result).toContain("behind");
    expect((await ask(0, domain)).status).toBe("ok");
    expect((await ask(2 * hour, "localhost")).status).toBe("ok");
    expect((await run(clock, { folder, domain }, { timeSource: "http://127.0.0.1:1/" })).status).toBe("ok");
  });

  test("a clock that is being set at this moment is told", async () => {
    let calls = 0;
    const finding = await run(clock, { folder }, { now: () => Date.now() + (calls++ > 1 ? hour : 0) });
    expect(finding).toMatchObject({ status: "warn", result: "the clock has just jumped by 1 h: it is being set" });
  });
});

describe("dns", () => {
  const answersWith = (table: Record<string, string[]>) => ({
    lookup: async (host: string) => table[host] ?? [],
    addresses: () => ["127.0.0.1", "203.0.113.9"],
  });

  test("localhost and addresses need none", async () => {
    for (const name of ["localhost", "stack.localhost", "192.0.2.1", "::1"]) {
      expect((await run(dns, { folder, domain: name })).status, name).toBe("skipped");
    }
  });

  test("a domain with its subdomain on this machine is ok", async () => {
    const facts = answersWith({ [domain]: ["203.0.113.9"], [`code.${domain}`]: ["203.0.113.9"] });
    expect((await run(dns, { folder, domain }, facts)).status).toBe("ok");
  });

  test("a domain that leads elsewhere is a warning with both sides", async () => {
    const facts = answersWith({ [domain]: ["203.0.113.9"], [`code.${domain}`]: ["198.51.100.1"] });
    expect(await run(dns, { folder, domain }, facts)).toMatchObject({
      status: "warn",
      result: `code.${domain} is 198.51.100.1, which is no address of this machine`,
    });
  });

  test("a name that does not resolve fails where a certificate is wanted and warns elsewhere", async () => {
    const facts = answersWith({ [domain]: ["203.0.113.9"] });
    const finding = await run(dns, { folder, domain }, facts);
    expect(finding).toMatchObject({ status: "fail", result: `code.${domain} does not resolve` });
    expect((await run(dns, { folder, domain, tls: "off" }, facts)).status).toBe("warn");
  });

  test("a name that cannot exist does not resolve for real", async () => {
    expect(await inputFor({ folder }).facts.lookup("no-such-host.invalid")).toEqual([]);
  });
});

describe("loopback", () => {
  test("localhost is this machine", async () => {
    expect((await run(loopback, { folder })).result).toMatch(/^localhost is .*(127\.0\.0\.1|::1)/);
  });

  test("a localhost that is missing or elsewhere fails", async () => {
    expect(await run(loopback, { folder }, { lookup: async () => [] })).toMatchObject({
      status: "fail",
      result: "localhost does not resolve",
    });
    const elsewhere = await run(loopback, { folder }, { lookup: async () => ["127.0.0.1", "203.0.113.9"] });
    expect(elsewhere).toMatchObject({ status: "fail", result: "localhost resolves to 203.0.113.9" });
  });
});

describe("names below localhost", () => {
  const lookup = async (name: string) => (name === "localhost" ? ["127.0.0.1"] : []);

  test("names that the C library does not find are named with the line for the hosts file", async () => {
    const found = await run(names, { folder, code: true }, { lookup });
    expect(found).toMatchObject({
      status: "warn",
      result: "code.localhost is found by browsers, curl and git only",
      fix: expect.stringContaining('echo "127.0.0.1 code.localhost" | sudo tee -a /etc/hosts'),
    });
    const below = await run(names, { folder, code: true, domain: "dev.localhost" }, { lookup });
    expect(below).toMatchObject({ data: { line: "127.0.0.1 dev.localhost code.dev.localhost" } });
  });

  test("there is nothing to say where they are found, or where none is served", async () => {
    expect((await run(names, { folder, code: true }, { lookup: async () => ["127.0.0.1"] })).status).toBe("ok");
    expect((await run(names, { folder }, { lookup })).status).toBe("ok");
    expect((await run(names, { folder, code: true, domain: "example.com" }, { lookup })).status).toBe("skipped");
  });
});

describe("proxy", () => {
  const checkWith = (env: NodeJS.ProcessEnv) => run(proxy, { folder }, { env });

  test("no proxy and a proxy with exceptions are ok", async () => {
    expect((await checkWith({})).status).toBe("ok");
    expect((await checkWith({ HTTPS_PROXY: "http://p:3128", NO_PROXY: "localhost, 127.0.0.1" })).status).toBe("ok");
    expect((await checkWith({ https_proxy: "p:3128", no_proxy: "*" })).status).toBe("ok");
  });

  test("a proxy without exceptions for this machine is a warning that keeps the ones there are", async () => {
    const finding = await checkWith({ HTTP_PROXY: "http://p:3128", NO_PROXY: "intern.example,localhost" });
    expect(finding).toMatchObject({ status: "warn", result: "HTTP_PROXY set, but NO_PROXY does not name 127.0.0.1" });
    expect(finding.fix).toContain("NO_PROXY=intern.example,localhost,127.0.0.1,::1");
  });

  test("a value that is no address is named without showing the password in it", async () => {
    const finding = await checkWith({ HTTPS_PROXY: "http://me:hunter2@:bad port" });
    expect(finding).toMatchObject({ status: "warn", result: "HTTPS_PROXY is not an address" });
    expect(JSON.stringify(finding)).not.toContain("hunter2");
  });

  test("upper and lower case that differ are a warning", async () => {
    const finding = await checkWith({ HTTP_PROXY: "http://a:1", http_proxy: "http://b:1", NO_PROXY: "*" });
    expect(finding.result).toContain("HTTP_PROXY and http_proxy differ");
  });
});

describe("network", () => {
  const wanting = { folder, disk: { cache: 200 << 20, data: 0 } };

  test("with all programs in the cache none is needed", async () => {
    const finding = await run(network, { folder }, { connects: () => Promise.reject(new Error("must not be asked")) });
    expect(finding).toMatchObject({ status: "ok", result: "not needed: all programs are in the cache" });
  });

  test("a server that accepts a connection is enough", async () => {
    await using held = await heldPort();
    const env = { ...process.env, HTTPS_PROXY: `http://127.0.0.1:${held.port}` };
    const finding = await run(network, wanting, { env });
    expect(finding).toMatchObject({
      status: "ok",
      result: `200 MiB of programs are not in the cache; 127.0.0.1:${held.port} can be reached`,
    });
  });

  test("when nothing can be reached that is said, as a warning", async () => {
    const { port } = await closedPort();
    const finding = await run(network, wanting, { env: { ...process.env, HTTPS_PROXY: `http://127.0.0.1:${port}` } });
    expect(finding).toMatchObject({ status: "warn" });
    expect(finding.result).toContain(`none of 127.0.0.1:${port} can be reached`);
  });

  test("an offline folder takes its place", async () => {
    const finding = await run(network, { ...wanting, offline: "/media/devflow" });
    expect(finding.result).toBe("200 MiB of programs are not in the cache; they come from /media/devflow");
  });
});

describe("user", () => {
  test("an ordinary user is ok", async () => {
    expect((await run(user, { folder }, { uid: 1000 })).result).toContain("ordinary user");
  });

  test("root is told where data is kept and how PostgreSQL runs, or why it cannot", async () => {
    // mkdtemp makes folders that only their owner may enter.
    await using closed = await temporaryFolder();
    const finding = await run(user, { folder }, { uid: 0, env: {} });
    expect(finding.result).toContain("root");
    const barred = await run(
      user,
      { folder: closed.path },
      { uid: 0, env: {}, exec: async () => ({ code: 1, stdout: "", stderr: "" }) },
    );
    expect(barred.status).toBe("fail");
    expect(barred.result).toMatch(/cannot enter|no user/);
  });

  test("sudo by an ordinary user is a warning", async () => {
    const exec = async () => ({ code: 0, stdout: "", stderr: "" });
    const finding = await run(user, { folder }, { uid: 0, env: { SUDO_USER: "ada" }, exec });
    expect(finding).toMatchObject({ status: "warn", fix: "Run it without sudo; it needs no root." });
  });
});

describe("leftovers", () => {
  test("a fresh home has none", async () => {
    await using temporary = await temporaryFolder();
    expect(await run(leftovers, { folder: temporary.path })).toMatchObject({ status: "ok", result: "none" });
  });

  test("data without a state is a warning that names the data", async () => {
    await using temporary = await temporaryFolder();
    const { paths } = inputFor({ folder: temporary.path });
    await mkdir(paths.data("postgres"), { recursive: true });
    const finding = await run(leftovers, { folder: temporary.path });
    expect(finding.status).toBe("warn");
    expect(finding.result).toContain("data of postgres is in");
    expect(finding.fix).toContain(`mv ${paths.root}`);
  });

  test("a state without its key fails", async () => {
    await using temporary = await temporaryFolder();
    const { paths } = inputFor({ folder: temporary.path });
    await mkdir(paths.root, { recursive: true });
    await writeFile(paths.state, "{}");
    expect((await run(leftovers, { folder: temporary.path })).status).toBe("fail");
    await writeFile(paths.key, Buffer.alloc(32));
    expect(await run(leftovers, { folder: temporary.path })).toMatchObject({
      status: "ok",
      result: "an earlier run, in order",
    });
  });

  test("a dead socket and a half-written state are told and do no harm", async () => {
    await using temporary = await temporaryFolder();
    const { paths } = inputFor({ folder: temporary.path });
    await mkdir(dirname(paths.socket), { recursive: true });
    await writeFile(paths.socket, "");
    const dead = await run(leftovers, { folder: temporary.path });
    expect(dead).toMatchObject({ status: "ok" });
    expect(dead.result).toContain("not stopped");
    await writeFile(`${paths.state}.123.tmp`, "{");
    expect((await run(leftovers, { folder: temporary.path })).result).toContain("half-written state.json.123.tmp");
  });

  test("another stack that runs on this machine is named", async () => {
    await using temporary = await temporaryFolder();
    const { home } = inputFor({ folder: temporary.path });
    const { socket } = stackPaths(home.home, "demo");
    await mkdir(dirname(socket), { recursive: true });
    const server = listenSocket();
    await new Promise<void>((resolve) => server.listen(socket, resolve));
    const finding = await run(leftovers, { folder: temporary.path });
    server.close();
    expect(finding.result).toBe("none, beside stack demo, which runs");
  });
});

async function closedPort(): Promise<{ port: number }> {
  await using held = await heldPort();
  return { port: held.port };
}
