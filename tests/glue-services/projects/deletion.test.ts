import { expect, onTestFinished, test } from "vitest";
import { topics } from "../../../glue-services/projects/parts.ts";
import { cloneDatabase } from "../build.ts";
import { cellar } from "./cellar.ts";
import { type Rig, startProjects } from "./projects.ts";

const barrels = async (on: Pick<Rig, "owner">) =>
  (await on.owner.query<{ n: number }>("select count(*)::int as n from cellar.barrel")).rows[0]?.n;
const fill = (on: Rig, project: string, many = 3) =>
  on.owner.query(
    "insert into cellar.barrel (organisation_id, project_id, name) select $1, $2, 'b' || n from generate_series(1, $3) n",
    [on.me.identity.organisation, project, many],
  );

test("a project is gone when every service has removed its part, and until then it says who has not", async () => {
  let open = () => {};
  const held = new Promise<void>((resolve) => {
    open = resolve;
  });
  onTestFinished(() => open());
  const on = await startProjects([cellar({ removing: () => held })]);
  const { id } = await on.create("Wine");
  await fill(on, id);
  const begun = await on.answer("DELETE", `/${id}`);
  expect([begun.status, begun.body.kind, begun.body.state]).toEqual([202, "delete", "running"]);
  expect(await on.ask("GET", `/${id}`)).toMatchObject({ state: "deleting" });
  expect(await on.left(id)).toEqual(["delete cellar waiting"]);
  // Whoever asks again is told of the same; nothing else can be done to it.
  expect((await on.ask<{ id: string }>("DELETE", `/${id}`)).id).toBe(begun.body.id);
  for (const [method, path] of [
    ["PATCH", ""],
    ["POST", "/archive"],
    ["POST", "/restore"],
  ] as const) {
    const { status, body } = await on.answer(method, `/${id}${path}`, method === "PATCH" ? { name: "x" } : undefined);
    expect([status, body.error.code]).toEqual([409, "CONFLICT"]);
  }
  expect(await barrels(on)).toBe(3);
  open();
  await expect.poll(async () => (await on.answer("GET", `/${id}`)).status).toBe(404);
  expect(await barrels(on)).toBe(0);
  const { rows } = await on.owner.query("select topic from devflow.event where key = $1 order by id", [id]);
  expect(rows.map(({ topic }) => topic)).toEqual([
    ...[topics.create, topics.delete, "cellar.project-part", "projects.deleted"],
  ]);
  // Its slug is free again.
  expect((await on.create("Wine")).slug).toBe("wine");
});

test("a service that fails is named with the reason, is asked again when somebody says so, and the deletion goes on", async () => {
  let broken = true;
  const removing = async () => {
    if (broken) throw new Error("the door is stuck");
  };
  const service = cellar({ removing });
  const impatient = {
    ...service,
    subscriptions: (service.subscriptions ?? []).map((one) => ({ ...one, attempts: 1 })),
  };
  const on = await startProjects([impatient]);
  const { id } = await on.create("Wine");
  await fill(on, id);
  await on.ask("DELETE", `/${id}`);
  await expect.poll(() => on.left(id)).toEqual(["delete cellar failed"]);
  expect((await on.changes(id))[0]?.parts[0]).toMatchObject({ service: "cellar", problem: "the door is stuck" });
  const { body } = {
    body: JSON.parse((await on.app.inject({ url: "/api/platform/feed", headers: on.me.headers })).body),
  };
  expect(body.needs).toEqual([
    expect.objectContaining({
      state: "failed",
      what: "The project Wine could not be deleted in cellar",
      why: "the door is stuck",
    }),
  ]);
  broken = false;
  await on.ask("POST", `/${id}/retry`);
  await expect.poll(async () => (await on.answer("GET", `/${id}`)).status).toBe(404);
  expect(await barrels(on)).toBe(0);
});

test("a service that needs long tells how much is left, again and again", async () => {
  const pause = Promise.withResolvers<void>();
  onTestFinished(() => pause.resolve());
  const on = await startProjects([
    cellar({ slowly: true, between: (left) => (left === 2 ? pause.promise : Promise.resolve()) }),
  ]);
  const { id } = await on.create("Wine");
  await fill(on, id, 5);
  await on.ask("DELETE", `/${id}`);
  await expect.poll(() => on.left(id)).toEqual(["delete cellar waiting 2 barrels"]);
  pause.resolve();
  await expect.poll(async () => (await on.answer("GET", `/${id}`)).status).toBe(404);
  expect(await barrels(on)).toBe(0);
});

test("a service that is down while a project is deleted removes its part when it is up again, or is given up by name", async () => {
  const { url, owner } = await cloneDatabase();
  const first = await startProjects([cellar()], { database: { url } });
  const [kept, lost] = [await first.create("Kept"), await first.create("Lost")];
  const filling = { ...first, owner };
  await fill(filling, kept.id);
  await fill(filling, lost.id);
  await first.app.close();

  const alone = await startProjects([], { database: { url }, me: first.me });
  await alone.ask("DELETE", `/${kept.id}`);
  await alone.ask("DELETE", `/${lost.id}`);
  expect(await alone.left(kept.id)).toEqual(["delete cellar waiting"]);
  const colleague = alone.colleague();
  const refused = await alone.answer("DELETE", `/${lost.id}/parts/cellar`, undefined, colleague);
  expect(refused.status).toBe(403);
  await alone.ask("DELETE", `/${lost.id}/parts/cellar`);
  expect((await alone.answer("GET", `/${lost.id}`)).status).toBe(404);
  expect((await owner.query("select from devflow.audit where action = 'project.part-given-up'")).rowCount).toBe(1);
  expect(await alone.left(kept.id)).toEqual(["delete cellar waiting"]);
  await alone.app.close();

  const again = await startProjects([cellar()], { database: { url }, me: first.me });
  await expect.poll(async () => (await again.answer("GET", `/${kept.id}`)).status).toBe(404);
  // It was asked before it was given up, and does its part all the same.
  await expect.poll(() => barrels({ owner })).toBe(0);
  await again.app.close();
});

test("of a rename and a deletion at once both are seen, or the rename is refused", async () => {
  const on = await startProjects([cellar()]);
  for (let round = 0; round < 8; round++) {
    const { id } = await on.create(`Wine ${round}`);
    const [rename, removal] = await Promise.all([
      on.answer("PATCH", `/${id}`, { name: "Vinegar" }),
      on.answer("DELETE", `/${id}`),
    ]);
    expect(removal.status).toBe(202);
    expect([200, 404, 409]).toContain(rename.status);
    await expect.poll(async () => (await on.answer("GET", `/${id}`)).status).toBe(404);
  }
  const { rows } = await on.owner.query("select from projects.change where state = 'running'");
  expect(rows).toEqual([]);
});
