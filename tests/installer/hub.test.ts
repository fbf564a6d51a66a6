import { expect, test } from "vitest";
import { provider, question, startGateway } from "../glue-services/ai-gateway/gateway.ts";
import { cutsAfter, deltas, says, startUpstream } from "../glue-services/ai-gateway/upstream.ts";
import { commandLine } from "./command-line.ts";

/** A gateway where the command line looks for the platform, and the command line. */
async function start() {
  const upstream = await startUpstream(says("Hello from the mock."));
  const rig = await startGateway({ providers: [provider(upstream.url)] });
  const { devflow } = await commandLine(rig.url, rig.admin.headers.authorization.slice(7));
  return { upstream, rig, devflow: (args: string[], input = "") => devflow(["hub", ...args], { input }) };
}

const withKey = ["--key-file", "key"];

test("a key made by the command line calls models until it is revoked, and is never listed", async () => {
  const { rig, devflow } = await start();
  const made = await devflow(["keys", "create", "ci", "--model", "mock/*", "--expires", "2099-01-31", ...withKey]);
  expect([made.code, made.stderr]).toEqual([0, expect.stringMatching(/this once.*base URL http:\/\/\S+\/v1\./)]);
  const key = made.stdout.trim();
  const chat = () => rig.post(key, "/chat/completions", { model: "mock/m", messages: question });
  expect((await chat()).status).toBe(200);
  const listed = await devflow(["keys", "list", ...withKey]);
  expect(listed.stdout).toMatch(/ci\s+dfv_\S+…\s+valid\s+mock\/\*\s+\S+\s+2099-01-31/);
  expect(listed.stdout).not.toContain(key);
  expect((await devflow(["keys", "revoke", "nothing", ...withKey])).code).toBe(11);
  const revoked = await devflow(["keys", "revoke", key.slice(0, 10), ...withKey]);
  expect([revoked.code, revoked.stderr]).toEqual([0, expect.stringContaining("refused from now on")]);
  await expect.poll(async () => (await chat()).status).toBe(401);
});

test("chat prints the answer as it comes, takes its question from standard input, and gives data with --json", async () => {
  const { upstream, devflow } = await start();
  const spoken = await devflow(["chat", "-m", "mock/m", "Say", "hello.", ...withKey]);
  expect([spoken.code, spoken.stdout]).toEqual([0, "Hello from the mock.\n"]);
  const piped = await devflow(["chat", "-m", "mock/m", "--system", "Be kind.", "--json", ...withKey], "From a pipe");
  expect(JSON.parse(piped.stdout)).toEqual({
    model: "mock/m",
    text: "Hello from the mock.",
    usage: expect.objectContaining({ prompt_tokens: 10, completion_tokens: 5 }),
  });
  expect(upstream.got.at(-1)?.body.messages).toEqual([
    { role: "system", content: "Be kind." },
    { role: "user", content: "From a pipe" },
  ]);
  upstream.does(cutsAfter(...deltas("half an")));
  const cut = await devflow(["chat", "-m", "mock/m", "x", ...withKey]);
  expect([cut.code, cut.stderr]).toEqual([8, expect.stringContaining("stopped in the middle")]);
});

test("chat without a model asks the first that a provider lists where there is no route smart, and says so", async () => {
  const upstream = await startUpstream((got, response) => {
    if (!got.path.endsWith("/models")) return says("Hello from small.")(got, response);
    response.writeHead(200, { "content-type": "application/json" });
    response.end(JSON.stringify({ data: [{ id: "small" }] }));
  });
  const rig = await startGateway({
    providers: [{ name: "mock", kind: "openai-compatible", baseUrl: upstream.url }],
  });
  const { devflow } = await commandLine(rig.url, rig.admin.headers.authorization.slice(7));
  const { code, stdout, stderr } = await devflow(["hub", "chat", "Say hello.", ...withKey]);
  expect([code, stdout]).toEqual([0, "Hello from small.\n"]);
  expect(stderr).toContain("asking mock/small");
});

test("usage and models are tables for people and data for programs, and all of it needs a key", async () => {
  const { rig, devflow } = await start();
  const key = await rig.key();
  await rig.post(key, "/chat/completions", { model: "mock/m", messages: question });
  await rig.usage(1);
  const usage = await devflow(["usage", "--by", "model", ...withKey]);
  expect(usage.stdout).toMatch(/MODEL\s+REQUESTS\s+TOKENS IN\s+OUT\s+COST\nmock\/m\s+1\s+10\s+5\s+\$0\n/);
  expect(JSON.parse((await devflow(["usage", "--json", ...withKey])).stdout)).toMatchObject([{ requests: 1 }]);
  const models = await devflow(["models", ...withKey]);
  expect(models.stdout).toMatch(/^embed\s+route/m);
  const { code, stderr } = await devflow(["usage"]);
  // Without a key the stack's own database makes one, which is not there.
  expect([code, stderr]).toEqual([10, expect.stringContaining("`./devflow up` starts it")]);
});
