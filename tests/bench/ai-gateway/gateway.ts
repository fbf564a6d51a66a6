/** The gateway as the platform runs it: on the kit, with a virtual key, three budgets that hold, prices and metering. */
import { randomUUID } from "node:crypto";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { aiGateway } from "../../../glue-services/ai-gateway/app.ts";
import { buildApp, type Identity } from "../../../glue-services/kit/index.ts";

const identity: Identity = {
  person: randomUUID(),
  organisation: randomUUID(),
  roles: [],
  scopes: ["*"],
  via: "key",
  credential: "bench",
};
const app = await buildApp({
  version: "0.0.0-bench",
  logLevel: "info",
  services: [
    aiGateway({
      providers: [
        { name: "mock", kind: "openai-compatible", baseUrl: `${process.env.MOCK}/v1`, key: "KEY", free: false },
      ],
      readKey: async () => "provider",
      spool: process.env.SPOOL ?? (await mkdtemp(join(tmpdir(), "devflow-bench-spool-"))),
    }),
  ],
  verify: async ({ headers }) => (headers.authorization === "Bearer admin" ? identity : undefined),
  database: { url: process.env.DATABASE_URL },
});
const ask = async (method: "PUT" | "POST", path: string, payload: object) =>
  (await app.inject({ method, url: `/api/ai${path}`, headers: { authorization: "Bearer admin" }, payload })).body;
await ask("PUT", "/prices", { model: "mock/small", input: 1, output: 2 });
await ask("PUT", "/budgets", { level: "organisation", unit: "money", amount: 1_000_000, period: "month" });
await ask("PUT", "/budgets", { level: "organisation", unit: "tokens", amount: 1e14, period: "day" });
const made = JSON.parse(await ask("POST", "/keys", { name: "bench" })) as { id: string; key: string };
await ask("PUT", "/budgets", { level: "key", subject: made.id, unit: "requests", amount: 1e12, period: "minute" });
console.log(`ready ${await app.listen({ host: "127.0.0.1", port: 0 })} ${made.key}`);
