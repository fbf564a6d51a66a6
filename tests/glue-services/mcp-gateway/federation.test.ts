import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { describe, expect, it, onTestFinished } from "vitest";
import { person } from "../build.ts";
import { client, formerClient, words } from "./clients.ts";
import { notesWithTools } from "./notes-tools.ts";
import { serveReference } from "./reference/server.ts";
import { colleague, type Rig, startMcpGateway } from "./rig.ts";

const program = fileURLToPath(new URL("reference/server.ts", import.meta.url));
const command = [process.execPath, "--disable-warning=ExperimentalWarning", program];

/** A platform with its own tools, a server over HTTP and one that is a program. */
async function platform(): Promise<Rig> {
  const [rig, reference] = await Promise.all([startMcpGateway({ services: [notesWithTools] }), serveReference()]);
  onTestFinished(() => reference.close());
  await rig.add({ name: "over-http", transport: "http", url: reference.url });
  await rig.add({ name: "program", transport: "stdio", command });
  return rig;
}

describe("many servers as one", () => {
  for (const [which, connect] of [
    ["a client of 2026", (rig: Rig) => client(rig)],
    ["a client of 2025 with a session", (rig: Rig) => client(rig, { mode: "legacy" })],
    ["a client of the SDK's first line", (rig: Rig) => formerClient(rig)],
  ] as const) {
    it(`${which} finds every server's tools under stable names, and calls them`, async () => {
      const rig = await platform();
      const one = await connect(rig);
      const { tools } = await one.listTools();
      const names = tools.map(({ name }) => name);
      expect(names).toContain("find_scribbles");
      expect(names).toContain("over-http__test_simple_text");
      expect(names).toContain("program__test_simple_text");
      expect(new Set(names).size).toBe(names.length);
      for (const server of ["over-http", "program"]) {
        const answer = await one.callTool({ name: `${server}__test_simple_text`, arguments: {} });
        expect(words(answer)).toBe("This is a simple text response for testing.");
      }
      const own = await one.callTool({ name: "find_scribbles", arguments: { query: "a word" } });
      expect(own.structuredContent).toEqual({ organisation: rig.admin.identity.organisation, query: "a word" });
    });
  }

  it("prompts, resources and templates of every server are there, and read at the one that has them", async () => {
    const rig = await platform();
    const one = await client(rig);
    expect((await one.listPrompts()).prompts.map(({ name }) => name)).toContain("program__test_simple_prompt");
    const { messages } = await one.getPrompt({ name: "over-http__test_simple_prompt" });
    expect(messages).toHaveLength(1);
    expect((await one.listResources()).resources.map(({ uri }) => uri)).toContain("devflow+program:test://static-text");
    const { contents } = await one.readResource({ uri: "test://template/7/data" });
    expect(JSON.stringify(contents)).toContain("Data for ID: 7");
    await expect(one.readResource({ uri: "test://nobody-has-it" })).rejects.toThrow(/test:\/\/nobody-has-it/);
  });

  it("tool names do not change when a second server is added (agentgateway #495)", async () => {
    const rig = await startMcpGateway();
    await rig.add({ name: "program", transport: "stdio", command });
    const names = async () => (await (await client(rig)).listTools()).tools.map(({ name }) => name);
    const before = await names();
    await rig.add({ name: "another", transport: "stdio", command });
    await expect.poll(async () => (await names()).length).toBe(2 * before.length);
    expect(await names()).toEqual(expect.arrayContaining(before));
  });

  it("a server that is down takes nothing from the others", async () => {
    const rig = await platform();
    await rig.add({ name: "down", transport: "http", url: "http://127.0.0.1:9/mcp" });
    await rig.add({ name: "broken", transport: "stdio", command: [process.execPath, "-e", "process.exit(3)"] });
    const one = await client(rig);
    const { tools } = await one.listTools();
    expect(tools.map(({ name }) => name)).toContain("program__test_simple_text");
    await expect(one.callTool({ name: "broken__anything", arguments: {} })).rejects.toThrow(/broken/);
  });
});

describe("what a server asks in the middle of a call", () => {
  const able = {
    capabilities: { sampling: {}, elicitation: { form: {} }, roots: {} },
  } as const;

  for (const mode of ["auto", "legacy"] as const) {
    it(`sampling, elicitation and progress reach a ${mode === "auto" ? "2026" : "2025"} client and come back`, async () => {
      const rig = await platform();
      const one = await client(rig, { mode, more: able });
      one.setRequestHandler("sampling/createMessage", () => ({
        ...{ model: "test", role: "assistant" as const, content: { type: "text" as const, text: "Paris" } },
      }));
      one.setRequestHandler("elicitation/create", () => ({ action: "accept" as const, content: { name: "Ada" } }));
      const asking = mode === "auto" ? "program__test_input_required_result_elicitation" : "program__test_elicitation";
      const entered = await one.callTool({ name: asking, arguments: { message: "Who?" } });
      expect(words(entered)).toContain("Ada");
      const sampling = mode === "auto" ? "program__test_input_required_result_sampling" : "program__test_sampling";
      expect(words(await one.callTool({ name: sampling, arguments: { prompt: "Capital?" } }))).toContain("Paris");
      const steps: number[] = [];
      await one.callTool(
        { name: "program__test_tool_with_progress", arguments: {} },
        { onprogress: ({ progress }) => void steps.push(progress) },
      );
      expect(steps).toEqual([0, 50, 100]);
    });
  }

  it("a server of 2025 asks a client of 2026, which knows no questions in the middle of a call", async () => {
    const rig = await startMcpGateway();
    await rig.add({ name: "former", transport: "stdio", command: [...command, "former"] });
    const one = await client(rig, { more: able });
    one.setRequestHandler("elicitation/create", () => ({ action: "accept" as const, content: { response: "yes" } }));
    const answer = await one.callTool({ name: "former__test_elicitation", arguments: { message: "Go on?" } });
    expect(words(answer)).toContain("accept");
    expect(words(answer)).toContain("yes");
  });
});

describe("the platform's own tools", () => {
  it("only those are offered that the caller has the scope for, and others do not exist for it", async () => {
    const rig = await platform();
    const reader = colleague(rig, { scopes: ["mcp:use", "scribbles:read"] });
    const one = await client(rig, { who: reader, path: "/mcp/servers/devflow" });
    expect((await one.listTools()).tools.map(({ name }) => name)).toEqual(["find_scribbles"]);
    await expect(one.callTool({ name: "erase_scribbles", arguments: {} })).rejects.toThrow("no tool erase_scribbles");
  });

  it("wrong arguments and what is not there are answers to learn from; a bug tells nothing of itself", async () => {
    const rig = await platform();
    const one = await client(rig);
    const call = (given: Record<string, unknown>) => one.callTool({ name: "find_scribbles", arguments: given });
    const wrong = await call({ query: 7, more: true });
    expect(wrong.isError).toBe(true);
    expect(words(wrong)).toContain("/query");
    expect(words(await call({ query: "nothing" }))).toContain("There is no such scribble");
    const bug = await call({ query: "bug" });
    expect(bug.isError).toBe(true);
    expect(words(bug)).not.toContain("secret detail");
  });

  it("another organisation's tools act for that organisation", async () => {
    const rig = await platform();
    const stranger = person();
    const one = await client(rig, { who: stranger });
    expect((await one.listTools()).tools.map(({ name }) => name)).toEqual(["find_scribbles", "erase_scribbles"]);
    const answer = await one.callTool({ name: "find_scribbles", arguments: { query: "x" } });
    expect(answer.structuredContent).toMatchObject({ organisation: stranger.identity.organisation });
  });
});

describe("programs", () => {
  it("end with the client's session, and what they started ends with them (metamcp #162, #128, supergateway #108)", async () => {
    const rig = await startMcpGateway();
    const mark = `devflow-child-${process.pid}-${Date.now()}`;
    const inner = `require("child_process").spawn(process.execPath, ["-e", "setInterval(()=>{},1e3)", "${mark}"], {stdio:"ignore"});`;
    const script = `${inner} let n = 0; ${counter}`;
    await rig.add({ name: "spawns", transport: "stdio", command: [process.execPath, "-e", script, mark] });
    const one = await formerClient(rig);
    await one.listTools();
    expect(alive(mark)).toBeGreaterThan(0);
    const { transport } = one;
    await (transport as unknown as { terminateSession(): Promise<void> }).terminateSession();
    await one.close();
    await expect.poll(() => alive(mark)).toBe(0);
  });

  it("two callers never share one, and two sessions of a caller do not either (supergateway #18, #153, ContextForge #4283)", async () => {
    const rig = await startMcpGateway();
    const counting = `let n = 0; ${counter}`;
    await rig.add({ name: "counter", transport: "stdio", command: [process.execPath, "-e", counting] });
    const [one, other] = [await formerClient(rig), await formerClient(rig, { who: colleague(rig) })];
    const third = await formerClient(rig);
    const count = async (who: typeof one) => words(await who.callTool({ name: "counter__count", arguments: {} }));
    expect([await count(one), await count(one), await count(other), await count(third)]).toEqual(["1", "2", "1", "1"]);
  });

  it("one that dies at the beginning is an error that tells its last words, at once (supergateway #139)", async () => {
    const rig = await startMcpGateway();
    const script = 'console.error("no licence found"); process.exit(1)';
    const id = await rig.add({ name: "dies", transport: "stdio", command: [process.execPath, "-e", script] });
    const { status, body } = await rig.ask<{ error: { message: string } }>("GET", `/servers/${id}/offer`);
    expect(status).toBe(503);
    expect(body.error.message).toContain("no licence found");
  });

  it("one that dies in the middle is started anew for the next call (supergateway #141)", async () => {
    const rig = await startMcpGateway();
    await rig.add({ name: "counter", transport: "stdio", command: [process.execPath, "-e", `let n = 0; ${counter}`] });
    const one = await formerClient(rig);
    const call = (name: string) => one.callTool({ name: `counter__${name}`, arguments: {} });
    expect(words(await call("count"))).toBe("1");
    await expect(call("die")).rejects.toThrow();
    expect(words(await call("count"))).toBe("1");
  });

  it("one that prints what is no message is heard all the same, and a program that does not exist is said so (supergateway #177)", async () => {
    const rig = await startMcpGateway();
    const script = `console.log("Starting up, please wait"); let n = 0; ${counter}`;
    await rig.add({ name: "chatty", transport: "stdio", command: [process.execPath, "-e", script] });
    const one = await formerClient(rig);
    expect(words(await one.callTool({ name: "chatty__count", arguments: {} }))).toBe("1");
    const id = await rig.add({ name: "missing", transport: "stdio", command: ["/nowhere/at-all"] });
    const { status, body } = await rig.ask<{ error: { message: string } }>("GET", `/servers/${id}/offer`);
    expect(status).toBe(503);
    expect(body.error.message).toContain("/nowhere/at-all");
  });

  it("they see nothing of the host's environment but what they are given, with secrets read by name (docker mcp-gateway #197, #119, #424)", async () => {
    const rig = await startMcpGateway();
    process.env.DEVFLOW_TEST_LEAK = "leaked";
    onTestFinished(() => void delete process.env.DEVFLOW_TEST_LEAK);
    const script = `let n = 0; const env = JSON.stringify(process.env); ${counter}`;
    await rig.add({
      ...{ name: "curious", transport: "stdio", command: [process.execPath, "-e", script] },
      environment: { API_KEY: { secret: "their-key" }, MODE: { value: "test" } },
    });
    const one = await formerClient(rig);
    const seen = JSON.parse(words(await one.callTool({ name: "curious__env", arguments: {} })));
    expect(seen).toMatchObject({ API_KEY: "value-of-their-key", MODE: "test" });
    expect(seen).not.toHaveProperty("DEVFLOW_TEST_LEAK");
  });
});

/** A server of a few lines, without any SDK. */
const counter = `
  const tools = ["count", "die", "env"].map((name) => ({ name, inputSchema: { type: "object" } }));
  require("readline").createInterface({ input: process.stdin }).on("line", (line) => {
    const { id, method, params } = JSON.parse(line);
    if (id === undefined) return;
    const send = (more) => console.log(JSON.stringify({ jsonrpc: "2.0", id, ...more }));
    if (method === "initialize") return send({ result: { protocolVersion: params.protocolVersion, capabilities: { tools: {} }, serverInfo: { name: "counter", version: "1" } } });
    if (method === "tools/list") return send({ result: { tools } });
    if (method !== "tools/call") return send({ error: { code: -32601, message: "no " + method } });
    if (params.name === "die") process.exit(9);
    send({ result: { content: [{ type: "text", text: params.name === "env" ? env : String(++n) }] } });
  });`;

function alive(mark: string): number {
  const all = execFileSync("ps", ["-eo", "args"], { encoding: "utf8" });
  return all.split("\n").filter((line) => line.includes(mark) && !/^(ps|bwrap) /.test(line)).length;
}
