import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { expect, it, onTestFinished } from "vitest";
import { lines, withoutNulls } from "../../../glue-services/mcp-gateway/federation/nulls.ts";
import { randomOf } from "../ai-gateway/random.ts";
import { client, words } from "./clients.ts";
import { answerOf } from "./nulls-server.ts";
import { startMcpGateway } from "./rig.ts";

// Servers that write every field they know (Azure/data-api-builder#3599).

const program = fileURLToPath(new URL("nulls-server.ts", import.meta.url));

async function overHttp(events: boolean): Promise<string> {
  const server = createServer(async (request, response) => {
    if (request.method !== "POST") return response.writeHead(405).end();
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    const message = JSON.parse(Buffer.concat(parts).toString());
    if (message.id === undefined) return response.writeHead(202).end();
    const text = JSON.stringify(answerOf(message));
    if (!events) return response.writeHead(200, { "content-type": "application/json" }).end(text);
    response.writeHead(200, { "content-type": "text/event-stream" });
    const event = `event: message\r\ndata: ${text}\r\n\r\n`;
    for (const cut of [7, 40]) response.write(event.slice(cut === 7 ? 0 : 7, cut));
    return response.end(event.slice(40));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`;
}

it("a server that says null where it has nothing is used all the same, over HTTP, in events and as a program, and a tool's own nulls stay", async () => {
  const [rig, whole, events] = await Promise.all([startMcpGateway(), overHttp(false), overHttp(true)]);
  await rig.add({ name: "whole", transport: "http", url: whole });
  await rig.add({ name: "events", transport: "http", url: events });
  await rig.add({ name: "program", transport: "stdio", command: [process.execPath, program] });
  for (const mode of ["auto", "legacy"] as const) {
    const one = await client(rig, { mode });
    const { tools } = await one.listTools();
    expect(tools.map(({ name }) => name).sort()).toEqual(["events__t", "program__t", "whole__t"]);
    for (const { name, inputSchema } of tools) {
      expect(inputSchema).toEqual({
        type: "object",
        properties: { a: { type: ["string", "null"], default: null, enum: ["x", null] } },
      });
      const answer = await one.callTool({ name, arguments: { a: null } });
      expect([words(answer), answer.structuredContent]).toEqual(["hello", { found: null, rows: [null, { a: null }] }]);
    }
  }
});

it("ids, results that are nothing and texts with the word null are left as they are", () => {
  for (const same of [
    '{"jsonrpc":"2.0","id":1,"result":{"content":[{"type":"text","text":"a: null"}]}}',
    '{"jsonrpc":"2.0","error":{"code":-32700,"message":"x"},"id":null}',
    "not JSON: null",
    '{"id":1,"result":{"a":{"b":[1,2,3]}}}',
  ]) {
    const [text] = [withoutNulls(same)];
    expect(text.startsWith("{") ? JSON.parse(text) : text).toEqual(same.startsWith("{") ? JSON.parse(same) : same);
  }
  expect(JSON.parse(withoutNulls('{"id":1,"result":null}'))).toEqual({ id: 1, result: {} });
});

it("10,000 generated messages cut anywhere are the same lines, with no null of the protocol in them", () => {
  const value = (random: ReturnType<typeof randomOf>, depth: number): unknown => {
    const kind = random.below(depth > 3 ? 5 : 7);
    if (kind === 0) return null;
    if (kind === 1) return random.below(100);
    if (kind === 2) return random.one(["", "null", ': null,"a":null', "ü😀\u2028", 'a"b\\', "x\ny"]);
    if (kind === 3) return random.chance(0.5);
    if (kind === 4) return "word";
    if (kind === 5) return Array.from({ length: random.below(4) }, () => value(random, depth + 1));
    const names = ["a", "content", "_meta", "structuredContent", "inputSchema", "default", "type"];
    return Object.fromEntries(
      Array.from({ length: random.below(5) }, () => [random.one(names), value(random, depth + 1)]),
    );
  };
  for (let seed = 0; seed < 10_000; seed++) {
    const random = randomOf(seed);
    const messages = Array.from({ length: 1 + random.below(3) }, (_, id) => ({
      jsonrpc: "2.0",
      id,
      result: value(random, 0),
    }));
    const bytes = Buffer.from(messages.map((one) => `${JSON.stringify(one)}\n`).join(""));
    const reading = lines(withoutNulls);
    let text = "";
    for (let at = 0; at < bytes.length; ) {
      const end = at + 1 + random.below(random.one([3, 40, bytes.length]));
      text += reading.push(bytes.subarray(at, end));
      at = end;
    }
    text += reading.rest();
    const expected = messages.map((one) => `${withoutNulls(JSON.stringify(one))}\n`).join("");
    if (text !== expected) expect(text, `seed ${seed}`).toBe(expected);
    for (const line of text.trimEnd().split("\n")) {
      const { result } = JSON.parse(line);
      const fields = typeof result === "object" && !Array.isArray(result) ? Object.values(result ?? {}) : [];
      if (fields.includes(null)) expect(line, `seed ${seed}`).toBe("a message without nulls");
      // Once mended, nothing is left to mend.
      const again = withoutNulls(line);
      if (again !== line) expect(JSON.parse(again), `seed ${seed}`).toEqual(JSON.parse(line));
    }
  }
});
