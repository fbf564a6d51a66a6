import pg from "pg";
import { expect, onTestFinished, test } from "vitest";
import { timeId } from "../../../glue-services/ai-gateway/usage/usage.ts";
import { startGateway } from "./gateway.ts";

test("metering and a lease that meet at one budget wait for each other, and neither is given up in a deadlock", async () => {
  const rig = await startGateway();
  const { organisation } = rig.admin.identity;
  const budget = { level: "organisation", unit: "requests", amount: 100, period: "ever" };
  const { id } = await rig.ask<{ id: string }>("PUT", "/budgets", budget);
  const holder = timeId();
  const leasing = new pg.Client({ connectionString: rig.database });
  await leasing.connect();
  onTestFinished(() => leasing.end());
  const lease = async () => {
    const text = "select granted from ai_gateway.take_lease($1, to_timestamp(0), $2, 5, 5)";
    return (await leasing.query<{ granted: string }>(text, [id, holder])).rows[0]?.granted;
  };
  expect(await lease()).toBe("5");
  const what = { surface: "chat", asked: "a", provider: "p", model: "m", status: "ok", code: 200, streamed: false };
  const counts = { input: 1, cached: 0, output: 1, cost: 0, ms: 1, estimated: false };
  const charge = { budgets: `${id} 0 ${holder} requests`, money: 0, tokens: 2, requests: 3 };
  const row = {
    id: timeId(),
    organisation,
    at: new Date().toISOString(),
    request: timeId(),
    ...what,
    ...counts,
    ...charge,
  };
  // In the middle of taking a lease: the counter is locked, the lease not yet written.
  await leasing.query("begin");
  await leasing.query("select from ai_gateway.counter where budget_id = $1 for update", [id]);
  const metered = rig.owner.query("select ai_gateway.meter($1::json)", [JSON.stringify([row])]);
  const waits =
    "select from pg_stat_activity where wait_event_type = 'Lock' and query like '%meter%' and pid <> pg_backend_pid()";
  await expect.poll(async () => (await rig.owner.query(waits)).rowCount).toBe(1);
  expect(await lease()).toBe("5");
  await leasing.query("commit");
  await metered;
  const { rows } = await rig.owner.query(
    "select (select spent from ai_gateway.counter where budget_id = $1) as spent, amount from ai_gateway.lease where budget_id = $1",
    [id],
  );
  expect(rows).toEqual([{ spent: "3", amount: "7" }]);
});
