import { spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test } from "vitest";
import { homePaths } from "../../components/provider/paths.ts";
import { provider, question, type Rig, startGateway } from "../glue-services/ai-gateway/gateway.ts";
import { cutsAfter, deltas, says, startUpstream } from "../glue-services/ai-gateway/upstream.ts";

const cli = fileURLToPath(new URL("../../installer/cli.ts", import.meta.url));

/** A gateway where the command line looks for the platform, and the command line. */
async function start() {
  const upstream = await startUpstream(says("Hello from the mock."));
  const rig = await startGateway({ providers: [provider(upstream.url)] });
  const folder = await mkdtemp(join(tmpdir(), "devflow-hub-cli-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  await writeFile(join(folder, "key"), `${rig.admin.headers.authorization.slice(7)}\n`);
  return { upstream, rig, devflow: (args: string[], input?: string) => devflow({ rig, folder }, args, input) };
}

async function devflow({ rig, folder }: { rig: Rig; folder: string }, args: string[], input = "") {
  const { DEVFLOW_API_KEY: _key, ...env } = process.env;
  // The platform is the second of a stack's block of ports.
  const port = Number(new URL(rig.url).port) - 1;
  const child = spawn(process.execPath, [cli, "hub", ...args, "--set", `network.port=${port}`], {
    cwd: folder,
    env: { ...env, DEVFLOW_HOME: join(folder, "home"), DEVFLOW_CACHE: homePaths().cache, CI: "1", NO_COLOR: "1" },
    stdio: ["pipe", "pipe", "pipe"],
  });
  child.stdin.on("error", () => {});
  child.stdin.end(input);
  const said = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const) {
    child[name].setEncoding("utf8").on("data", (more: string) => {
      said[name] += more;
    });
  }
  const code = await new Promise((resolve) => child.once("close", resolve));
  return { code, ...said };
}

const withKey = ["--key-file", "key"];

test("a key made by the command line calls models until it is revoked, and is never listed", async () => {
  const { rig, devflow } = await start();
  const made = await devflow(["keys", "create", "ci", "--model", "mock/*", "--expires", "2099-01-31", ...withKey]);
  expect([made.code, made.stderr]).toEqual([0, expect.stringContaining("this once")]);
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
  expect([code, stderr]).toEqual([2, expect.stringContaining("DEVFLOW_API_KEY")]);
});
