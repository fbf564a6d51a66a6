import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, it, onTestFinished } from "vitest";
import { ambiguityOf } from "../../../glue-services/mcp-gateway/pass/ambiguous.ts";
import { type Rig, startMcpGateway } from "./rig.ts";

/** A server that keeps what it gets, behind a gateway that denies `erase`. */
async function rigThatKeeps(): Promise<{ rig: Rig; got: string[]; headers: Record<string, unknown>[] }> {
  const [got, headers]: [string[], Record<string, unknown>[]] = [[], []];
  const server = createServer(async (request, response) => {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    got.push(Buffer.concat(parts).toString());
    headers.push(request.headers);
    response.setHeader("content-type", "application/json");
    response.end('{"jsonrpc":"2.0","id":1,"result":{"content":[]}}');
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  const rig = await startMcpGateway();
  const { port } = server.address() as AddressInfo;
  await rig.add({ name: "keeps", transport: "http", url: `http://127.0.0.1:${port}/mcp` });
  await rig.ask("PUT", "/rules", { tool: "erase", effect: "deny" });
  return { rig, got, headers };
}

function post(rig: Rig, body: string, headers: Record<string, string> = {}): Promise<Response> {
  const own = { "content-type": "application/json", accept: "application/json, text/event-stream" };
  return fetch(`${rig.url}/mcp/servers/keeps`, {
    method: "POST",
    headers: { ...rig.admin.headers, ...own, ...headers },
    body,
  });
}

it("a message that a server may read otherwise than the gateway is refused, whatever is doubled or in other letters", async () => {
  const { rig, got } = await rigThatKeeps();
  const call = '"jsonrpc":"2.0","id":1,"method":"tools/call"';
  const refused = [
    `{${call},"Method":"tools/list","params":{"name":"look"}}`,
    `{"jsonrpc":"2.0","id":1,"method":"tools/list","method":"tools/call","params":{"name":"erase"}}`,
    `{"jsonrpc":"2.0","id":1,"method":"tools/list","meth\\u006fd":"tools/call","params":{"name":"look"}}`,
    `{"jsonrpc":"2.0","id":1,"method":"tools/list","METHOD":"tools/call","params":{"name":"erase"}}`,
    `{${call},"params":{"name":"erase","name":"look"}}`,
    `{${call},"params":{"name":"look","Name":"erase"}}`,
    `{${call},"params":{"name":"look"},"Params":{"name":"erase"}}`,
    `{${call},"params":{"name":"look"},"param\u017f":{"name":"erase"}}`,
    `{${call},"params":{"name":"look","arguments":{"a":1},"Arguments":{"a":2}}}`,
    `{${call},"params":{"name":"look","arguments":{"path":"/a","path":"/b"}}}`,
    `{${call},"params":{"Name":"erase"}}`,
    `{${call},"params":{"name":["erase"]}}`,
    `[{${call},"params":{"name":"look","nAME":"erase"}}]`,
    `{${call},"params":{"name":"look","arguments":{"deep":${"[".repeat(5000)}${"]".repeat(5000)}}}}`,
  ];
  for (const body of refused)
    expect([body.slice(0, 120), (await post(rig, body)).status]).toEqual([body.slice(0, 120), 400]);
  expect(got).toEqual([]);
});

it("what a server gets is the message that was judged, written anew, with headers that name the same tool", async () => {
  const { rig, got, headers } = await rigThatKeeps();
  const body = `{ "jsonrpc":"2.0", "id":1, "method":"tools/call",\n "params":{"name":"l\\u006fok","arguments":{"path":"/a","Path":"/b"}}}`;
  expect((await post(rig, body, { "mcp-method": "tools/call", "mcp-name": "look" })).status).toBe(200);
  // Before that the gateway asks the server on its own behalf which protocol it speaks.
  const calls = () => got.flatMap((text, at) => (text.includes("clientInfo") ? [] : [{ text, headers: headers[at] }]));
  expect(calls()).toEqual([
    {
      text: '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"look","arguments":{"path":"/a","Path":"/b"}}}',
      headers: expect.objectContaining({ "mcp-name": "look" }),
    },
  ]);
  for (const other of [
    { "mcp-name": "erase" },
    { "mcp-name": "=?base64?ZXJhc2U=?=" },
    { "mcp-method": "tools/list" },
  ]) {
    const answer = await post(rig, body, other);
    expect([answer.status, await answer.json()]).toEqual([
      400,
      expect.objectContaining({ error: expect.objectContaining({ code: -32020 }) }),
    ]);
  }
  expect(calls()).toHaveLength(1);
});

it("doubled keys are found in any valid JSON and nowhere else, in 10,000 generated texts", () => {
  let seed = 7;
  const next = (below: number) => {
    seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
    return Math.floor((seed / 2_147_483_648) * below);
  };
  const strings = ["a", "b", "name", '"', "\\", '\\"', "{", "}", ",", ":", "é", "\u0000", "a\\\\", "]"];
  const text = () => JSON.stringify(strings[next(strings.length)]);
  for (let n = 0; n < 10_000; n++) {
    let doubled = false;
    const value = (depth: number): string => {
      const kind = depth > 3 ? next(2) : next(4);
      if (kind === 0) return text();
      if (kind === 1) return String(next(100));
      if (kind === 2) return `[${Array.from({ length: next(4) }, () => value(depth + 1)).join(" , ")}]`;
      const keys = Array.from({ length: next(4) }, text);
      if (new Set(keys).size < keys.length) doubled = true;
      return `{${keys.map((key) => `${key} : ${value(depth + 1)}`).join(",")}}`;
    };
    const made = value(0);
    JSON.parse(made);
    expect([made, ambiguityOf(made) !== undefined]).toEqual([made, doubled]);
  }
});
