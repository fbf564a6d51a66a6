import { fileURLToPath } from "node:url";
import { Client as FormerClient } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport as FormerTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import {
  CreateMessageRequestSchema,
  ElicitRequestSchema,
  ListRootsRequestSchema,
} from "@modelcontextprotocol/sdk/types.js";
import { expect, it, onTestFinished } from "vitest";
import { client, formerClient, words } from "./clients.ts";
import { serveReference } from "./reference/server.ts";
import { type Rig, startMcpGateway } from "./rig.ts";

const program = fileURLToPath(new URL("reference/server.ts", import.meta.url));
const command = [process.execPath, "--disable-warning=ExperimentalWarning", program];

/** A gateway with a server over HTTP and one that is a program, which know one protocol alone. */
async function withServersOf(only: "2025" | "2026"): Promise<Rig> {
  const [rig, reference] = await Promise.all([startMcpGateway(), serveReference(0, only)]);
  onTestFinished(() => reference.close());
  await rig.add({ name: "remote", transport: "http", url: reference.url });
  await rig.add({ name: "program", transport: "stdio", command: [...command, only === "2025" ? "former" : "modern"] });
  return rig;
}

const ways = [
  ["/mcp", "remote__"],
  ["/mcp", "program__"],
  ["/mcp/servers/remote", ""],
  ["/mcp/servers/program", ""],
] as const;

/** A client of 2025 that can be asked for what a person enters, a model says, and roots. */
async function ableFormer(rig: Rig, path: string): Promise<FormerClient> {
  const capabilities = { elicitation: {}, sampling: {}, roots: {} };
  const one = new FormerClient({ name: "test", version: "1" }, { capabilities });
  one.setRequestHandler(ElicitRequestSchema, () => ({
    ...{ action: "accept" as const, content: { name: "Ada", color: "green", ok: true } },
  }));
  one.setRequestHandler(CreateMessageRequestSchema, () => ({
    ...{ model: "test", role: "assistant" as const, content: { type: "text" as const, text: "Paris" } },
  }));
  one.setRequestHandler(ListRootsRequestSchema, () => ({ roots: [{ uri: "file:///here" }] }));
  const transport = new FormerTransport(new URL(path, rig.url), { requestInit: { headers: rig.admin.headers } });
  await one.connect(transport as never);
  onTestFinished(() => one.close());
  return one;
}

it("clients of 2025 use servers that know only 2026, whatever address they come by", async () => {
  const rig = await withServersOf("2026");
  for (const [path, prefix] of ways) {
    for (const one of [
      await formerClient(rig, { path }),
      await formerClient(rig, { path: `${path}/sse`, sse: true }),
    ]) {
      const at = `${path} ${prefix}`;
      const names = (await one.listTools()).tools.map(({ name }) => name);
      expect([at, names.includes(`${prefix}test_simple_text`)]).toEqual([at, true]);
      const answer = await one.callTool({ name: `${prefix}test_simple_text`, arguments: {} });
      expect([at, words(answer)]).toEqual([at, "This is a simple text response for testing."]);
      const steps: number[] = [];
      const onprogress = ({ progress }: { progress: number }) => void steps.push(progress);
      await one.callTool({ name: `${prefix}test_tool_with_progress`, arguments: {} }, undefined, { onprogress });
      expect([at, steps]).toEqual([at, [0, 50, 100]]);
      expect((await one.getPrompt({ name: `${prefix}test_simple_prompt` })).messages).toHaveLength(1);
      await one.close();
    }
  }
}, 60_000);

it("what a server of 2026 wants to know before it answers is asked of a client of 2025 in the middle of its call", async () => {
  const rig = await withServersOf("2026");
  for (const [path, prefix] of ways) {
    const one = await ableFormer(rig, path);
    for (const [tool, says] of [
      ["elicitation", "Hello, Ada!"],
      ["sampling", "Paris"],
      ["list_roots", "file:///here"],
      ["request_state", "state-ok"],
      ["multiple_inputs", "all of them"],
      ["multi_round", "after two rounds"],
    ] as const) {
      const answer = await one.callTool({ name: `${prefix}test_input_required_result_${tool}`, arguments: {} });
      expect([path, tool, words(answer)]).toEqual([path, tool, expect.stringContaining(says)]);
    }
    const prompt = await one.getPrompt({ name: `${prefix}test_input_required_result_prompt` });
    expect(prompt.messages.length).toBeGreaterThan(0);
  }
}, 60_000);

it("a client of 2025 that cannot be asked is told so, and not given a question for an answer", async () => {
  const rig = await withServersOf("2026");
  const one = await formerClient(rig);
  const call = await one.callTool({ name: "remote__test_input_required_result_elicitation", arguments: {} });
  expect([call.isError, words(call)]).toEqual([true, expect.stringContaining("elicitation/create")]);
  const answer = await fetch(`${rig.url}/mcp`, {
    method: "POST",
    headers: {
      ...{ ...rig.admin.headers, "content-type": "application/json", accept: "application/json, text/event-stream" },
    },
    body: JSON.stringify({
      ...{ jsonrpc: "2.0", id: 1, method: "tools/call" },
      params: { name: "remote__test_input_required_result_elicitation", arguments: {} },
    }),
  });
  expect(await answer.text()).toMatch(/"isError":true.*|"error":/);
}, 30_000);

it("clients of 2026 use servers that know only 2025, whatever address they come by", async () => {
  const rig = await withServersOf("2025");
  const able = { capabilities: { sampling: {}, elicitation: { form: {} }, roots: {} } } as const;
  for (const [path, prefix] of ways) {
    const one = await client(rig, { path, more: able });
    expect([path, one.getProtocolEra()]).toEqual([path, "modern"]);
    one.setRequestHandler("elicitation/create", () => ({
      ...{ action: "accept" as const, content: { response: "yes" } },
    }));
    const names = (await one.listTools()).tools.map(({ name }) => name);
    expect([path, names.includes(`${prefix}test_simple_text`)]).toEqual([path, true]);
    const answer = await one.callTool({ name: `${prefix}test_elicitation`, arguments: { message: "Go on?" } });
    expect([path, words(answer)]).toEqual([path, expect.stringContaining("yes")]);
    const { contents } = await one.readResource({ uri: "test://template/7/data" });
    expect(JSON.stringify(contents)).toContain("Data for ID: 7");
  }
}, 60_000);
