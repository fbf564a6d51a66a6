import { expect, it, onTestFinished } from "vitest";
import { buildApp } from "../../../glue-services/kit/index.ts";
import { mcpGateway } from "../../../glue-services/mcp-gateway/app.ts";
import { people, person } from "../build.ts";
import { startPostgres } from "../postgres-server.ts";
import { address, makeTemplate, template } from "../template.ts";

it("agents are told to try again while the database is away, and not that the gateway failed", async () => {
  const server = await startPostgres();
  onTestFinished(() => server.stop());
  await makeTemplate(server);
  const app = await buildApp({
    version: "0.0.0-test",
    logLevel: "silent",
    services: [mcpGateway({ publicUrl: "http://localhost:4400", programs: false, readSecret: async () => "" })],
    verify: async ({ headers }) => people.get(headers.authorization ?? ""),
    database: { url: address(server, template) },
  });
  onTestFinished(() => app.close());
  await app.ready();
  server.process.kill("SIGKILL");
  const { headers } = person();
  const answer = await app.inject({
    method: "POST",
    url: "/mcp",
    headers: { ...headers, host: "localhost", "content-type": "application/json", accept: "application/json" },
    payload: { jsonrpc: "2.0", id: 1, method: "tools/list" },
  });
  expect([answer.statusCode, answer.json().error.message]).toEqual([503, expect.stringContaining("Try again")]);
});
