import { Value } from "typebox/value";
import { expect, test } from "vitest";
import { knowledge } from "../../../glue-services/knowledge/app.ts";
import { projectTools } from "../../../glue-services/knowledge/tools/projects.ts";
import { projectsContract } from "../../../glue-services/projects/contract.ts";
import { wholeNumbers } from "../../seeded.ts";
import { startProjects } from "./projects.ts";

/** Names of which nothing can be seen. */
const blanks = [" ", "\t", "\n", "\u00a0", "\u0085", "\u2003", "\u3000", "\u200b", "\u2060", "\ufeff"];

test("a name of which nothing can be seen is refused, by whichever way it comes", async () => {
  const on = await startProjects([knowledge()]);
  const made = await on.create("Wine");
  const projects = on.app.use(projectsContract);
  const who = on.me.identity;
  const seed = Math.floor(Math.random() * 2 ** 31);
  const below = wholeNumbers(seed);
  const drawn = Array.from({ length: 10 }, () =>
    Array.from({ length: 1 + below(5) }, () => blanks[below(blanks.length)]).join(""),
  );
  for (const name of [...blanks, ...drawn]) {
    const refused = { code: "INVALID" };
    const because = `${JSON.stringify(name)}, seed ${seed}`;
    expect(await on.answer("POST", "", { name }), because).toMatchObject({ status: 400, body: { error: refused } });
    expect(await on.answer("PATCH", `/${made.id}`, { name }), because).toMatchObject({ status: 400 });
    await expect(projects.create({ who, given: { name } }), because).rejects.toMatchObject(refused);
    await expect(projects.change({ who, project: made.id, change: { name } }), because).rejects.toMatchObject(refused);
    const url = "/api/knowledge/projects";
    const known = await on.app.inject({ method: "POST", url, headers: on.me.headers, payload: { title: name } });
    expect(known.statusCode, because).toBe(400);
  }
  expect(await on.ask("GET", "")).toMatchObject([{ name: "Wine" }]);
  await expect(on.owner.query("update projects.project set name = ' ' where id = $1", [made.id])).rejects.toMatchObject(
    {
      code: "23514",
    },
  );
});

test("no tool for agents takes a title of blanks", () => {
  const titled = projectTools(() => {
    throw new Error("No tool is called here.");
  }).filter(({ input }) => "title" in (input as { properties: object }).properties);
  expect(titled.map(({ name }) => name).sort()).toEqual(["manage_document", "manage_project", "manage_task"]);
  for (const { input } of titled) {
    expect(Value.Check(input, { action: "create", title: "Wine" })).toBe(true);
    expect(Value.Check(input, { action: "create", title: " " })).toBe(false);
  }
});
