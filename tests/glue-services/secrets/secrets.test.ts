import { randomUUID } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { describe, expect, test } from "vitest";
import { projects } from "../../../glue-services/projects/app.ts";
import { onepasswordConnect } from "../../../glue-services/secrets/backends/index.ts";
import { secretsContract } from "../../../glue-services/secrets/contract.ts";
import { build, person } from "../build.ts";
import { plantProject } from "../projects/plant.ts";
import { connectServer } from "./backends/connect-server.ts";
import { reading, secretsService } from "./service.ts";

const project = randomUUID();

async function ready(options: Parameters<typeof secretsService>[0] = {}) {
  const made = await secretsService(options);
  const built = await build([made.service, projects()]);
  const admin = person();
  await plantProject(built.owner, admin.identity.organisation, { id: project });
  const service = reading(admin.identity.organisation);
  const call = async (
    who: { headers: object },
    method: "GET" | "PUT" | "POST" | "DELETE",
    url: string,
    payload?: object,
  ) => {
    const { statusCode, body, headers } = await built.app.inject({
      method,
      url,
      headers: { ...who.headers },
      ...(payload && { payload }),
    });
    return {
      status: statusCode,
      body: body === "" || body === "null" ? undefined : JSON.parse(body),
      text: body,
      headers,
    };
  };
  const resolve = (name: string, more: object = {}) =>
    call(service, "POST", "/api/secrets/resolve", { name, purpose: "a test", ...more });
  return { ...made, ...built, admin, service, call, resolve };
}

describe("tiers of secrets", () => {
  test("a project's value goes before the organisation's, and that before the platform's where a service asks for it", async () => {
    const platform = "API_KEY=of-the-platform\nONLY_HERE='with spaces'\n";
    const { admin, call, resolve, app } = await ready({ platform });
    const forPlatform = (name: string) =>
      app.use(secretsContract).resolve({
        reader: admin.identity,
        wanted: { name, project, purpose: "a provider" },
        platform: true,
      });
    expect(await forPlatform("API_KEY")).toMatchObject({ tier: "platform", value: "of-the-platform" });
    expect((await call(admin, "PUT", "/api/secrets/API_KEY", { value: "of-the-organisation" })).status).toBe(201);
    expect((await resolve("API_KEY", { project })).body).toMatchObject({
      tier: "organisation",
      value: "of-the-organisation",
    });
    await call(admin, "PUT", "/api/secrets/API_KEY", { value: "of-the-project", project });
    expect((await resolve("API_KEY", { project })).body).toMatchObject({ tier: "project", value: "of-the-project" });
    expect((await resolve("API_KEY", { project: randomUUID() })).body).toMatchObject({ tier: "organisation" });
    expect(await forPlatform("API_KEY")).toMatchObject({ tier: "project", value: "of-the-project" });
    expect(await forPlatform("ONLY_HERE")).toMatchObject({ tier: "platform", value: "with spaces" });
    expect((await call(admin, "DELETE", `/api/secrets/API_KEY?project=${project}`)).status).toBe(204);
    expect((await resolve("API_KEY", { project })).body).toMatchObject({ tier: "organisation" });
  });

  test("the platform's are given to no key of an organisation, and are refused like names that do not exist", async () => {
    const { resolve, call, admin, app } = await ready({ platform: "OPENAI_API_KEY=sk-of-the-operator\nA=planted\n" });
    const refused = async (name: string) => {
      const { status, text } = await resolve(name, { project });
      return [status, text.replaceAll(name, "NAME").replace(/"requestId":"[^"]+"/, "")];
    };
    const nothing = await refused("NOTHING");
    expect(nothing[0]).toBe(404);
    expect(await refused("OPENAI_API_KEY")).toEqual(nothing);
    expect(await refused("A")).toEqual(nothing);
    await expect(
      app.use(secretsContract).resolve({ reader: admin.identity, wanted: { name: "A", purpose: "a service" } }),
    ).rejects.toThrow(/no secret/);
    const audit = (await call(admin, "GET", "/api/secrets/audit")).body as { name: string; action: string }[];
    expect(audit).toContainEqual(expect.objectContaining({ name: "OPENAI_API_KEY", action: "refused" }));
    // What an organisation is meant to have, an administrator of the platform gives it by a reference.
    const root = person({ organisation: admin.identity.organisation, roles: ["platform-administrator"] });
    expect((await call(root, "PUT", "/api/secrets/GIVEN", { reference: "env:A" })).status).toBe(201);
    expect((await resolve("GIVEN")).body).toMatchObject({ tier: "organisation", value: "planted" });
  });

  test("a name that is nowhere says so and how to make it", async () => {
    const { resolve } = await ready();
    const { status, body } = await resolve("NOWHERE");
    expect([status, body.error.code, body.error.hint]).toEqual([
      404,
      "NOT_FOUND",
      expect.stringContaining("devflow secrets set NOWHERE"),
    ]);
  });

  test("how the platform reaches 1Password is nobody's to read", async () => {
    const { resolve, call, admin } = await ready({ platform: "OP_SERVICE_ACCOUNT_TOKEN=ops_planted\n" });
    const { status, text } = await resolve("OP_SERVICE_ACCOUNT_TOKEN");
    expect([status, text.includes("ops_planted")]).toEqual([404, false]);
    expect((await call(admin, "GET", "/api/secrets")).text).not.toContain("ops_planted");
  });
});

describe("references of secrets", () => {
  test("is resolved when it is asked for, and a failure names reference, backend and what to do", async () => {
    const { url } = await connectServer("t");
    const { admin, call, resolve } = await ready({ onepassword: onepasswordConnect({ url, token: "t" }) });
    const root = person({ organisation: admin.identity.organisation, roles: ["platform-administrator"] });
    const set = (name: string, reference: string) => call(root, "PUT", `/api/secrets/${name}`, { reference });
    expect((await set("MAIL", "op://Dev Flow/mail server/username")).status).toBe(201);
    expect((await resolve("MAIL")).body).toMatchObject({ value: "postmaster", tier: "organisation" });
    await set("GONE", "op://Dev Flow/nothing/username");
    const { status, body } = await resolve("GONE");
    expect([status, body.error.code]).toEqual([503, "UNAVAILABLE"]);
    expect(body.error.message).toContain("op://Dev Flow/nothing/username");
    expect(body.error.message).toContain("1Password Connect");
    expect(body.error.hint).toMatch(/Check the names/);
    const listed = (await call(admin, "GET", "/api/secrets")).body;
    expect(listed[0]).toMatchObject({
      name: "GONE",
      backend: "1password",
      reference: "op://Dev Flow/nothing/username",
    });
  });

  test("an organisation cannot refer to what the platform's access reads", async () => {
    const { admin, call } = await ready();
    for (const reference of ["op://Dev Flow/mail server/username", "env:MASTER"]) {
      expect((await call(admin, "PUT", "/api/secrets/THEFT", { reference })).status).toBe(403);
    }
    expect((await call(admin, "PUT", "/api/secrets/BOTH", { reference: "env:A", value: "b" })).status).toBe(403);
    expect((await call(admin, "PUT", "/api/secrets/NEITHER", {})).status).toBe(400);
  });
});

describe("values of secrets", () => {
  test("are given to a service's key only, never to a person or to a key that may do all", async () => {
    const { admin, call, resolve } = await ready();
    await call(admin, "PUT", "/api/secrets/TOKEN", { value: "planted-value-1" });
    const all = person({ organisation: admin.identity.organisation, scopes: ["*"] });
    const someone = person({ organisation: admin.identity.organisation, scopes: ["secrets:resolve"], via: "session" });
    const reader = person({ organisation: admin.identity.organisation, scopes: ["secrets:read"] });
    for (const who of [all, someone, reader]) {
      const { status, text } = await call(who, "POST", "/api/secrets/resolve", { name: "TOKEN", purpose: "curious" });
      expect([status, text.includes("planted")]).toEqual([403, false]);
    }
    const given = await resolve("TOKEN");
    expect([given.status, given.headers["cache-control"]]).toEqual([200, "no-store"]);
    expect((await call(reader, "PUT", "/api/secrets/TOKEN", { value: "x" })).status).toBe(403);
    expect((await call({ headers: {} }, "GET", "/api/secrets")).status).toBe(401);
  });

  test("stand in no answer and in no column as they are", async () => {
    const { admin, call, owner } = await ready();
    const planted = "planted-value-2-do-not-show";
    const answers = [
      await call(admin, "PUT", "/api/secrets/TOKEN", { value: planted }),
      await call(admin, "POST", "/api/secrets/TOKEN/rotate", { value: `${planted}-new`, overlap: 60 }),
      await call(admin, "GET", "/api/secrets"),
      await call(admin, "GET", "/api/secrets/audit"),
      await call(admin, "PUT", "/api/secrets/bad-name", { value: planted }),
      await call(admin, "PUT", "/api/secrets/TOKEN", { value: { planted } }),
    ];
    for (const { text } of answers) expect(text).not.toContain("planted");
    const tables = ["secrets.data_key", "secrets.secret", "secrets.secret_value", "secrets.audit", "devflow.event"];
    for (const table of tables) {
      const { rows } = await owner.query(`select t::text as row from ${table} t`);
      const text = rows.map(({ row }) => row).join("\n");
      expect(rows.length, table).toBeGreaterThan(0);
      expect(text).not.toContain("planted");
      expect(text).not.toContain(Buffer.from(planted).toString("hex"));
    }
  });

  test("of a row that was copied to another organisation, project or name do not open there", async () => {
    const { admin, call, owner, resolve } = await ready();
    await call(admin, "PUT", "/api/secrets/MINE", { value: "planted-value-3" });
    await call(admin, "PUT", "/api/secrets/OTHER", { value: "another" });
    await owner.query(
      `update secrets.secret_value set sealed = (select v.sealed from secrets.secret_value v join secrets.secret s on s.id = v.secret_id where s.name = 'MINE')
       where secret_id = (select id from secrets.secret where name = 'OTHER')`,
    );
    const { status, text } = await resolve("OTHER");
    expect([status, text.includes("planted")]).toEqual([500, false]);
    expect((await resolve("MINE")).status).toBe(200);
  });

  test("of another organisation are not there, by name or at all", async () => {
    const { admin, call, app } = await ready();
    await call(admin, "PUT", "/api/secrets/MINE", { value: "planted-value-4" });
    const other = person();
    expect((await call(other, "GET", "/api/secrets")).body).toEqual([]);
    expect((await call(other, "DELETE", "/api/secrets/MINE")).status).toBe(404);
    expect((await call(other, "POST", "/api/secrets/MINE/rotate", { value: "x" })).status).toBe(404);
    expect((await call(other, "GET", "/api/secrets/audit")).body).toEqual([]);
    const thief = reading(other.identity.organisation);
    expect((await call(thief, "POST", "/api/secrets/resolve", { name: "MINE", purpose: "theft" })).status).toBe(404);
    await expect(
      app
        .use(secretsContract)
        .resolve({ reader: { organisation: other.identity.organisation }, wanted: { name: "MINE", purpose: "theft" } }),
    ).rejects.toThrow(/no secret MINE/);
  });

  test("are read with an audit entry each, refused ones too", async () => {
    const { admin, call, resolve, service, app, owner } = await ready();
    await call(admin, "PUT", "/api/secrets/TOKEN", { value: "v" });
    await resolve("TOKEN");
    await resolve("NOTHING");
    await app.use(secretsContract).resolve({
      reader: { organisation: admin.identity.organisation, credential: "service:agents" },
      wanted: { name: "TOKEN", purpose: "call the model" },
    });
    const { body } = await call(admin, "GET", "/api/secrets/audit");
    expect(
      body.map(({ action, name, credential, purpose }: Record<string, string>) => [action, name, credential, purpose]),
    ).toEqual([
      ["read", "TOKEN", "service:agents", "call the model"],
      ["refused", "NOTHING", service.identity.credential, "a test"],
      ["read", "TOKEN", service.identity.credential, "a test"],
      ["set", "TOKEN", admin.identity.credential, null],
    ]);
    const { rows } = await owner.query(
      "select has_table_privilege(current_database() || '_secrets', 'secrets.audit', 'update,delete') as may",
    );
    expect(rows).toEqual([{ may: false }]);
  });
});

describe("rotation of people's secrets", () => {
  test("gives the new value at once and the former one beside it until the overlap ends", async () => {
    const { admin, call, resolve } = await ready();
    await call(admin, "PUT", "/api/secrets/TOKEN", { value: "one" });
    expect((await call(admin, "POST", "/api/secrets/TOKEN/rotate", { value: "two", overlap: 1 })).body).toMatchObject({
      version: 2,
    });
    expect((await resolve("TOKEN")).body).toMatchObject({ value: "two", former: "one" });
    expect((await call(admin, "GET", "/api/secrets")).body[0]).toMatchObject({
      rotation: { state: "overlap" },
      version: 2,
    });
    await expect.poll(async () => (await resolve("TOKEN")).body.former).toBeUndefined();
    expect((await resolve("TOKEN")).body).toMatchObject({ value: "two" });
    expect((await call(admin, "GET", "/api/secrets")).body[0]).toMatchObject({ rotation: { state: "steady" } });
  });

  test("of two at once gives two versions, and the last one counts", async () => {
    const { admin, call, resolve } = await ready();
    await call(admin, "PUT", "/api/secrets/TOKEN", { value: "zero" });
    const rotate = (value: string) => call(admin, "POST", "/api/secrets/TOKEN/rotate", { value, overlap: 60 });
    const versions = await Promise.all([rotate("a"), rotate("b")]);
    expect(versions.map(({ body }) => body.version).sort()).toEqual([2, 3]);
    const last = versions[0]?.body.version === 3 ? "a" : "b";
    expect((await resolve("TOKEN")).body.value).toBe(last);
  });
});

describe("the master key", () => {
  test("is changed while both hosts serve, and the former one is then of no use", async () => {
    const { admin, call, resolve, masterKeyFile, platformFile, master, url, owner } = await ready();
    await call(admin, "PUT", "/api/secrets/TOKEN", { value: "kept through it" });
    const before = (await owner.query("select wrapped_by, wrapped from secrets.data_key")).rows[0];
    const next = "n".repeat(43);
    await writeFile(masterKeyFile, `${next}\n${master}\n`);
    const { secrets } = await import("../../../glue-services/secrets/app.ts");
    const { buildApp } = await import("../../../glue-services/kit/index.ts");
    const again = async () => {
      const app = await buildApp({
        version: "0",
        logLevel: "silent",
        database: { url },
        services: [secrets({ masterKeyFile, platformFile })],
      });
      await app.ready();
      return app;
    };
    const both = await again();
    const after = (await owner.query("select wrapped_by, wrapped from secrets.data_key")).rows[0];
    expect(after.wrapped_by).not.toBe(before.wrapped_by);
    await both.close();
    await writeFile(masterKeyFile, `${next}\n`);
    const only = await again();
    const reader = { organisation: admin.identity.organisation };
    expect(
      await only.use(secretsContract).resolve({ reader, wanted: { name: "TOKEN", purpose: "after it" } }),
    ).toMatchObject({
      value: "kept through it",
    });
    await only.close();
    // The host of the former key only can read nothing any more.
    expect((await resolve("TOKEN")).status).toBe(500);
  });

  test("that others may read is refused", async () => {
    const { chmod } = await import("node:fs/promises");
    const { service, masterKeyFile } = await secretsService();
    await chmod(masterKeyFile, 0o640);
    await expect(build([service])).rejects.toThrow(/Others may read the master key/);
  });
});
