import { spawnSync } from "node:child_process";
import { createServer } from "node:http";
import { fileURLToPath } from "node:url";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { buildApp, type Verifier } from "../../../glue-services/kit/index.ts";
import { cloneDatabase, people, person } from "../build.ts";
import { notes } from "../notes/notes.ts";

describe("traces", () => {
  test("a request, the event it wrote and the job it added are spans of one trace at the collector", async () => {
    const bodies: Buffer[] = [];
    const collector = createServer((request, response) => {
      const parts: Buffer[] = [];
      request.on("data", (part) => parts.push(part));
      request.on("end", () => {
        if (request.url === "/v1/traces") bodies.push(Buffer.concat(parts));
        response.end();
      });
    });
    await new Promise<void>((resolve) => collector.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => void collector.close());
    const { port } = collector.address() as { port: number };
    vi.stubEnv("OTEL_EXPORTER_OTLP_ENDPOINT", `http://127.0.0.1:${port}`);
    vi.stubEnv("OTEL_BSP_SCHEDULE_DELAY", "100");
    onTestFinished(() => void vi.unstubAllEnvs());

    const { url } = await cloneDatabase();
    const verify: Verifier = async ({ headers }) => people.get(headers.authorization ?? "");
    const app = await buildApp({ version: "1", logLevel: "silent", services: [notes], database: { url }, verify });
    onTestFinished(() => app.close());
    const trace = "0af7651916cd43dd8448eb211c80319c";
    const headers = { ...person().headers, traceparent: `00-${trace}-b7ad6b7169203331-01` };
    await app.inject({ method: "POST", url: "/api/notes", headers, payload: { text: "print me" } });

    // Protobuf keeps names as text and trace ids as bytes: each span of ours has its own copy of the id.
    const sent = () => Buffer.concat(bodies);
    const count = (needle: Buffer) => sent().toString("latin1").split(needle.toString("latin1")).length - 1;
    await expect.poll(() => count(Buffer.from(trace, "hex"))).toBeGreaterThanOrEqual(3);
    for (const name of ["POST /api/notes", "take notes.written", "job notes.print"])
      expect(count(Buffer.from(name))).toBeGreaterThan(0);
  });

  test("without an endpoint nothing of the tracing SDK is loaded", () => {
    const kit = fileURLToPath(new URL("../../../glue-services/kit/index.ts", import.meta.url));
    const program = `
      const { buildApp } = await import(${JSON.stringify(kit)});
      const app = await buildApp({ version: "1", logLevel: "silent" });
      await app.inject("/healthz");
      await app.close();
      const { createRequire } = await import("node:module");
      const loaded = Object.keys(createRequire(${JSON.stringify(kit)}).cache);
      console.log(loaded.some((file) => file.includes("fastify")), loaded.some((file) => file.includes("@opentelemetry/sdk")));`;
    const { OTEL_EXPORTER_OTLP_ENDPOINT: _endpoint, ...env } = process.env;
    const run = spawnSync(process.execPath, ["--input-type=module", "-e", program], {
      env,
      encoding: "utf8",
      timeout: 30_000,
    });
    expect(run.stdout.trim()).toBe("true false");
  });
});
