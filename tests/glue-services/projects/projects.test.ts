import { expect, test } from "vitest";
import type { ProjectShown } from "../../../glue-services/projects/schemas.ts";
import { person } from "../build.ts";
import { proveIsolation } from "../isolation.ts";
import { cellar } from "./cellar.ts";
import { startProjects } from "./projects.ts";

test("a project has a name, a slug that is an address, two environments, and whoever made it as its owner", async () => {
  const on = await startProjects();
  const made = await on.create("  Öl & Brot  ", { description: "Baking." });
  expect(made).toMatchObject({
    ...{ name: "Öl & Brot", slug: "oel-brot", description: "Baking.", state: "active", everyone: "member" },
    ...{ role: "owner", members: 1 },
  });
  expect(await on.ask("GET", `/${made.slug}`)).toEqual(made);
  expect(await on.ask("GET", `/${made.id}`)).toEqual(made);
  const names = async () =>
    (await on.ask<{ name: string }[]>("GET", `/${made.id}/environments`)).map(({ name }) => name);
  expect(await names()).toEqual(["production", "staging"]);
  const preview = await on.ask<{ id: string }>("POST", `/${made.id}/environments`, { name: "preview/12" });
  expect((await on.answer("POST", `/${made.id}/environments`, { name: "preview/12" })).status).toBe(409);
  expect((await on.answer("POST", `/${made.id}/environments`, { name: "preview/0" })).status).toBe(400);
  expect(await names()).toEqual(["production", "staging", "preview/12"]);
  await on.ask("DELETE", `/${made.id}/environments/${preview.id}`);
  expect(await names()).toEqual(["production", "staging"]);
});

test("a project is renamed, archived and restored, and each of it is an entry of the audit log", async () => {
  const on = await startProjects();
  const { id } = await on.create("Oven");
  expect(await on.ask("PATCH", `/${id}`, { name: "Kiln", slug: "kiln" })).toMatchObject({ name: "Kiln", slug: "kiln" });
  expect((await on.answer("GET", "/oven")).status).toBe(404);
  expect(await on.ask("POST", "/kiln/archive")).toMatchObject({ state: "archived" });
  const { status, body } = await on.answer("PATCH", "/kiln", { name: "Stove" });
  expect([status, body.error.code, body.error.hint]).toEqual([409, "CONFLICT", "Restore it first."]);
  expect(await on.ask("POST", "/kiln/archive")).toMatchObject({ state: "archived" });
  expect(await on.ask("GET", "?state=active")).toEqual([]);
  expect(await on.ask("POST", "/kiln/restore")).toMatchObject({ state: "active" });
  const { rows } = await on.owner.query("select action, target_name as name from devflow.audit order by id");
  expect(rows.map(({ action, name }) => `${action} ${name}`)).toEqual([
    ...["project.created Oven", "project.renamed Kiln", "project.archived Kiln", "project.restored Kiln"],
  ]);
});

test("of those who want one slug at once one gets it, and names alone find slugs of their own", async () => {
  const on = await startProjects();
  const wanting = Array.from({ length: 5 }, () => on.answer("POST", "", { name: "Same", slug: "same" }));
  expect((await Promise.all(wanting)).map(({ status }) => status).sort()).toEqual([201, 409, 409, 409, 409]);
  const named = await Promise.all(Array.from({ length: 12 }, () => on.create("Same")));
  const slugs = new Set(named.map(({ slug }) => slug));
  expect([slugs.size, slugs.has("same"), [...slugs].every((slug) => /^same-\d+$/.test(slug))]).toEqual([
    ...[12, false, true],
  ]);
  const other = await on.create("Other");
  expect((await on.answer("PATCH", `/${other.id}`, { slug: "same" })).status).toBe(409);
  // Another organisation has slugs of its own.
  expect((await on.create("Same", { slug: "same" }, person())).slug).toBe("same");
});

const hostile = [
  "..",
  ".",
  "new",
  "changes",
  "-a",
  "a-",
  "a--b",
  "A",
  "ä",
  "a/b",
  "a b",
  "a%2fb",
  "",
  "\u0000",
  "a".repeat(61),
];

test("what is no part of an address, or a page of its own there, is no slug", async () => {
  const on = await startProjects();
  for (const slug of hostile) {
    const { status, body } = await on.answer("POST", "", { name: "x", slug });
    expect({ slug, status, code: body.error.code }).toEqual({ slug, status: 400, code: "INVALID" });
  }
});

const names = [
  "../../etc/passwd",
  "<script>alert(1)</script>",
  "'; drop table project; --",
  "日本語",
  "🦊",
  "new",
  "   a   ",
];

test("a project may be called anything, and is found by it", async () => {
  const on = await startProjects();
  for (const name of [...names, "changes", "0b9e2f5e-1111-4111-8111-111111111111"]) {
    const made = await on.create(name);
    expect(made.name).toBe(name.trim());
    expect(made.slug).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*$/);
    expect(await on.ask("GET", `/${made.slug}`)).toEqual(made);
    const found = await on.ask<ProjectShown[]>("GET", `?words=${encodeURIComponent(name.trim())}`);
    expect(found.map(({ id }) => id)).toContain(made.id);
  }
});

test("nothing of a project reaches another organisation", async () => {
  const on = await startProjects([cellar()]);
  const made = await on.create("Mine");
  const stranger = person();
  for (const path of [made.id, made.slug, `${made.id}/members`, `${made.id}/changes`, `${made.id}/environments`]) {
    expect((await on.answer("GET", `/${path}`, undefined, stranger)).status).toBe(404);
  }
  for (const [method, path] of [
    ["DELETE", ""],
    ["PATCH", ""],
    ["POST", "/archive"],
    ["POST", "/retry"],
  ] as const) {
    const body = method === "PATCH" ? { name: "Theirs" } : undefined;
    expect((await on.answer(method, `/${made.id}${path}`, body, stranger)).status).toBe(404);
  }
  await on.ask("DELETE", `/${made.id}`);
  await on.create("Stays");
  await expect.poll(() => on.left(made.id)).toEqual([]);
  const database = { service: "projects", pool: on.pool };
  expect(await proveIsolation(on.owner, database)).toEqual(["change", "environment", "member", "part", "project"]);
});
