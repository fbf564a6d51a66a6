import { expect, it, onTestFinished } from "vitest";
import { person } from "../build.ts";
import { serveReference } from "./reference/server.ts";
import { startMcpGateway } from "./rig.ts";

it("tools named with U+0000 or half a surrogate pair do not end the log of what another organisation's agents do", async () => {
  const [rig, reference] = await Promise.all([startMcpGateway(), serveReference()]);
  onTestFinished(() => reference.close());
  await rig.add({ name: "reference", transport: "http", url: reference.url });
  const hostile = person();
  const call = (headers: object, name: string) =>
    rig.app.inject({
      method: "POST",
      url: "/mcp",
      headers: {
        ...headers,
        host: "localhost",
        "content-type": "application/json",
        accept: "application/json, text/event-stream",
      },
      payload: JSON.stringify({ jsonrpc: "2.0", id: 1, method: "tools/call", params: { name, arguments: {} } }),
    });
  const count = async () => {
    const text = "select count(*)::int as count from mcp_gateway.call where organisation_id = $1";
    const { rows } = await rig.owner.query(text, [rig.admin.identity.organisation]);
    return rows[0]?.count;
  };
  for (const name of ["x\u0000", "\ud800", "\udc00\u0000", "x".repeat(100_000)]) await call(hostile.headers, name);
  for (let i = 0; i < 5; i++) await call(rig.admin.headers, "reference_no_such_tool");
  await expect.poll(count).toBe(5);
});
