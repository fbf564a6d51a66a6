import { expect, test } from "vitest";
import type { ProjectShown } from "../../../glue-services/projects/schemas.ts";
import { plantProject } from "./plant.ts";
import { startProjects } from "./projects.ts";

test("of 1,000 projects each person sees theirs, one is found by its slug by the index, and another gets a free slug", async () => {
  const on = await startProjects();
  const { organisation } = on.me.identity;
  await on.owner.query(
    `with made as (
       insert into projects.project (organisation_id, name, slug, everyone)
       select $1, 'Many', case n when 1 then 'many' else 'many-' || n end, case when n % 2 = 0 then 'member' end
       from generate_series(1, 1000) n returning id, slug)
     insert into projects.member (organisation_id, project_id, person_id, role)
     select $1, id, $2, 'viewer' from made where slug in ('many-3', 'many-5')`,
    [organisation, on.me.identity.person],
  );
  // Those of other organisations are not gone through.
  await on.owner.query(
    `insert into projects.project (organisation_id, name, slug)
     select uuidv7(), 'Theirs', 'theirs-' || n from generate_series(1, 20000) n`,
  );
  await on.owner.query("analyze projects.project; analyze projects.member");
  await plantProject(on.owner, organisation, { everyone: null });
  const count = async (path: string, who = on.me) => (await on.ask<ProjectShown[]>("GET", path, undefined, who)).length;
  expect(await count("")).toBe(1000);
  expect(await count("?words=many-99")).toBe(11);
  expect(await count("", on.colleague())).toBe(500);
  expect((await on.ask<ProjectShown>("GET", "/many-777")).slug).toBe("many-777");
  expect((await on.create("Many")).slug).toBe("many-1001");
  const { rows } = await on.owner.query<{ "QUERY PLAN": string }>(
    "explain select from projects.project where organisation_id = $1 and slug = 'many-777'",
    [organisation],
  );
  expect(rows.map((row) => row["QUERY PLAN"]).join("\n")).toMatch(/Index/);
});
