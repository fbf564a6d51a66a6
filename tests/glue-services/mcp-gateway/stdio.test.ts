import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Client } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import { Client as FormerClient } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport as FormerTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import { expect, it, onTestFinished } from "vitest";
import { words } from "./clients.ts";
import { serveReference } from "./reference/server.ts";
import { type Rig, startMcpGateway } from "./rig.ts";

const cli = fileURLToPath(new URL("../../../installer/cli.ts", import.meta.url));

async function withReference(): Promise<Rig> {
  const [rig, reference] = await Promise.all([startMcpGateway(), serveReference()]);
  onTestFinished(() => reference.close());
  await rig.add({ name: "reference", transport: "http", url: reference.url });
  return rig;
}

/** What an editor starts, with a home of its own. */
async function started(rig: Rig, ...more: string[]) {
  const home = await mkdtemp(join(tmpdir(), "devflow-mcp-"));
  onTestFinished(() => rm(home, { recursive: true, force: true }));
  const key = rig.admin.headers.authorization.slice("Bearer ".length);
  return {
    command: process.execPath,
    args: ["--disable-warning=ExperimentalWarning", cli, "mcp", "--url", rig.url, ...more],
    env: { PATH: process.env.PATH ?? "", HOME: home, DEVFLOW_HOME: home, DEVFLOW_API_KEY: key },
  };
}

it("an editor of either protocol reaches the gateway over standard input and output", async () => {
  const rig = await withReference();
  for (const mode of ["auto", "legacy"] as const) {
    const one = new Client({ name: "editor", version: "1" }, { versionNegotiation: { mode } });
    await one.connect(new StdioClientTransport(await started(rig)));
    const { tools } = await one.listTools();
    expect(tools.map(({ name }) => name)).toContain("reference__test_simple_text");
    const answer = await one.callTool({ name: "reference__test_simple_text", arguments: {} });
    expect(words(answer)).toContain("simple text");
    await one.close();
  }
});

it("progress and questions pass through it, and one server keeps its own names (agentgateway #2531, envoy ai-gateway #2425)", async () => {
  const rig = await withReference();
  const one = new FormerClient({ name: "editor", version: "1" }, { capabilities: { elicitation: {} } });
  const { ElicitRequestSchema } = await import("@modelcontextprotocol/sdk/types.js");
  one.setRequestHandler(ElicitRequestSchema, () => ({ action: "accept" as const, content: { response: "yes" } }));
  await one.connect(new FormerTransport(await started(rig, "--server", "reference")));
  const steps: number[] = [];
  const progress = { onprogress: ({ progress }: { progress: number }) => void steps.push(progress) };
  await one.callTool({ name: "test_tool_with_progress", arguments: {} }, undefined, progress);
  expect(steps).toEqual([0, 50, 100]);
  const answer = await one.callTool({ name: "test_elicitation", arguments: { message: "Go on?" } });
  expect(words(answer)).toContain("accept");
  await one.close();
});

it("a wrong key, a line that is no message and a closed input end as an editor expects", async () => {
  const rig = await withReference();
  const { command, args, env } = await started(rig);
  const child = spawn(command, args, { env: { ...env, DEVFLOW_API_KEY: "wrong" }, stdio: "pipe" });
  let [out, err] = ["", ""];
  child.stdout.on("data", (part) => {
    out += part;
  });
  child.stderr.on("data", (part) => {
    err += part;
  });
  child.stdin.write('no message\n{"jsonrpc":"2.0","id":7,"method":"tools/list"}\n');
  await expect.poll(() => out.trim().split("\n").length).toBe(2);
  child.stdin.end();
  const code = await new Promise((resolve) => child.once("close", resolve));
  expect(code).toBe(0);
  const [first, second] = out
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect(first).toMatchObject({ id: null, error: { code: -32700 } });
  expect(second).toMatchObject({ id: 7, error: { message: expect.stringContaining("key") } });
  expect(err).toContain("key");
});
