import { expect, test } from "vitest";
import { firstAdministrator, invited } from "../identity/platform.ts";
import { everyService } from "../isolation/every-service.ts";

test("the overview's feed names what waits in every service, what changed by whom, and which first steps are done", async () => {
  const on = await everyService();
  const ada = await firstAdministrator(on);
  const feed = async () => (await ada.send("GET", "/api/platform/feed")).json();
  const waiting = async () => (await feed()).needs.map(({ what }: { what: string }) => what);
  const steps = async () =>
    Object.fromEntries((await feed()).steps.map(({ step, done }: { step: string; done: boolean }) => [step, done]));

  expect(await waiting()).toEqual(["You own this organisation and sign in with a password alone"]);
  const none = { "connect-model": false, "ask-model": false, knowledge: false, editor: false };
  expect(await steps()).toEqual({ ...none, invite: false, "second-factor": false });

  await ada.send("PUT", "/api/ai/providers", { name: "acme", kind: "openai", key: "ACME_KEY" });
  expect(await waiting()).toContain("The provider acme has no key");
  await ada.send("PUT", "/api/secrets/ACME_KEY?tier=organisation", { value: "planted" });
  expect(await waiting()).not.toContain("The provider acme has no key");
  const { organisation, person } = (await ada.send("GET", "/api/identity/me")).json();
  const called = (status: string, code: number) =>
    on.owner.query(
      `insert into ai_gateway.usage (id, organisation_id, at, request, person, surface, asked, provider, model, status, code, ms)
       values (uuidv7(), $1, clock_timestamp(), uuidv7(), $2, 'chat', 'm', 'acme', 'm', $3, $4, 5)`,
      [organisation, person, status, code],
    );
  await called("failed", 503);
  expect(await waiting()).toContain("The provider acme does not answer");
  expect(await steps()).toMatchObject({ "connect-model": false, "ask-model": false });
  await called("ok", 200);
  expect(await waiting()).not.toContain("The provider acme does not answer");

  const budget = (
    await ada.send("PUT", "/api/ai/budgets", { level: "organisation", unit: "requests", amount: 10, period: "day" })
  ).json();
  const spend = (spent: number) =>
    on.owner.query(
      `insert into ai_gateway.counter (budget_id, organisation_id, period_start, spent)
       values ($1, $2, date_trunc('day', now() at time zone 'utc') at time zone 'utc', $3)
       on conflict (budget_id, period_start) do update set spent = excluded.spent`,
      [budget.id, organisation, spent],
    );
  await spend(7);
  expect((await waiting()).filter((what: string) => what.includes("budget"))).toEqual([]);
  await spend(9);
  expect(await waiting()).toContain("90 % of the budget of requests a day of the organisation is used");

  await on.owner.query(
    `insert into mcp_gateway.approval (organisation_id, server, tool, digest, asked_by)
     values ($1, 'tickets', 'delete_ticket', '\\x00', 'an agent')`,
    [organisation],
  );
  expect(await waiting()).toContain("A call of delete_ticket on tickets waits for your approval");

  const source = (await ada.send("POST", "/api/knowledge/sources", { kind: "files", name: "Manuals" })).json();
  await on.owner.query(
    `insert into knowledge.run (organisation_id, source_id, state, note, ended_at)
     values ($1, $2, 'failed', 'The site refuses.', now())`,
    [organisation, source.id],
  );
  const told = await feed();
  expect(told.needs).toContainEqual(
    expect.objectContaining({
      what: "The source Manuals could not be read",
      why: "The site refuses.",
      state: "failed",
    }),
  );
  expect(told.needs.map(({ state }: { state: string }) => state)).toEqual(["failed", "degraded", "waiting", "waiting"]);

  const vera = await invited(on, ada, "vera@example.com", ["viewer"]);
  expect(await steps()).toEqual({
    ...{ "connect-model": true, "ask-model": true, knowledge: true, editor: false },
    ...{ invite: true, "second-factor": false },
  });
  const used = (caller: string) =>
    on.owner.query(
      `insert into mcp_gateway.call (organisation_id, caller, server, method, outcome, ms)
       values ($1, $2, 'tickets', 'tools/call', 'done', 1)`,
      [organisation, caller],
    );
  await used(`${organisation} person ${person} in the dashboard`);
  expect((await steps()).editor).toBe(false);
  await used(`${organisation} person ${person} with editor`);
  expect((await steps()).editor).toBe(true);

  // Who puts the steps away does so for themselves, on every device.
  expect((await ada.send("DELETE", "/api/platform/feed/steps")).statusCode).toBe(204);
  expect((await feed()).steps).toEqual([]);
  expect((await vera.send("GET", "/api/platform/feed")).json().steps).not.toEqual([]);
  const changes = (await feed()).changes.map(
    ({ who, action, target }: Record<string, string>) => `${who} ${action} ${target}`,
  );
  expect(changes.slice(0, 2)).toEqual([
    expect.stringMatching(/person\.joined/),
    expect.stringMatching(/^Ada person\.invited/),
  ]);
  expect(changes).toContain("Ada source.added Manuals");
  expect(told.silent).toEqual([]);

  // Whoever may decide about none of it has none of it to do, and sees nobody's changes.
  const seen = (await vera.send("GET", "/api/platform/feed")).json();
  expect([seen.needs.length, seen.changes]).toEqual([1, []]);
  expect(JSON.stringify(seen)).not.toContain("acme");
});
