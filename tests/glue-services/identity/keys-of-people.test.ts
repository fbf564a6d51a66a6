import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { aiGateway } from "../../../glue-services/ai-gateway/app.ts";
import { allows, common } from "../../../glue-services/identity/permissions.ts";
import type { Service } from "../../../glue-services/kit/index.ts";
import { firstAdministrator, invited, type Platform, platform, strong, Visitor } from "./platform.ts";

const things: Service = {
  name: "things",
  register(app) {
    app.get("/api/things", { auth: { scope: "things:read" } }, async () => ({ ok: true }));
    app.post("/api/things", { auth: { scope: "things:write" } }, async () => ({ ok: true }));
  },
};

async function host(): Promise<Platform> {
  const spool = await mkdtemp(join(tmpdir(), "devflow-spool-"));
  onTestFinished(() => rm(spool, { recursive: true, force: true }));
  return platform({}, [things, aiGateway({ spool })]);
}

/** Sends what `key` alone is the proof of. */
async function status(on: Platform, key: string, url: string, method: "GET" | "POST" = "GET"): Promise<number> {
  const headers = { authorization: `Bearer ${key}` };
  return (await new Visitor(on.app).send(method, url, undefined, headers)).statusCode;
}

async function until(wanted: number, ask: () => Promise<number>): Promise<void> {
  await expect.poll(ask, { interval: 20 }).toBe(wanted);
}

async function made(by: Visitor, scopes: string[], headers: object = {}): Promise<{ key: string; createdBy: string }> {
  const answer = await by.send("POST", "/api/identity/keys", { name: "k", scopes }, headers);
  expect(answer.body).toContain("dfk_");
  return answer.json();
}

/** Somebody with a key, a key made by that key, and a model key made by each of them. */
async function withKeys(on: Platform, ada: Visitor) {
  const olga = await invited(on, ada, "olga@example.com", ["owner"]);
  const { rows } = await on.owner.query<{ id: string }>(`select id from identity."user" where email like 'olga%'`);
  const id = String(rows[0]?.id);
  const parent = await made(olga, ["*"]);
  const byKey = { authorization: `Bearer ${parent.key}` };
  const child = await made(new Visitor(on.app), ["things:*"], byKey);
  const model = async (by: Visitor, headers: object = {}): Promise<string> =>
    (await by.send("POST", "/api/ai/keys", { name: "m" }, headers)).json().key;
  const models = [await model(olga), await model(new Visitor(on.app), byKey)];
  expect([parent.createdBy, child.createdBy]).toEqual([id, id]);
  return { olga, id, keys: [parent.key, child.key], models };
}

describe("the keys of somebody", () => {
  test.each([
    ["disabled", "PUT"],
    ["removed", "DELETE"],
  ] as const)("who is %s end with them, also those that a key made and those of models", async (_how, method) => {
    const on = await host();
    const ada = await firstAdministrator(on);
    const { id, keys, models } = await withKeys(on, ada);
    for (const key of keys) expect(await status(on, key, "/api/things")).toBe(200);
    for (const key of models) expect(await status(on, key, "/v1/models")).toBe(200);
    const url = method === "PUT" ? `/api/identity/people/${id}/disabled` : `/api/identity/people/${id}`;
    const done = await ada.send(method, url, method === "PUT" ? { disabled: true } : undefined);
    expect(done.statusCode).toBeLessThan(300);
    for (const key of keys) await until(401, () => status(on, key, "/api/things"));
    for (const key of models) await until(401, () => status(on, key, "/v1/models"));
    const own = await made(ada, ["things:read"]);
    expect(await status(on, own.key, "/api/things")).toBe(200);
  });

  test("who is enabled again work again, which those of somebody removed and invited anew do not", async () => {
    const on = await host();
    const ada = await firstAdministrator(on);
    const { id, olga, keys, models } = await withKeys(on, ada);
    const [key = "", model = ""] = [keys[1], models[0]];
    const { rows } = await on.owner.query<{ id: string }>(
      `with client as (insert into identity."oauthClient" ("clientId", name, "redirectUris", "createdAt", "updatedAt")
         values ('program', 'Program', '[]', now(), now()))
       insert into identity."oauthConsent" ("clientId", "userId", "referenceId", scopes, "createdAt", "updatedAt")
       select 'program', $1, id::text, '["ai:run"]', now(), now() from identity.organization returning id`,
      [id],
    );
    const granted = () =>
      on.owner
        .query("select person from identity.token_identity($1, now(), null)", [rows[0]?.id])
        .then((found) => found.rowCount);
    expect(await granted()).toBe(1);
    await ada.send("PUT", `/api/identity/people/${id}/disabled`, { disabled: true });
    await until(401, () => status(on, key, "/api/things"));
    await ada.send("PUT", `/api/identity/people/${id}/disabled`, { disabled: false });
    await until(200, () => status(on, key, "/api/things"));
    await until(200, () => status(on, model, "/v1/models"));
    await ada.send("DELETE", `/api/identity/people/${id}`);
    await until(401, () => status(on, key, "/api/things"));
    await on.owner.query(
      `insert into identity.member ("organizationId", "userId", role, "createdAt") select id, $1, 'owner', now() from identity.organization`,
      [id],
    );
    for (const one of keys) expect(await status(on, one, "/api/things")).toBe(401);
    for (const one of models) expect(await status(on, one, "/v1/models")).toBe(401);
    expect([await granted(), (await olga.send("GET", "/api/identity/me")).statusCode]).toEqual([0, 401]);
    // They sign in and make new ones, which work.
    const back = new Visitor(on.app);
    await back.send("POST", "/api/auth/sign-in/email", { email: "olga@example.com", password: strong });
    expect(await status(on, (await made(back, ["things:read"])).key, "/api/things")).toBe(200);
    const fresh = (await back.send("POST", "/api/ai/keys", { name: "m" })).json().key;
    expect(await status(on, fresh, "/v1/models")).toBe(200);
    for (const one of models) expect(await status(on, one, "/v1/models")).toBe(401);
  });

  test("whose roles became less do what is left of them, and no more", async () => {
    const on = await host();
    const ada = await firstAdministrator(on);
    const { id, keys, models } = await withKeys(on, ada);
    for (const key of keys) expect(await status(on, key, "/api/things", "POST")).toBe(200);
    await ada.send("PATCH", `/api/identity/people/${id}`, { roles: ["viewer"] });
    for (const key of keys) await until(403, () => status(on, key, "/api/things", "POST"));
    for (const key of keys) expect(await status(on, key, "/api/things")).toBe(200);
    for (const key of models) await until(401, () => status(on, key, "/v1/models"));
    await ada.send("PATCH", `/api/identity/people/${id}`, { roles: ["developer"] });
    for (const key of keys) await until(200, () => status(on, key, "/api/things", "POST"));
    for (const key of models) await until(200, () => status(on, key, "/v1/models"));
  });
});

test("two lists of permissions have in common exactly what both allow", () => {
  const [resources, actions] = [
    ["*", "a", "b"],
    ["*", "read", "write"],
  ];
  const patterns = ["*", ...resources.flatMap((resource) => actions.map((action) => `${resource}:${action}`))];
  const exact = ["a:read", "a:write", "b:read", "b:write", "c:read", "c:run"];
  const lists = patterns.flatMap((one) => patterns.map((other) => [one, other]));
  for (const some of lists) {
    for (const others of lists) {
      const both = common(some, others);
      for (const one of exact) expect(allows(both, one)).toBe(allows(some, one) && allows(others, one));
    }
  }
});
