import { expect, test } from "vitest";
import { retryDeadLetters } from "../../../glue-services/kit/index.ts";
import { knowledge } from "../../../glue-services/knowledge/app.ts";
import { type Rig, startProjects } from "./projects.ts";

/** Delivers a project's event to the knowledge service once more, after all that came since. */
async function deliverLate({ owner }: Rig, project: string, what: "created" | "archived"): Promise<void> {
  const subscriber = `knowledge.project-${what}`;
  const { rows } = await owner.query<{ id: string; event: string }>(
    `insert into devflow.dead_letter (subscriber, event_id, key, attempts, error)
     select $1, id, key, 1, 'late' from devflow.event where topic = 'projects.' || $2 and key = $3
     returning id, event_id as event`,
    [subscriber, what, project],
  );
  expect(
    await retryDeadLetters(
      owner,
      rows.map(({ id }) => BigInt(id)),
    ),
  ).toBe(1);
  const open = async () =>
    (
      await owner.query("select from devflow.delivery where subscriber = $1 and event_id = $2", [
        subscriber,
        rows[0]?.event,
      ])
    ).rowCount;
  await expect.poll(open).toBe(0);
  expect((await owner.query("select from devflow.dead_letter where key = $1", [project])).rowCount).toBe(0);
}

/** The row that the knowledge service keeps of a project. */
async function kept({ owner }: Rig, project: string) {
  const { rows } = await owner.query<{ title: string; archived: boolean }>(
    "select title, archived_at is not null as archived from knowledge.project where id = $1",
    [project],
  );
  return rows[0];
}

test("what services are told of a project late, after something newer, undoes nothing", async () => {
  const on = await startProjects([knowledge()]);
  const { id } = await on.create("Wine");
  await expect.poll(() => on.left(id)).toEqual([]);
  await on.ask("POST", `/${id}/archive`);
  await expect.poll(() => kept(on, id)).toEqual({ title: "Wine", archived: true });
  await on.ask("POST", `/${id}/restore`);
  await expect.poll(() => kept(on, id)).toEqual({ title: "Wine", archived: false });
  await deliverLate(on, id, "archived");
  expect(await kept(on, id)).toEqual({ title: "Wine", archived: false });
  await on.ask("PATCH", `/${id}`, { name: "Vinegar" });
  await expect.poll(() => kept(on, id)).toEqual({ title: "Vinegar", archived: false });
  await deliverLate(on, id, "created");
  expect(await kept(on, id)).toEqual({ title: "Vinegar", archived: false });
  await on.ask("DELETE", `/${id}`);
  await expect.poll(async () => (await on.answer("GET", `/${id}`)).status).toBe(404);
  await deliverLate(on, id, "created");
  expect(await kept(on, id)).toBeUndefined();
});
