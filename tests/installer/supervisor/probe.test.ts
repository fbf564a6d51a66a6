import { createServer as createHttp } from "node:http";
import { type AddressInfo, createServer, type Server } from "node:net";
import { afterEach, expect, test } from "vitest";
import type { Probe } from "../../../components/provider/process.ts";
import { attempt } from "../../../installer/supervisor/probe.ts";
import { processTable } from "../../../installer/supervisor/process-table.ts";
import { freePort, until } from "./test-stack.ts";

const open: Server[] = [];
afterEach(() => {
  for (const server of open.splice(0)) server.close();
});

async function listen(server: Server): Promise<number> {
  open.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return (server.address() as AddressInfo).port;
}

function probe(wanted: Partial<Probe> & Pick<Probe, "kind">, signal = new AbortController().signal) {
  const surroundings = { env: { PATH: process.env.PATH ?? "", WORD: "hello" }, cwd: "/" };
  return attempt({ timeout: 60_000, interval: 1000, startTimeout: 60_000, ...wanted }, surroundings, signal);
}

test("an HTTP probe accepts 2xx and 3xx and says what else it got", async () => {
  const port = await listen(createHttp((request, response) => response.writeHead(Number(request.url?.slice(1))).end()));
  const url = (status: number): string => `http://127.0.0.1:${port}/${status}`;
  expect(await probe({ kind: "http", url: url(200) })).toBeUndefined();
  expect(await probe({ kind: "http", url: url(302) })).toBeUndefined();
  expect(await probe({ kind: "http", url: url(404) })).toBe(`${url(404)} answered 404`);
  expect(await probe({ kind: "http", url: url(503) })).toBe(`${url(503)} answered 503`);
  const closed = `http://127.0.0.1:${await freePort()}/`;
  expect(await probe({ kind: "http", url: closed })).toBe(`${closed}: connection refused`);
});

test("an HTTP probe gives up on a server that accepts and says nothing", async () => {
  const port = await listen(createServer(() => {}));
  expect(await probe({ kind: "http", url: `http://127.0.0.1:${port}/`, timeout: 300 })).toBe("no answer within 300 ms");
});

test("a TCP probe connects", async () => {
  expect(await probe({ kind: "tcp", port: await listen(createServer((socket) => socket.end())) })).toBeUndefined();
  const closed = await freePort();
  expect(await probe({ kind: "tcp", port: closed })).toBe(`127.0.0.1:${closed}: connection refused`);
});

test("a command probe runs with the process's environment and reports its last line", async () => {
  expect(await probe({ kind: "command", command: ["sh", "-c", '[ "$WORD" = hello ]'] })).toBeUndefined();
  const failing = ["sh", "-c", "echo first >&2; echo not yet >&2; exit 3"];
  expect(await probe({ kind: "command", command: failing })).toBe("sh exited with 3: not yet");
  expect(await probe({ kind: "command", command: ["/nowhere/program"] })).toContain("ENOENT");
});

test("a command probe that hangs is ended with all it started", async () => {
  const mark = `sleep 4711.${process.pid}`;
  const command = ["sh", "-c", `${mark} & ${mark}`];
  expect(await probe({ kind: "command", command, timeout: 300 })).toContain("no answer");
  const { execFileSync } = await import("node:child_process");
  await until(async () => {
    const rows = await processTable();
    const sleeping = execFileSync("ps", ["-A", "-o", "args="], { encoding: "utf8" }).includes(mark);
    return rows.length > 0 && !sleeping;
  });
});

test("a probe ends at once when it is given up", async () => {
  const over = new AbortController();
  setTimeout(() => over.abort(), 50);
  // Without the signal it would outlast the test.
  await probe({ kind: "command", command: ["sleep", "1000"], timeout: 900_000 }, over.signal);
});
