import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { aiGatewayOf } from "../../../glue-services/ai-gateway/contract.ts";
import { readEnvironment } from "../../../glue-services/host/environment.ts";
import { buildHost } from "../../../glue-services/host/host.ts";
import { question } from "../ai-gateway/gateway.ts";
import { says, startUpstream } from "../ai-gateway/upstream.ts";
import { cloneDatabase, person } from "../build.ts";
import { configuration } from "./configuration.ts";

test("providers of the configuration reach the gateway, and their keys are read when they are used", async () => {
  const upstream = await startUpstream(says("hi"));
  const { url } = await cloneDatabase();
  const folder = await mkdtemp(join(tmpdir(), "devflow-host-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const [masterKey, secrets] = [join(folder, "master.key"), join(folder, "platform.env")];
  await writeFile(masterKey, `${Buffer.alloc(32, 7).toString("base64url")}\n`, { mode: 0o600 });
  const providers = [{ name: "mock", kind: "openai-compatible", baseUrl: upstream.url, key: "env:MOCK_KEY" }];
  const app = await buildHost(
    readEnvironment({
      DATABASE_URL: url,
      LOG_LEVEL: "silent",
      SERVICES: "secrets,ai-gateway",
      SERVICES_CONFIG: await configuration({
        resources: { dataFolder: folder, masterKeys: masterKey, platformSecrets: { file: secrets } },
        settings: { models: { providers } },
      }),
    }),
  );
  onTestFinished(() => app.close());
  await app.ready();
  const { organisation } = person().identity;
  const ask = () =>
    aiGatewayOf(app).call({ organisation, service: "test" }, "/v1/chat/completions", {
      model: "mock/m",
      messages: question,
    });
  expect((await ask()).status).toBe(503);
  await writeFile(secrets, "MOCK_KEY=planted-key\n", { mode: 0o600 });
  expect((await ask()).status).toBe(200);
  expect(upstream.got[0]?.headers.authorization).toBe("Bearer planted-key");
});

test("a host with providers that are not valid does not start without them", async () => {
  const env = readEnvironment({
    DATABASE_URL: "postgres://nobody@127.0.0.1:1/none",
    SERVICES: "ai-gateway",
    SERVICES_CONFIG: await configuration({ settings: { models: { providers: [{ name: "X" }] } } }),
  });
  await expect(buildHost(env)).rejects.toThrow("settings/models/providers/0");
});
