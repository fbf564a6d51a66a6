import { expect, test } from "vitest";
import { knowledge } from "../../../glue-services/knowledge/app.ts";
import { build, cloneDatabase, person } from "../build.ts";
import { startProjects } from "./projects.ts";

test("projects that the knowledge service had keep ids, names and tasks, and everyone may do what they could", async () => {
  const { url, owner } = await cloneDatabase();
  const before = await build([knowledge()], { database: { url }, background: false });
  await before.app.close();
  const me = person();
  const titles = ["Öfen & Co", "Same", "same!", "same 2", "新", "new", "0b9e2f5e-1111-4111-8111-111111111111"];
  const { rows } = await owner.query<{ id: string; title: string }>(
    `insert into knowledge.project (organisation_id, title, created_by, created_at, archived_at)
     select $1, title, $2, now() + at * interval '1 s', case when at = 1 then now() end
     from unnest($3::text[]) with ordinality list (title, at) returning id, title`,
    [me.identity.organisation, me.identity.person, titles],
  );
  await owner.query(
    "insert into knowledge.task (organisation_id, project_id, title, place) select $1, id, 'Dig', 1 from knowledge.project",
    [me.identity.organisation],
  );
  const on = await startProjects([knowledge()], { database: { url }, me });
  const found = await on.ask<{ id: string; name: string; slug: string; state: string; role: string }[]>("GET", "");
  const byId = new Map(found.map((one) => [one.id, one]));
  expect(rows.map(({ id }) => byId.get(id)?.name)).toEqual(rows.map(({ title }) => title));
  expect(titles.map((title) => found.find(({ name }) => name === title)?.slug)).toEqual([
    ...["ofen-co", "same", "same-2", "same-2-2", "project", "new-project"],
    "0b9e2f5e-1111-4111-8111-111111111111-project",
  ]);
  expect(found.filter(({ state }) => state === "archived").map(({ name }) => name)).toEqual(["Öfen & Co"]);
  const developer = on.colleague();
  const { body } = await on.app.inject({ url: "/api/knowledge/projects?archived=true", headers: developer.headers });
  expect(JSON.parse(body).map(({ tasks }: { tasks: { todo: number } }) => tasks.todo)).toEqual(titles.map(() => 1));
  const active = rows.find(({ title }) => title === "Same")?.id;
  const tasks = `/api/knowledge/projects/${active}/tasks`;
  const made = await on.app.inject({
    method: "POST",
    url: tasks,
    headers: developer.headers,
    payload: { title: "More" },
  });
  expect(made.statusCode).toBe(201);
  await on.app.close();
});
