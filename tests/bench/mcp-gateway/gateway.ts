/** The gateway as the platform runs it, in a process of its own: on the kit, with a key, a rule, and the log of calls. */
import { randomUUID } from "node:crypto";
import { buildApp, type Identity } from "../../../glue-services/kit/index.ts";
import { mcpGateway } from "../../../glue-services/mcp-gateway/app.ts";

const identity: Identity = {
  person: randomUUID(),
  organisation: randomUUID(),
  roles: ["platform-administrator"],
  scopes: ["*"],
  via: "key",
  credential: "bench",
};
const app = await buildApp({
  version: "0.0.0-bench",
  logLevel: "info",
  services: [mcpGateway({ publicUrl: "http://localhost", programs: true, limits: { caller: 1e6, organisation: 1e6 } })],
  verify: async ({ headers }) => (headers.authorization === "Bearer bench" ? identity : undefined),
  database: { url: process.env.DATABASE_URL },
});
const put = (path: string, payload: object) =>
  app.inject({ method: "PUT", url: `/api/mcp${path}`, headers: { authorization: "Bearer bench" }, payload });
await put("/servers", { name: "over-http", transport: "http", url: process.env.REFERENCE });
await put("/servers", { name: "program", transport: "stdio", command: JSON.parse(process.env.PROGRAM ?? "[]") });
await put("/rules", { tool: "never_*", effect: "deny" });
console.log(`ready ${await app.listen({ host: "127.0.0.1", port: 0 })}`);
process.once("SIGTERM", () => void app.close().then(() => process.exit()));
