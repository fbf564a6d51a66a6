import { execFileSync } from "node:child_process";
import { request } from "node:http";
import { expect, it, onTestFinished } from "vitest";
import { person } from "../build.ts";
import { client, formerClient, words } from "./clients.ts";
import { colleague, type Rig, type Someone, startMcpGateway } from "./rig.ts";

/** A server that says which process it is, waits when told to, and ends when told to. */
const tells = `
  // Not its process id: in a sandbox each has the same.
  const who = require("crypto").randomUUID();
  require("readline").createInterface({ input: process.stdin }).on("line", (line) => {
    const { id, method, params } = JSON.parse(line);
    const send = (more) => id !== undefined && console.log(JSON.stringify({ jsonrpc: "2.0", id, ...more }));
    if (method === "initialize") return send({ result: { protocolVersion: params.protocolVersion, capabilities: { tools: {} }, serverInfo: { name: "tells", version: "1" } } });
    if (method !== "tools/call") return send({ error: { code: -32601, message: "no " + method } });
    if (params.name === "die") process.exit(9);
    setTimeout(() => send({ result: { content: [{ type: "text", text: who }] } }), params.arguments.ms ?? 0);
  });`;

async function withProgram(): Promise<{ rig: Rig; mark: string }> {
  const rig = await startMcpGateway();
  const mark = `devflow-crowd-${process.pid}-${Date.now()}`;
  await rig.add({ name: "tells", transport: "stdio", command: [process.execPath, "-e", tells, mark] });
  return { rig, mark };
}

function running(mark: string): number {
  const all = execFileSync("ps", ["-eo", "args"], { encoding: "utf8" });
  return all.split("\n").filter((line) => line.includes(mark) && !/^(ps|bwrap) /.test(line)).length;
}

it("calls of a client without a session wait for a program where more come at once than may run", async () => {
  const { rig, mark } = await withProgram();
  const one = await client(rig);
  const answers = await Promise.all(
    Array.from({ length: 40 }, () => one.callTool({ name: "tells__who", arguments: { ms: 20 } })),
  );
  expect(new Set(answers.map(words)).size).toBeLessThanOrEqual(12);
  expect(answers.filter(({ isError }) => isError)).toEqual([]);
  expect(running(mark)).toBeLessThanOrEqual(12);
});

it("sessions wait for a program too, when another person's clients do not use theirs", async () => {
  const { rig, mark } = await withProgram();
  const all = await Promise.all(Array.from({ length: 16 }, () => formerClient(rig)));
  const answers = await Promise.all(all.map((one) => one.callTool({ name: "tells__who", arguments: { ms: 50 } })));
  expect(new Set(answers.map(words)).size).toBe(16);
  expect(running(mark)).toBeLessThanOrEqual(12);
});

it("two calls in one message that find their program dead start one, which ends with the session", async () => {
  const { rig, mark } = await withProgram();
  const send = async (body: object, session?: string, method = "POST") =>
    fetch(`${rig.url}/mcp`, {
      method,
      headers: {
        ...{ ...rig.admin.headers, "content-type": "application/json" },
        ...{ accept: "application/json, text/event-stream", "mcp-protocol-version": "2025-03-26" },
        ...(session && { "mcp-session-id": session }),
      },
      ...(method === "POST" && { body: JSON.stringify(body) }),
    });
  const call = (id: number, name: string) => ({
    ...{ jsonrpc: "2.0", id, method: "tools/call", params: { name: `tells__${name}`, arguments: {} } },
  });
  const begun = await send({
    ...{ jsonrpc: "2.0", id: 1, method: "initialize" },
    params: { protocolVersion: "2025-03-26", capabilities: {}, clientInfo: { name: "test", version: "1" } },
  });
  await begun.text();
  const session = begun.headers.get("mcp-session-id") ?? "";
  await (await send(call(2, "die"), session)).text();
  const answer = await (await send([call(3, "who"), call(4, "who")] as object, session)).text();
  const pids = [...answer.matchAll(/\\?"text\\?":\\?"([0-9a-f-]{36})/g)].map(([, who]) => who);
  expect([pids.length, new Set(pids).size]).toEqual([2, 1]);
  expect(running(mark)).toBe(1);
  await (await send({}, session, "DELETE")).text();
  await expect.poll(() => running(mark)).toBe(0);
});

it("one who opens more streams than all together may have shuts nobody out but their own oldest", async () => {
  const rig = await startMcpGateway();
  const opened: { status: number; ended: boolean }[] = [];
  const open = (who: Someone): Promise<{ status: number; ended: boolean }> =>
    new Promise((resolve, reject) => {
      const stream = request(`${rig.url}/mcp/sse`, { headers: who.headers }, (answer) => {
        const seen = { status: answer.statusCode ?? 0, ended: false };
        opened.push(seen);
        answer
          .once("data", () => resolve(seen))
          .once("close", () => {
            seen.ended = true;
          });
      });
      stream.on("error", reject).end();
      onTestFinished(() => void stream.destroy());
    });
  const first = await open(rig.admin);
  for (let n = 0; n < 100; n++) await open(rig.admin);
  const another = await open(colleague(rig));
  const stranger = await open(person());
  expect([another.status, stranger.status]).toEqual([200, 200]);
  expect(new Set(opened.map(({ status }) => status))).toEqual(new Set([200]));
  await expect.poll(() => opened.filter(({ ended }) => !ended).length).toBe(66);
  expect([first.ended, another.ended, stranger.ended]).toEqual([true, false, false]);
});
