import { spawn } from "node:child_process";
import { once } from "node:events";
import { connect, createServer } from "node:net";
import { basename } from "node:path";
import { describe, expect, test } from "vitest";
import { ports } from "../../../installer/preflight/checks/ports.ts";
import { heldPort, run, runBelow, temporaryFolder } from "./machine.ts";

const folder = "/nowhere";

describe("ports", () => {
  test("a free port is ok and stays free after the check", async () => {
    const { port } = await freed();
    expect(await run(ports, { folder, port, ports: [{ component: "proxy", port }] })).toMatchObject({
      status: "ok",
      result: "1 free",
    });
    await using again = await heldPort("127.0.0.1", port);
    expect(again.port).toBe(port);
  });

  test("a held port names its holder and offers a block of twenty free ports", async () => {
    const { port } = await freed();
    await using _held = await heldPort("127.0.0.1", port);
    const finding = await run(ports, { folder, port, ports: [{ component: "proxy", port }] });
    expect(finding.status).toBe("warn");
    expect(finding.result).toBe(`port ${port} is held by ${basename(process.argv0)} (pid ${process.pid})`);
    expect(finding.change?.path).toBe("network.port");
    const base = finding.change?.value as number;
    expect((base - port) % 20).toBe(0);
    for (let next = base; next < base + 20; next++) await (await heldPort("127.0.0.1", next))[Symbol.asyncDispose]();
  });

  test("the offered block skips one in which a later port is held", async () => {
    const { port } = await freed();
    await using _own = await heldPort("127.0.0.1", port);
    await using _later = await heldPort("127.0.0.1", port + 27);
    const { change } = await run(ports, { folder, port, ports: [{ component: "proxy", port }] });
    expect(change?.value).toBeGreaterThanOrEqual(port + 40);
  });

  test("the holder is found when it is another process and listens on all addresses", async () => {
    const child = spawn(process.execPath, [
      "-e",
      "const s=require('net').createServer().listen(0,'0.0.0.0',()=>console.log(s.address().port))",
    ]);
    try {
      const port = Number(
        await new Promise<string>((resolve) => child.stdout.once("data", (data) => resolve(String(data)))),
      );
      const finding = await run(ports, { folder, port, ports: [{ component: "proxy", port }] });
      expect(finding.result).toContain(`port ${port} is held by node (pid ${child.pid})`);
    } finally {
      child.kill("SIGKILL");
    }
  });

  test.runIf(process.platform === "linux")(
    "a port that is the near end of a connection names its program",
    async () => {
      await using server = await heldPort();
      const socket = connect({ host: "127.0.0.1", port: server.port });
      await once(socket, "connect");
      const port = socket.localPort as number;
      const finding = await run(ports, { folder, port, ports: [{ component: "proxy", port }] });
      socket.destroy();
      expect(finding.result).toContain(`port ${port} is held by ${basename(process.argv0)} (pid ${process.pid})`);
    },
  );

  test("many held ports are counted after the first two", async () => {
    const { port } = await freed();
    const held = await Promise.all([0, 1, 2, 3].map((next) => heldPort("127.0.0.1", port + next)));
    const needs = held.map((one) => ({ component: "platform", port: one.port }));
    const finding = await run(ports, { folder, port, ports: needs });
    for (const one of held) await one[Symbol.asyncDispose]();
    expect(finding.result.split("; ")).toHaveLength(3);
    expect(finding.result).toMatch(/; and 2 more$/);
  });

  test("a program on ::1 alone is noticed, since localhost may lead to it", async () => {
    await using held = await heldPort("::1");
    const finding = await run(ports, { folder, port: held.port, ports: [{ component: "proxy", port: held.port }] });
    expect(finding).toMatchObject({ status: "warn" });
    expect(finding.result).toContain(`(pid ${process.pid})`);
  });

  test("ports of our own running programs are no conflict", async () => {
    await using held = await heldPort();
    const need = [{ component: "proxy", port: held.port }];
    const finding = await run(ports, { folder, port: held.port, ports: need, owned: { ports: [held.port], pids: [] } });
    expect(finding).toMatchObject({ status: "ok", result: "1 held by this stack's own programs" });
  });

  test("on a real domain a held port cannot be moved and fails", async () => {
    await using held = await heldPort();
    const need = [{ component: "proxy", port: held.port }];
    const finding = await run(ports, { folder, port: held.port, domain: "dev.example.com", ports: need });
    expect(finding.status).toBe("fail");
    expect(finding.change).toBeUndefined();
    expect(finding.fix).toContain(`kill ${process.pid}`);
  });

  test("a held port outside the block fails, since moving the block would not help", async () => {
    await using held = await heldPort();
    const finding = await run(ports, { folder, port: 4400, ports: [{ component: "metrics", port: held.port }] });
    expect(finding).toMatchObject({ status: "fail" });
    expect(finding.fix).toContain("metrics");
  });

  test("two components that want the same port are named", async () => {
    const finding = await run(ports, {
      folder,
      ports: [
        { component: "proxy", port: 4400 },
        { component: "code", port: 4400 },
      ],
    });
    expect(finding).toMatchObject({ status: "fail", result: "proxy and code both want port 4400" });
  });

  test("a bind address that this machine does not have fails", async () => {
    const finding = await run(ports, {
      folder,
      bind: "192.0.2.7",
      port: 4400,
      ports: [{ component: "proxy", port: 4400 }],
    });
    expect(finding).toMatchObject({ status: "fail", result: "192.0.2.7 is no address of this machine" });
  });

  test("a holder whose process may not be seen is named by its user", async () => {
    const { port } = await freed();
    const finding = await run(
      ports,
      { folder, port, ports: [{ component: "proxy", port }] },
      {
        tryListen: async (_, asked) => (asked === port ? "EADDRINUSE" : undefined),
        holders: async () => [
          { port, address: "0.0.0.0", pid: undefined, command: undefined, listening: true, user: "ada" },
        ],
      },
    );
    expect(finding.result).toBe(`port ${port} is held by a program of user ada`);
    const hidden = await run(
      ports,
      { folder, port, ports: [{ component: "proxy", port }] },
      { tryListen: async (_, asked) => (asked === port ? "EADDRINUSE" : undefined), holders: async () => [] },
    );
    expect(hidden.result).toBe(`port ${port} is held by a program that cannot be seen from here`);
  });

  test.runIf(process.getuid?.() === 0 && process.platform === "linux")(
    "a port that needs root names the limit and moves to an ordinary one",
    async () => {
      await using temporary = await temporaryFolder();
      const nobody = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"];
      const changes = { folder: temporary.path, port: 81, ports: [{ component: "proxy", port: 81 }] };
      const local = await runBelow(nobody, "ports", changes);
      expect(local).toMatchObject({
        status: "warn",
        result: "port 81 is below 1024 and needs root",
        change: { path: "network.port" },
      });
      expect(local.change?.value).toBeGreaterThanOrEqual(4400);
      const domain = await runBelow(nobody, "ports", { ...changes, domain: "dev.example.com" });
      expect(domain).toMatchObject({ status: "fail", fix: "sudo sysctl net.ipv4.ip_unprivileged_port_start=81" });
    },
  );
});

/** A port that was free a moment ago, low enough to have many after it. */
async function freed(): Promise<{ port: number }> {
  for (let port = 20_000 + Math.floor(Math.random() * 10_000); ; port++) {
    const free = await new Promise<boolean>((resolve) => {
      const server = createServer();
      server.once("error", () => resolve(false));
      server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
    });
    if (free) return { port };
  }
}
