import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { envFileStore } from "../../installer/secrets/env-file.ts";
import { makeKey } from "./key.ts";
import { eventually, type TestStack, testStack } from "./stack.ts";

const run = promisify(execFile);

/** What a running stack reads: pushes by Gitea's webhook, and sites of private networks that its answers file allows. */
describe("the knowledge base of a running stack", () => {
  let stack: TestStack;
  let site: Server;
  let key: string;
  let password: string;

  beforeAll(async () => {
    site = createServer((_request, response) => {
      response.setHeader("content-type", "text/html");
      response.end("<title>Wiki</title><main><p>The quokka smiles.</p></main>");
    });
    await new Promise<void>((resolve) => site.listen(0, "127.0.0.1", resolve));
    const { port } = site.address() as AddressInfo;
    stack = await testStack(`components: { code: true }\nknowledge: { allow: ["127.0.0.1:${port}"] }\n`);
    const up = await stack.devflow("up", "--yes", "--wait");
    expect(up.code, up.stderr).toBe(0);
    key = (await makeKey(stack, ["knowledge:read", "knowledge:write", "mcp:use", "code:read"])).key;
    password = (await envFileStore(stack.paths.secrets).get("code/administrator")) ?? "";
  }, 600_000);
  afterAll(async () => {
    await stack.remove();
    site.close();
  });

  test("reads of private networks what the answers file allows, and nothing else", async () => {
    const add = (port: number) => knowledge("POST", "/sources", { kind: "site", address: `http://127.0.0.1:${port}/` });
    await add((site.address() as AddressInfo).port);
    await eventually(async () => expect(await found("quokka")).toBe(1));
    const { body } = await add(stack.port + 2);
    await eventually(async () =>
      expect((await knowledge("GET", `/sources/${body.id}`)).body.run).toMatchObject({
        state: "failed",
        note: expect.stringContaining("knowledge.allow"),
      }),
    );
  });

  test("reads a push within seconds, without anybody asking", async () => {
    const made = await gitea("POST", "/user/repos", { name: "handbook", default_branch: "main" });
    expect(made.status).toBe(201);
    await push("guide.md", "# Guide\n\nThe marmot sleeps in winter.\n");
    const added = await knowledge("POST", "/sources", { kind: "git", address: "devflow/handbook" });
    expect([added.status, added.body.refreshHours]).toEqual([201, 6]);
    await eventually(async () => expect(await found("marmot")).toBe(1));
    await push("more.md", "# More\n\nThe wombat digs at night.\n");
    await eventually(async () => expect(await found("wombat")).toBe(1), 30);
  }, 180_000);

  test("lets an agent find the repository by the platform's tools, and not write without being somebody", async () => {
    const tools = async (method: string, params: object) => {
      const answer = await fetch(`http://127.0.0.1:${stack.port + 1}/mcp`, {
        method: "POST",
        headers: {
          ...{ authorization: `Bearer ${key}`, "content-type": "application/json" },
          accept: "application/json, text/event-stream",
        },
        body: JSON.stringify({ jsonrpc: "2.0", id: 1, method, params }),
      });
      return answer.text();
    };
    expect(await tools("tools/list", {})).toMatch(/find_repositories(?!.*manage_issue)/s);
    const read = { name: "read_repository", arguments: { repository: "devflow/handbook", path: "guide.md" } };
    expect(await tools("tools/call", read)).toContain("The marmot sleeps in winter.");
    const write = { name: "manage_issue", arguments: { action: "create", repository: "devflow/handbook", title: "x" } };
    expect(await tools("tools/call", write)).toMatch(/no tool manage_issue/);
  });

  async function push(name: string, text: string): Promise<void> {
    const folder = join(stack.answers, "..", "handbook");
    const address = `http://devflow:${password}@127.0.0.1:${stack.port + 3}/devflow/handbook.git`;
    const git = (...args: string[]) =>
      run("git", ["-c", "user.name=Test", "-c", "user.email=test@example.com", ...args], { cwd: folder });
    await run("git", ["clone", "-q", address, folder]).catch(() => git("pull", "-q"));
    await writeFile(join(folder, name), text);
    await git("add", "-A");
    await git("commit", "-qm", name);
    await git("push", "-q", address, "HEAD:main");
  }

  async function found(word: string): Promise<number> {
    return (await knowledge("GET", `/search?q=${word}&mode=words`)).body.hits.length;
  }

  const knowledge = (method: string, path: string, body?: object) =>
    ask(`http://127.0.0.1:${stack.port + 1}/api/knowledge${path}`, `Bearer ${key}`, method, body);
  const gitea = (method: string, path: string, body?: object) =>
    ask(
      `http://127.0.0.1:${stack.port + 3}/api/v1${path}`,
      `Basic ${Buffer.from(`devflow:${password}`).toString("base64")}`,
      method,
      body,
    );
});

async function ask(url: string, authorization: string, method: string, body?: object) {
  const answer = await fetch(url, {
    method,
    headers: { authorization, ...(body && { "content-type": "application/json" }) },
    ...(body && { body: JSON.stringify(body) }),
  });
  const text = await answer.text();
  return { status: answer.status, body: text === "" ? undefined : JSON.parse(text) };
}
