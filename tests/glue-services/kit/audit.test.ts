import { randomUUID } from "node:crypto";
import { expect, test } from "vitest";
import { migrate, readMigrations } from "../../../glue-services/kit/database/migrate.ts";
import { audit, type Database, type Tenant } from "../../../glue-services/kit/index.ts";
import { build } from "../build.ts";
import { firstAdministrator, invited } from "../identity/platform.ts";
import { everyService } from "../isolation/every-service.ts";
import { notes } from "../notes/notes.ts";

interface Entry {
  id: string;
  at: string;
  service: string;
  action: string;
  kind: string;
  person: { id: string; name: string } | null;
  by: string | null;
  target: string | null;
  ip: string | null;
  request: string | null;
}

test("changes in every service stand in one audit log with the names of who and what, found by time, person and words", async () => {
  const on = await everyService();
  const ada = await firstAdministrator(on);
  const { key } = (await ada.send("POST", "/api/identity/keys", { name: "deploy bot", scopes: ["*"] })).json();
  const entries = async (query = "") => {
    const answer = await ada.send("GET", `/api/platform/audit${query}`);
    expect(answer.statusCode).toBe(200);
    return answer.json() as Entry[];
  };
  const before = new Date().toISOString();

  await ada.send("PUT", "/api/secrets/OPENAI_API_KEY?tier=organisation", { value: "planted-secret" });
  await ada.send("PUT", "/api/ai/providers", { name: "acme", kind: "openai", key: "OPENAI_API_KEY" });
  await ada.send("PUT", "/api/ai/routes/quick", { targets: [{ model: "acme/m" }] });
  const made = await ada.send("POST", "/api/ai/keys", { name: "robots" });
  await ada.send("DELETE", `/api/ai/keys/${made.json().id}`);
  const budget = await ada.send("PUT", "/api/ai/budgets", {
    ...{ level: "organisation", unit: "requests", amount: 4, period: "day" },
  });
  await ada.send("DELETE", `/api/ai/budgets/${budget.json().id}`);
  await ada.send("PUT", "/api/ai/policy", { record: true });
  const rule = await ada.send("PUT", "/api/mcp/rules", { tool: "delete_*", effect: "approve" });
  expect(rule.statusCode, rule.body).toBe(200);
  await ada.send("DELETE", `/api/mcp/rules/${rule.json().id}`);
  const project = await ada.send("POST", "/api/knowledge/projects", { title: "Oven" });
  await ada.send("PATCH", `/api/knowledge/projects/${project.json().id}`, { archived: true });
  const source = await ada.send("POST", "/api/knowledge/sources", { kind: "files", name: "Manuals" });
  expect(source.statusCode, source.body).toBe(201);
  await ada.send("DELETE", `/api/knowledge/sources/${source.json().id}`);
  await ada.send("POST", "/api/platform/processes/clock/restart");
  await on.app.inject({
    method: "PUT",
    url: "/api/secrets/BY_BOT?tier=organisation",
    headers: { authorization: `Bearer ${key}` },
    payload: { value: "planted-secret" },
  });

  const list = await entries(`?from=${before}`);
  const told = list
    .reverse()
    .map(({ service, action, target, person, by }) => [service, action, target, person?.name ?? by]);
  expect(told).toEqual([
    ["secrets", "secret.set", "OPENAI_API_KEY", "Ada"],
    ["ai_gateway", "provider.set", "acme", "Ada"],
    ["ai_gateway", "route.set", "quick", "Ada"],
    ["ai_gateway", "key.made", "robots", "Ada"],
    ["ai_gateway", "key.revoked", "robots", "Ada"],
    ["ai_gateway", "budget.set", "requests a day of the organisation", "Ada"],
    ["ai_gateway", "budget.removed", "requests a day of the organisation", "Ada"],
    ["ai_gateway", "policy.set", null, "Ada"],
    ["mcp_gateway", "rule.set", "* delete_*", "Ada"],
    ["mcp_gateway", "rule.removed", "* delete_*", "Ada"],
    ["projects", "project.created", "Oven", "Ada"],
    ["projects", "project.archived", "Oven", "Ada"],
    ["knowledge", "source.added", "Manuals", "Ada"],
    ["knowledge", "source.removed", "Manuals", "Ada"],
    ["platform", "process.restart", "clock", "Ada"],
    ["secrets", "secret.set", "BY_BOT", "deploy bot"],
  ]);
  expect(list.every(({ ip, request }) => ip === "127.0.0.1" && request !== null)).toBe(true);
  expect(JSON.stringify(list)).not.toContain("planted-secret");

  // Each filter alone, and pages one after the other.
  expect(await entries(`?to=${before}&service=secrets`)).toEqual([]);
  expect((await entries("?q=ROBOTS")).map(({ action }) => action)).toEqual(["key.revoked", "key.made"]);
  expect((await entries("?service=mcp_gateway&action=rule.removed")).length).toBe(1);
  const { person } = (await ada.send("GET", "/api/identity/me")).json();
  expect((await entries(`?person=${person}&from=${before}`)).length).toBe(15);
  expect(await entries(`?person=${randomUUID()}`)).toEqual([]);
  const all = await entries();
  const paged: Entry[] = [];
  for (let before = ""; ; before = `&before=${paged.at(-1)?.id}`) {
    const page = await entries(`?limit=7${before}`);
    paged.push(...page);
    if (page.length < 7) break;
  }
  expect(paged).toEqual(all);
  const choices = (await ada.send("GET", "/api/platform/audit/choices")).json();
  expect(choices.people).toEqual([{ id: person, name: "Ada" }]);
  expect(choices.services).toEqual(expect.arrayContaining(["ai_gateway", "identity", "knowledge", "secrets"]));

  const viewer = await invited(on, ada, "vera@example.com", ["viewer"]);
  expect((await viewer.send("GET", "/api/platform/audit")).statusCode).toBe(403);
});

test("a service writes audit entries for the tenant in force alone, reads no other's, and changes none", async () => {
  let database: Database | undefined;
  const { owner } = await build([
    {
      ...notes,
      register(app) {
        database = app.database;
        return notes.register(app);
      },
    },
  ]);
  const { withTenant } = database as Database;
  const mine = { organisation: randomUUID(), person: randomUUID() };
  await withTenant(mine, (tx) => audit(tx, { action: "note.shared", target: "first" }));
  for (const stranger of [{ organisation: randomUUID() }, { person: randomUUID() }]) {
    const work = withTenant(mine, (tx) => audit(tx, { action: "note.shared", ...stranger }));
    await expect(work).rejects.toMatchObject({ code: "42501" });
  }
  const rolled = withTenant(mine, async (tx) => {
    await audit(tx, { action: "note.shared", target: "second" });
    throw new Error("not after all");
  });
  await expect(rolled).rejects.toThrow("not after all");
  const visible = (tenant: Tenant) =>
    withTenant(tenant, (tx) => tx.query("select service, action, target from devflow.audit"));
  expect((await visible(mine)).rows).toEqual([{ service: "notes", action: "note.shared", target: "first" }]);
  expect((await visible({ organisation: randomUUID() })).rows).toEqual([]);
  const { rows: may } = await owner.query(
    `select p, has_table_privilege(current_database() || '_notes', 'devflow.audit', p) as may
     from unnest(array['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE']) p`,
  );
  expect(may.map(({ may }) => may)).toEqual([true, false, false, false, false]);
});

test("entries of the former logs of four services are moved with names, in their order, and lost nowhere", async () => {
  const on = await everyService();
  const ada = await firstAdministrator(on);
  const { person, organisation } = (await ada.send("GET", "/api/identity/me")).json();
  const services = { identity: 8, secrets: 2, ai_gateway: 7, mcp_gateway: 3 };
  for (const [schema, number] of Object.entries(services)) {
    // Back to how the version before left it.
    const folder = new URL(`../../../glue-services/${schema.replace("_", "-")}/migrations/`, import.meta.url);
    const migrations = await readMigrations(folder);
    const moving = migrations.findIndex(({ name }) => name.endsWith("-audit.sql"));
    expect(moving + 1).toBeGreaterThanOrEqual(number);
    const sql = (await Promise.all(migrations.slice(0, moving).map(({ sql }) => sql))).join("\n");
    const table = /create table audit \([\s\S]*?\n\);/.exec(sql)?.[0];
    const client = await on.owner.connect();
    try {
      await client.query(`set search_path = ${schema}, public`);
      await client.query(`drop view audit; drop function add_audit; ${table}`);
      await client.query("delete from devflow.migration where schema = $1 and number > $2", [schema, moving]);
      const values = {
        identity: `(organisation_id, at, actor, credential, action, target) values ($1, '2026-01-01', $2, 's', 'person.removed', $2::uuid::text)`,
        secrets: `(organisation_id, at, person, action, tier, name) values ($1, '2026-01-02', $2, 'set', 'organisation', 'TOKEN')`,
        ai_gateway: `(organisation_id, at, person, action, target) values ($1, '2026-01-03', $2, 'provider.set', 'acme')`,
        mcp_gateway: `(organisation_id, at, person_id, action, target) values ($1, '2026-01-04', $2, 'rule.set', '* x')`,
      }[schema as keyof typeof services];
      await client.query(`insert into audit ${values}`, [organisation, person]);
      await migrate(client, schema, migrations.slice(0, moving + 1));
    } finally {
      client.release(true);
    }
  }
  const moved = (await ada.send("GET", "/api/platform/audit?to=2026-02-01T00:00:00Z")).json() as Entry[];
  expect(moved.map(({ service, action, target, person }) => [service, action, target, person?.name])).toEqual([
    ["mcp_gateway", "rule.set", "* x", "Ada"],
    ["ai_gateway", "provider.set", "acme", "Ada"],
    ["secrets", "secret.set", "TOKEN", "Ada"],
    ["identity", "person.removed", "Ada", "Ada"],
  ]);
  const { rows } = await on.owner.query("select name, tier, action from secrets.audit");
  expect(rows).toEqual([{ name: "TOKEN", tier: "organisation", action: "set" }]);
});
