import { spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test } from "vitest";
import { question, startGateway } from "../ai-gateway/gateway.ts";
import { says, startUpstream } from "../ai-gateway/upstream.ts";
import { freePort } from "../postgres-server.ts";
import { configuration } from "./configuration.ts";

const entry = fileURLToPath(new URL("../../../glue-services/host/server.ts", import.meta.url));

test("M14: a host that goes in a rollout takes no usage with it, of calls that ended nor of those that are just ending", async () => {
  const upstream = await startUpstream(says("hi"));
  // What stays: the other pod, by whose interface the key is made.
  const rig = await startGateway();
  const key = await rig.key();
  const folder = await mkdtemp(join(tmpdir(), "devflow-rollout-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const [masterKey, secrets] = [join(folder, "master.key"), join(folder, "platform.env")];
  await writeFile(masterKey, `${Buffer.alloc(32, 7).toString("base64url")}\n`, { mode: 0o600 });
  await writeFile(secrets, "MOCK_KEY=planted-key\n", { mode: 0o600 });
  const port = await freePort();
  const child = spawn(process.execPath, [entry], {
    env: {
      PATH: process.env.PATH ?? "",
      ...{ PORT: String(port), DATABASE_URL: rig.database, SERVICES: "secrets,ai-gateway" },
      SERVICES_CONFIG: await configuration({
        // As in a pod, whose folder goes with it.
        resources: { dataFolder: folder, masterKeys: masterKey, platformSecrets: { file: secrets } },
        settings: {
          models: {
            providers: [{ name: "mock", kind: "openai-compatible", baseUrl: upstream.url, key: "env:MOCK_KEY" }],
          },
        },
      }),
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (part) => (output += part));
  const exit = new Promise<number | null>((resolve) => child.once("exit", resolve));
  const url = `http://127.0.0.1:${port}`;
  await expect.poll(async () => (await fetch(`${url}/readyz`).catch(() => undefined))?.status).toBe(200);

  const call = async () => {
    const answer = await fetch(`${url}/v1/chat/completions`, {
      method: "POST",
      headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
      body: JSON.stringify({ model: "mock/m", messages: question }),
    });
    return [answer.status, (await answer.text()).slice(0, 200)] as const;
  };
  const first = await call();
  expect(first[0], `${first[1]} ${output}`).toBe(200);
  const { promise: asked, resolve: answer } = Promise.withResolvers<void>();
  const held = says("held");
  upstream.next(async (got, response) => {
    await asked;
    await held(got, response);
  });
  const ending = call();
  await expect.poll(() => upstream.open).toBe(1);
  const ended = await Promise.all(Array.from({ length: 40 }, call));
  expect(ended.map(([status]) => status)).toEqual(Array(40).fill(200));
  // Right after the last answer: what it costs is in memory still.
  child.kill("SIGTERM");
  answer();
  expect((await ending)[0]).toBe(200);
  expect(await exit, output).toBe(0);

  await rm(join(folder, "usage"), { recursive: true, force: true });
  const { rows } = await rig.owner.query("select count(*)::int as calls from ai_gateway.usage");
  expect(rows).toEqual([{ calls: 42 }]);
});
