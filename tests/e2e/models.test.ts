import { writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { makeKey } from "./key.ts";
import { type TestStack, testStack } from "./stack.ts";

/** The way from `models.providers` in the answers file to a provider, and local embeddings without one. */
describe("models of a running stack", () => {
  let stack: TestStack;
  let provider: Server;
  let keyFile: string;
  const seen: (string | undefined)[] = [];

  beforeAll(async () => {
    provider = createServer((request, response) => {
      seen.push(request.headers.authorization);
      response.setHeader("content-type", "text/event-stream");
      const chunk = (delta: object, finish: string | null) =>
        `data: ${JSON.stringify({ choices: [{ index: 0, delta, finish_reason: finish }] })}\n\n`;
      response.end(`${chunk({ content: "Hello." }, null)}${chunk({}, "stop")}data: [DONE]\n\n`);
    });
    await new Promise<void>((resolve) => provider.listen(0, "127.0.0.1", resolve));
    const url = `http://127.0.0.1:${(provider.address() as AddressInfo).port}/v1`;
    stack = await testStack(
      `components: { embeddings: true }\nmodels:\n  providers:\n    - { name: own, kind: openai-compatible, baseUrl: "${url}", key: "env:OWN_KEY" }\n`,
    );
    const up = await stack.devflow("up", "--yes", "--wait");
    expect(up.code, up.stderr).toBe(0);
    keyFile = (await makeKey(stack, ["ai:read", "ai:manage", "ai:run"])).file;
  });
  afterAll(async () => {
    await stack.remove();
    provider.close();
  });

  test("a provider of the answers file without its key says what to do, and doctor too", async () => {
    const { code, stderr } = await stack.devflow("hub", "chat", "-m", "own/small", "hi", "--key-file", keyFile);
    expect([code, stderr]).toEqual([8, expect.stringContaining("Key missing for own")]);
    expect((await stack.devflow("doctor")).stdout).toContain("devflow secrets set OWN_KEY");
  });

  test("with its key it answers, and the key is read when it is needed", async () => {
    const file = join(stack.answers, "..", "own-key");
    await writeFile(file, "planted-own-key", { mode: 0o600 });
    expect((await stack.devflow("secrets", "set", "OWN_KEY", "--file", file)).code).toBe(0);
    const { code, stdout, stderr } = await stack.devflow("hub", "chat", "-m", "own/small", "hi", "--key-file", keyFile);
    expect([code, stdout], stderr).toEqual([0, "Hello.\n"]);
    expect(seen).toEqual(["Bearer planted-own-key"]);
  });

  test("embeddings are made on this machine, with artifacts that joined by themselves", async () => {
    const made = await stack.devflow("hub", "keys", "create", "e2e", "--key-file", keyFile);
    const answer = await fetch(`http://127.0.0.1:${stack.port + 1}/v1/embeddings`, {
      method: "POST",
      headers: { authorization: `Bearer ${made.stdout.trim()}`, "content-type": "application/json" },
      body: JSON.stringify({ model: "embed", input: "Where is the key?" }),
    });
    const { data, model } = (await answer.json()) as { data: { embedding: number[] }[]; model: string };
    expect([answer.status, model, data[0]?.embedding.length]).toEqual([200, "local/multilingual-e5-small", 384]);
    const status = JSON.parse((await stack.devflow("status", "--json")).stdout);
    expect(status.components).toContainEqual(expect.objectContaining({ name: "embeddings", state: "ready" }));
  });
});
