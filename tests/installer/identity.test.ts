import { expect, test } from "vitest";
import { identity } from "../../glue-services/identity/app.ts";
import { buildApp } from "../../glue-services/kit/index.ts";
import { listPeople, ownersKey, resetLink, welcomeLink } from "../../installer/identity.ts";
import {
  firstAdministrator,
  origin,
  type Platform,
  secret,
  strong,
  Visitor,
} from "../glue-services/identity/platform.ts";
import { startPostgres } from "../glue-services/postgres-server.ts";
import { administer, makeTemplate, owner } from "../glue-services/template.ts";

test("the installer's links: welcome while nobody is there, then reset by address", async () => {
  const server = await startPostgres();
  try {
    await makeTemplate(server);
    await administer(server, (client) => client.query("create database platform owner platform"));
    const stack = { port: server.port, publicUrl: origin, secrets: { get: async () => owner.password } };
    // Before the platform has started for the first time there is no table to write a link to.
    expect(await welcomeLink(stack)).toBeUndefined();
    expect(await listPeople(stack)).toEqual([]);
    expect(await ownersKey(stack)).toBeUndefined();

    const service = identity({ publicUrl: origin, secret, clients: [] });
    const url = `postgres://${owner.user}:${owner.password}@127.0.0.1:${server.port}/platform`;
    const app = await buildApp({
      ...{ version: "0.0.0-test", logLevel: "silent", services: [service], verify: service.verify },
      database: { url },
    });
    try {
      await app.ready();
      const first = await welcomeLink(stack);
      expect(first).toMatch(/^http:\/\/localhost:4400\/welcome#[A-Za-z0-9_-]{43}$/);
      const on = { app, link: async () => String(first).split("#")[1] } as unknown as Platform;
      await firstAdministrator(on);
      expect(await welcomeLink(stack)).toBeUndefined();
      expect(await listPeople(stack)).toMatchObject([
        { email: "ada@example.com", username: "ada", memberships: ["Example Ltd: owner"], disabled: false },
      ]);

      const key = await ownersKey(stack);
      const asOwner = { headers: { authorization: `Bearer ${key}` } };
      const keys = await app.inject({ method: "GET", url: "/api/identity/keys", ...asOwner });
      expect([keys.statusCode, keys.json()]).toEqual([200, [expect.objectContaining({ scopes: ["*"] })]]);
      const until = Date.parse(keys.json()[0].expiresAt) - Date.parse(keys.json()[0].createdAt);
      expect(until).toBe(10 * 60_000);

      await expect(resetLink(stack, "nobody@example.com")).rejects.toMatchObject({ code: "NOT_FOUND" });
      const token = (await resetLink(stack, "Ada@example.com")).split("#")[1];
      const visitor = new Visitor(app);
      const next = `${strong} again`;
      expect((await visitor.send("POST", "/api/identity/reset", { token, password: next })).statusCode).toBe(204);
      const audit = (await visitor.send("GET", "/api/identity/audit")).json() as { action: string }[];
      expect(audit.map(({ action }) => action)).toEqual([
        ...["session.begun", "password.reset", "password.reset-link"],
        ...["key.made", "session.begun", "platform.claimed"],
      ]);
    } finally {
      await app.close();
    }
  } finally {
    await server.stop();
  }
  await expect(
    welcomeLink({ port: server.port, publicUrl: origin, secrets: { get: async () => "x" } }),
  ).rejects.toMatchObject({ code: "NOT_RUNNING" });
});
