import { writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Filled, trials, wordsOf } from "../glue-services/dashboard/web/shown-commands.ts";
import { makeKey } from "./key.ts";
import { type TestStack, testStack } from "./stack.ts";

/** Commands that pages show, run as they are shown by the owner of a running stack. */
describe("commands that pages show", () => {
  let stack: TestStack;
  let provider: Server;
  let filled: Filled;
  let secretFile: string;

  beforeAll(async () => {
    provider = createServer((request, response) => {
      request.resume();
      response.setHeader("content-type", request.url?.endsWith("/models") ? "application/json" : "text/event-stream");
      if (request.url?.endsWith("/models")) return void response.end(JSON.stringify({ data: [{ id: "small" }] }));
      const chunk = (delta: object, finish: string | null) =>
        `data: ${JSON.stringify({ choices: [{ index: 0, delta, finish_reason: finish }] })}\n\n`;
      response.end(`${chunk({ content: "Hello." }, null)}${chunk({}, "stop")}data: [DONE]\n\n`);
    });
    await new Promise<void>((resolve) => provider.listen(0, "127.0.0.1", resolve));
    const url = `http://127.0.0.1:${(provider.address() as AddressInfo).port}/v1`;
    stack = await testStack(
      `models:\n  providers:\n    - { name: own, kind: openai-compatible, baseUrl: "${url}", key: "env:OWN_KEY" }\n`,
    );
    const up = await stack.devflow("up", "--yes", "--wait");
    expect(up.code, up.stderr).toBe(0);
    const owner = await makeKey(stack, ["*"]);
    secretFile = join(stack.answers, "..", "own-key");
    await writeFile(secretFile, "planted-own-key", { mode: 0o600 });
    expect((await stack.devflow("secrets", "set", "OWN_KEY", "--file", secretFile)).code).toBe(0);
    await ask("PUT", "/api/ai/routes/smart", { targets: [{ model: "own/small" }] });
    const made = await stack.devflow("hub", "keys", "create", "shown", "--key-file", owner.file);
    expect(made.code, made.stderr).toBe(0);
    filled = {
      ...{ process: "proxy", person: "test@example.com", secret: "OWN_KEY", setting: "network.port=4400" },
      key: made.stdout.trim().slice(0, 8),
    };

    async function ask(method: string, path: string, body: object): Promise<void> {
      const answer = await fetch(`http://127.0.0.1:${stack.port + 1}${path}`, {
        method,
        headers: { authorization: `Bearer ${owner.key}`, "content-type": "application/json" },
        body: JSON.stringify(body),
      });
      expect(answer.ok, await answer.text()).toBe(true);
    }
  });
  afterAll(async () => {
    await stack.remove();
    provider.close();
  });

  const safe = Object.entries(trials).flatMap(([command, trial]) => ("unsafe" in trial ? [] : [{ command, trial }]));

  // Those that change the answers come last: the ones before them are of the stack as it runs.
  test.each(
    safe.toSorted((a, b) => Number(a.command.startsWith("config set")) - Number(b.command.startsWith("config set"))),
  )("./devflow $command", async ({ command, trial }) => {
    const words = Object.entries(trial.fill?.(filled) ?? {}).reduce(
      (shown, [placeholder, value]) => shown.replace(placeholder, value),
      command,
    );
    const args = [...wordsOf(words), ...(trial.answers?.(secretFile) ?? [])];
    if (!trial.follows) {
      const { code, stderr, stdout } = await stack.devflow(...args);
      expect({ words, code }, `${stdout}${stderr}`).toEqual({ words, code: 0 });
      return;
    }
    const following = stack.start(...args);
    await following.shows(trial.follows);
    following.child.kill("SIGINT");
    await following.ended;
  });
});
