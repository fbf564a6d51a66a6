import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { aiGateway } from "../../../glue-services/ai-gateway/app.ts";
import { knowledge } from "../../../glue-services/knowledge/app.ts";
import type { Role } from "../../../glue-services/projects/schemas.ts";
import { secretsService } from "../secrets/service.ts";
import { type Person, type Rig, startProjects, worker } from "./projects.ts";

const setRole = (on: Rig, project: string, who: Person, role: Role, by?: Person) =>
  on.answer("PUT", `/${project}/members/${who.identity.person}`, { role }, by);

/** What one may do to a project, and which roles it needs. */
const acts = {
  read: (on, id, who) => on.answer("GET", `/${id}`, undefined, who),
  members: (on, id, who) => on.answer("GET", `/${id}/members`, undefined, who),
  rename: (on, id, who) => on.answer("PATCH", `/${id}`, { name: "Renamed" }, who),
  environment: (on, id, who) => on.answer("POST", `/${id}/environments`, { name: `preview/${++previews}` }, who),
  archive: async (on, id, who) => {
    const told = await on.answer("POST", `/${id}/archive`, undefined, who);
    await on.ask("POST", `/${id}/restore`);
    return told;
  },
  "add a member": (on, id, who) => setRole(on, id, on.colleague(), "member", who),
  "make an owner": (on, id, who) => setRole(on, id, on.colleague(), "owner", who),
  delete: async (on, id, who) => on.answer("DELETE", `/${id}`, undefined, who),
} satisfies Record<string, (on: Rig, id: string, who: Person) => Promise<{ status: number }>>;
let previews = 0;

const all = ["read", "members", "rename", "environment", "archive", "add a member", "make an owner", "delete"];
const matrix: Record<Role | "nobody", string[]> = {
  nobody: [],
  viewer: all.slice(0, 2),
  member: all.slice(0, 2),
  maintainer: all.slice(0, 6),
  owner: all,
};

test("each role may do what it says and nothing else, and whoever has none does not know of the project", async () => {
  const on = await startProjects();
  for (const [role, may] of Object.entries(matrix)) {
    const { id } = await on.create(`Of ${role}`, { everyone: null });
    const who = on.colleague();
    if (role !== "nobody") expect((await setRole(on, id, who, role as Role)).status).toBe(200);
    const done = [];
    for (const [name, act] of Object.entries(acts)) {
      const { status } = await act(on, id, who);
      if (status < 300) done.push(name);
      else expect({ role, name, status }).toEqual({ role, name, status: role === "nobody" ? 404 : 403 });
    }
    expect({ role, done }).toEqual({ role, done: may });
  }
});

test("a role in a project gives nothing that the organisation's role does not, and an administrator has every one", async () => {
  const on = await startProjects();
  const { id } = await on.create("Vault", { everyone: null });
  const reader = on.colleague(["projects:read"]);
  await setRole(on, id, reader, "owner");
  expect((await acts.read(on, id, reader)).status).toBe(200);
  expect((await acts.rename(on, id, reader)).status).toBe(403);
  const manager = on.colleague([...worker, "projects:manage"]);
  expect((await acts.rename(on, id, manager)).status).toBe(200);
  expect(await on.ask("GET", `/${id}`, undefined, manager)).toMatchObject({ role: "owner" });
});

test("what everyone may do is theirs at once, and is over at once", async () => {
  const on = await startProjects();
  const { id } = await on.create("Open", { everyone: "viewer" });
  const who = on.colleague();
  const listed = async () => (await on.ask<{ id: string }[]>("GET", "", undefined, who)).length;
  expect([await listed(), (await acts.read(on, id, who)).status]).toEqual([1, 200]);
  await on.ask("PATCH", `/${id}`, { everyone: null });
  expect([await listed(), (await acts.read(on, id, who)).status]).toEqual([0, 404]);
  await setRole(on, id, who, "member");
  expect(await on.ask("GET", `/${id}`, undefined, who)).toMatchObject({ role: "member" });
  await on.ask("DELETE", `/${id}/members/${who.identity.person}`);
  expect([await listed(), (await acts.read(on, id, who)).status]).toEqual([0, 404]);
});

test("a project keeps an owner, who may leave when there is another; everybody else may leave at any time", async () => {
  const on = await startProjects();
  const [ada, bob] = [on.colleague(), on.colleague()];
  const { id } = await on.create("Ours", {}, ada);
  const leave = (who: Person) => on.answer("DELETE", `/${id}/members/${who.identity.person}`, undefined, who);
  expect((await leave(ada)).status).toBe(409);
  expect((await setRole(on, id, ada, "viewer", ada)).status).toBe(409);
  expect((await setRole(on, id, bob, "viewer", ada)).status).toBe(200);
  expect((await leave(bob)).status).toBe(204);
  expect((await setRole(on, id, bob, "owner", ada)).status).toBe(200);
  expect((await leave(ada)).status).toBe(204);
  const { rows } = await on.owner.query("select action from devflow.audit order by id");
  expect(rows.map(({ action }) => action.replace("project.", ""))).toEqual([
    ...["created", "member-set", "member-removed", "member-set", "member-removed"],
  ]);
});

test("tasks, documents, secrets, keys and budgets of a project are for those who may see it, and go with it", async () => {
  const { service: secrets } = await secretsService();
  const spool = await mkdtemp(join(tmpdir(), "devflow-spool-"));
  onTestFinished(() => rm(spool, { recursive: true, force: true }));
  const on = await startProjects([secrets, aiGateway({ spool }), knowledge()]);
  const scopes = [...worker, "secrets:read", "secrets:manage", "ai:read", "ai:run", "ai:manage"];
  const [member, stranger] = [on.colleague(scopes), on.colleague(scopes)];
  const { id } = await on.create("Hidden", { everyone: null });
  await setRole(on, id, member, "maintainer");
  const send = async (
    who: Person,
    method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE",
    url: string,
    payload?: object,
  ) => {
    const { statusCode, body } = await on.app.inject({
      method,
      url,
      headers: who.headers,
      ...(payload && { payload }),
    });
    return { status: statusCode, body: body === "" ? undefined : JSON.parse(body) };
  };
  const tasks = `/api/knowledge/projects/${id}/tasks`;
  const makes = [
    ["POST", tasks, { title: "Dig" }],
    ["POST", `/api/knowledge/projects/${id}/documents`, { title: "Plan", content: "Deep." }],
    ["PATCH", `/api/knowledge/projects/${id}`, { repository: "a/b" }],
    ["PUT", "/api/secrets/TOKEN", { value: "planted", project: id }],
    ["POST", "/api/ai/keys", { name: "robot", project: id }],
    ["PUT", "/api/ai/budgets", { level: "project", subject: id, unit: "requests", amount: 5, period: "day" }],
  ] as const;
  for (const [method, url, body] of makes) {
    expect({ url, status: (await send(stranger, method, url, body)).status }).toEqual({ url, status: 404 });
    expect((await send(member, method, url, body)).status, url).toBeLessThan(300);
  }
  const task = (await send(member, "GET", tasks)).body[0].id;
  const document = (await send(member, "GET", `/api/knowledge/projects/${id}/documents`)).body[0].id;
  for (const url of [
    `/api/knowledge/tasks/${task}`,
    `/api/knowledge/tasks/${task}/activity`,
    `/api/knowledge/documents/${document}`,
    `/api/knowledge/projects/${id}`,
    `/api/secrets?project=${id}`,
  ]) {
    expect({ url, status: (await send(stranger, "GET", url)).status }).toEqual({ url, status: 404 });
    expect({ url, status: (await send(member, "GET", url)).status }).toEqual({ url, status: 200 });
  }
  for (const [method, url, body] of [
    ["PATCH", `/api/knowledge/tasks/${task}`, { title: "x" }],
    ["DELETE", `/api/knowledge/tasks/${task}`, undefined],
    ["POST", `/api/knowledge/tasks/${task}/comments`, { text: "x" }],
    ["PATCH", `/api/knowledge/documents/${document}`, { content: "x", version: 1 }],
    ["DELETE", `/api/knowledge/documents/${document}`, undefined],
    ["DELETE", `/api/secrets/TOKEN?project=${id}`, undefined],
  ] as const) {
    expect({ url, status: (await send(stranger, method, url, body)).status }).toEqual({ url, status: 404 });
  }
  await on.owner.query(
    `insert into ai_gateway.usage (id, organisation_id, project_id, at, request, surface, asked, provider, model, status, code, ms)
     values (gen_random_uuid(), $1, $2, now(), gen_random_uuid(), 'chat', 'm', 'mock', 'm', 'ok', 200, 1)`,
    [member.identity.organisation, id],
  );
  const counts = async (who: Person) =>
    Promise.all(
      [
        "/api/ai/keys",
        "/api/ai/budgets",
        "/api/ai/calls",
        "/api/ai/usage?by=project&tz=Europe/Berlin",
        "/api/knowledge/projects",
        "/api/platform/find?q=dig",
        "/api/platform/find?q=plan",
      ].map(async (url) => (await send(who, "GET", url)).body.length),
    );
  expect(await counts(member)).toEqual([1, 1, 1, 1, 1, 1, 1]);
  expect(await counts(stranger)).toEqual([0, 0, 0, 0, 0, 0, 0]);
  const [{ id: key }] = (await send(member, "GET", "/api/ai/keys")).body;
  const ofKey = { level: "key", subject: key, unit: "requests", amount: 5, period: "day" };
  expect((await send(stranger, "PUT", "/api/ai/budgets", ofKey)).status).toBe(404);
  expect((await send(member, "PUT", "/api/ai/budgets", ofKey)).status).toBe(200);
  const levels = async (who: Person) =>
    (await send(who, "GET", "/api/ai/budgets")).body.map(({ level }: { level: string }) => level);
  expect([await levels(member), await levels(stranger)]).toEqual([["key", "project"], []]);
  // Whoever may not see the project finds none of its keys and budgets; whoever only works in it takes none away.
  const helper = on.colleague(scopes);
  await setRole(on, id, helper, "member");
  for (const url of ["/api/ai/keys", "/api/ai/budgets"]) {
    const [{ id: one }] = (await send(member, "GET", url)).body;
    expect({ url, status: (await send(stranger, "DELETE", `${url}/${one}`)).status }).toEqual({ url, status: 404 });
    expect({ url, status: (await send(helper, "DELETE", `${url}/${one}`)).status }).toEqual({ url, status: 403 });
  }
  expect(await counts(member)).toEqual([1, 2, 1, 1, 1, 1, 1]);
  const { facts } = await on.ask<{ facts: { title: string; value: string }[] }>(
    "GET",
    `/${id}/overview`,
    undefined,
    member,
  );
  expect(Object.fromEntries(facts.map(({ title, value }) => [title, value]))).toMatchObject({
    ...{ "Tasks to do": "1", Documents: "1", Secrets: "1", "Model keys": "1" },
  });

  await on.ask("DELETE", `/${id}`);
  await expect.poll(async () => (await on.answer("GET", `/${id}`)).status).toBe(404);
  const { rows } = await on.owner.query(
    `select (select count(*)::int from knowledge.project) as projects, (select count(*)::int from knowledge.task) as tasks,
       (select count(*)::int from secrets.secret) as secrets, (select count(*)::int from ai_gateway.budget where level = 'project') as budgets,
       (select count(*)::int from ai_gateway.virtual_key where revoked_at is null) as keys`,
  );
  expect(rows).toEqual([{ projects: 0, tasks: 0, secrets: 0, budgets: 0, keys: 0 }]);
  // What is left of it, its revoked key and what it used, is for whoever sees everything.
  const manager = on.colleague([...scopes, "projects:manage"]);
  expect(await counts(member)).toEqual([0, 0, 0, 0, 0, 0, 0]);
  expect(await counts(stranger)).toEqual([0, 0, 0, 0, 0, 0, 0]);
  expect(await counts(manager)).toEqual([1, 1, 1, 1, 0, 0, 0]);
});
