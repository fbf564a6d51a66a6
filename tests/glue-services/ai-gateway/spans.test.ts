import { createServer } from "node:http";
import { expect, onTestFinished, test, vi } from "vitest";
import { provider, question, startGateway } from "./gateway.ts";
import { cutsAfter, deltas, startUpstream } from "./upstream.ts";

test("each attempt at a provider is a span with OpenTelemetry's names for models, and no text of anybody in it", async () => {
  const bodies: Buffer[] = [];
  const collector = createServer((request, response) => {
    request.on("data", (part: Buffer) => bodies.push(part));
    request.on("end", () => response.end());
  });
  await new Promise<void>((resolve) => collector.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void collector.close());
  const { port } = collector.address() as { port: number };
  vi.stubEnv("OTEL_EXPORTER_OTLP_ENDPOINT", `http://127.0.0.1:${port}`);
  vi.stubEnv("OTEL_BSP_SCHEDULE_DELAY", "100");
  onTestFinished(() => void vi.unstubAllEnvs());
  const upstream = await startUpstream();
  const rig = await startGateway({ providers: [provider(upstream.url)] });
  const key = await rig.key();
  const messages = [{ role: "user", content: "planted-question" }];
  await rig.post(key, "/chat/completions", { model: "mock/small", messages, max_tokens: 77 });
  upstream.does(cutsAfter(...deltas("half an answer")));
  await rig.post(key, "/chat/completions", { model: "mock/small", messages: question, stream: true });
  const sent = () => Buffer.concat(bodies).toString("latin1");
  await expect.poll(sent).toContain("error.type");
  for (const word of [
    "chat small",
    "gen_ai.operation.name",
    "gen_ai.provider.name",
    "gen_ai.request.model",
    "gen_ai.request.max_tokens",
    "gen_ai.usage.input_tokens",
    "gen_ai.usage.output_tokens",
    "server.address",
  ]) {
    expect(sent(), word).toContain(word);
  }
  expect(sent()).not.toMatch(/planted-question|Hello from the mock|value-of-MOCK_KEY|dfv_/);
});
