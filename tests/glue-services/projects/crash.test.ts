import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { cloneDatabase } from "../build.ts";
import { cellar } from "./cellar.ts";
import { startProjects } from "./projects.ts";

const program = fileURLToPath(new URL("crash-cellar.ts", import.meta.url));

test("a deletion goes on where it was when the host is killed in the middle, again and again, and each part is removed once", async () => {
  const { url, owner } = await cloneDatabase();
  // This host asks and looks, and does nothing of it by itself.
  const on = await startProjects([cellar({ slowly: true })], { database: { url }, background: false });
  // Its first host registers who takes part.
  const first = fork(program, [url], { stdio: "inherit" });
  const takers = async () => (await owner.query("select from devflow.takers('projects.deleting')")).rowCount;
  await expect.poll(takers).toBe(1);
  first.kill("SIGKILL");
  const { id } = await on.create("Wine");
  const kept = await on.create("Kept");
  const fill =
    "insert into cellar.barrel (organisation_id, project_id, name) select $1, $2, 'b' || n from generate_series(1, 60) n";
  for (const project of [id, kept.id]) await owner.query(fill, [on.me.identity.organisation, project]);
  const barrels = async () =>
    (await owner.query("select from cellar.barrel where project_id = $1", [id])).rowCount ?? 0;
  expect((await on.answer("DELETE", `/${id}`)).status).toBe(202);
  for (const left of [45, 20]) {
    const host = fork(program, [url], { stdio: "inherit" });
    await expect.poll(barrels, { interval: 10 }).toBeLessThan(left);
    host.kill("SIGKILL");
    await new Promise((resolve) => host.once("exit", resolve));
    const now = await barrels();
    expect(now).toBeGreaterThan(0);
    expect(await on.ask("GET", `/${id}`)).toMatchObject({ state: "deleting" });
    expect(await on.left(id)).toEqual([expect.stringMatching(/^delete cellar waiting/)]);
  }
  const last = fork(program, [url], { stdio: "inherit" });
  await expect.poll(async () => (await on.answer("GET", `/${id}`)).status).toBe(404);
  last.kill("SIGTERM");
  const { rows } = await owner.query(
    `select (select count(*)::int from cellar.barrel) as barrels,
       (select count(*)::int from devflow.event where topic = 'projects.deleted') as told,
       (select count(*)::int from devflow.audit where action = 'project.deleted') as entries,
       (select count(*)::int from projects.change where state = 'running' and project_id = $1) as running`,
    [id],
  );
  expect(rows).toEqual([{ barrels: 60, told: 1, entries: 1, running: 0 }]);
  await on.app.close();
});
